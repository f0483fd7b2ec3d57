"""The certificate authority."""

import ssl
from pathlib import Path

import certifi
from cryptography import x509

from localazure.ca import ensure_ca


def test_it_is_made_once(tmp_path: Path) -> None:
    """A second start has the same authority, and the key is for its owner alone."""
    first = ensure_ca(tmp_path)
    told = first.ca.read_bytes(), first.cert.read_bytes()
    assert ensure_ca(tmp_path) == first
    assert (first.ca.read_bytes(), first.cert.read_bytes()) == told
    assert first.key.stat().st_mode & 0o777 == 0o600


def test_certificate_is_for_the_loopback_address(tmp_path: Path) -> None:
    """Clients connect by address, so the address is in the certificate."""
    cert = x509.load_pem_x509_certificate(ensure_ca(tmp_path).cert.read_bytes())
    names = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_bundle_has_the_public_authorities_too(tmp_path: Path) -> None:
    """A client that trusts the bundle still reaches what it reached before."""
    files = ensure_ca(tmp_path)
    context = ssl.create_default_context(cafile=str(files.bundle))
    public = ssl.create_default_context(cafile=certifi.where())
    assert len(context.get_ca_certs()) == len(public.get_ca_certs()) + 1
