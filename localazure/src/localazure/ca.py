"""The certificate authority of one state folder: made once, so clients' bundles stay good over a restart."""

import os
from dataclasses import dataclass
from pathlib import Path

import certifi
import trustme

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files: the authority, the public authorities with it, the server's chain and its key (0600)."""

    ca: Path
    bundle: Path
    cert: Path
    key: Path


def ensure_ca(state: Path) -> Certificates:
    """Make or load the authority and a certificate for 127.0.0.1 under `state`/ca.

    The bundle is written anew each time: the public authorities may have changed.
    """
    folder = state / "ca"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = Certificates(folder / "ca.pem", folder / "bundle.pem", folder / "server.pem", folder / "server.key")
    if not (files.ca.exists() and files.cert.exists() and files.key.exists()):
        authority = trustme.CA(organization_name="safe-rollout local Azure")
        issued = authority.issue_cert(HOST, "localhost")
        _write(files.key, issued.private_key_pem.bytes())
        _write(files.cert, b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        _write(files.ca, authority.cert_pem.bytes())
    _write(files.bundle, Path(certifi.where()).read_bytes() + b"\n" + files.ca.read_bytes())
    return files


def _write(path: Path, content: bytes) -> None:
    part = path.with_suffix(f"{path.suffix}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    part.rename(path)
