"""For programs that use a running local Azure: where it is, and what points Azure's clients at it.

    ready = running(Path(".localazure"))
    subprocess.run(["python", "deploy.py"], env=os.environ | azure_variables(ready))

This module and the command `localazure` are the interface for others; everything else may change.
"""

import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from localazure.errors import UserError, not_running, other_version
from localazure.processes import Process, is_ours, processes

__all__ = [
    "LOOPBACK",
    "Process",
    "Ready",
    "UserError",
    "azure_variables",
    "export_lines",
    "identity_variables",
    "processes",
    "read_ready",
    "running",
    "told_by",
]

SECRETS = ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
LOOPBACK = "127.0.0.1,localhost"


@dataclass(frozen=True, slots=True)
class Ready:
    """What a running local Azure tells of itself in `<state>/ready.json` (mode 0600: it holds secrets)."""

    pid: int
    arm: str
    gateway: str
    blob: str
    control: str
    ca: Path
    ca_bundle: Path
    subscription_id: str
    tenant_id: str
    client_id: str
    client_secret: str
    identity_endpoint: str
    identity_header: str
    control_token: str

    @classmethod
    def parse(cls, told: Mapping[str, Any]) -> "Ready":
        """From the file's content; KeyError where a field is missing."""
        return cls(
            pid=int(told["pid"]),
            arm=told["arm"],
            gateway=told["gateway"],
            blob=told["blob"],
            control=told["control"],
            ca=Path(told["ca"]),
            ca_bundle=Path(told["caBundle"]),
            subscription_id=told["subscriptionId"],
            tenant_id=told["tenantId"],
            client_id=told["clientId"],
            client_secret=told["clientSecret"],
            identity_endpoint=told["identityEndpoint"],
            identity_header=told["identityHeader"],
            control_token=told["controlToken"],
        )


def told_by(state: Path) -> dict[str, Any] | None:
    """The ready.json of a process that runs and is the local Azure of `state`, of whatever version."""
    try:
        told: dict[str, Any] = json.loads((state / "ready.json").read_text(encoding="utf-8"))
        return told if is_ours(int(told["pid"]), state) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_ready(state: Path) -> Ready | None:
    """What the running local Azure of `state` tells of itself; None where none runs.

    Raises UserError L006 where the one that runs is of another version, and tells other things.
    """
    told = told_by(state)
    if told is None:
        return None
    try:
        return Ready.parse(told)
    except (KeyError, TypeError):
        raise other_version(told["pid"], state) from None


def running(state: Path) -> Ready:
    """As read_ready, but UserError L001 where none runs."""
    ready = read_ready(state)
    if ready is None:
        raise not_running(state)
    return ready


def identity_variables(ready: Ready) -> dict[str, str]:
    """What makes DefaultAzureCredential take the managed identity, as on App Service and as on Azure Machine Learning.

    The names of SECRETS must not be set beside it. Pulumi's provider keeps its own client (ARM_*).
    """
    return {
        "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
        "IDENTITY_ENDPOINT": ready.identity_endpoint,
        "IDENTITY_HEADER": ready.identity_header,
        "MSI_ENDPOINT": ready.identity_endpoint,
        "MSI_SECRET": ready.identity_header,
    }


def azure_variables(ready: Ready) -> dict[str, str]:
    """What points Azure's clients (SDK, azure-native, Terraform's names) at the local Azure, and at no other.

    AZUREML_CURRENT_CLOUD makes azure-ai-ml fail where it would fall back to the public cloud in silence;
    AZURE_TOKEN_CREDENTIALS keeps DefaultAzureCredential from asking others (public ones too) where this client fails.
    """
    login = {
        "SUBSCRIPTION_ID": ready.subscription_id,
        "TENANT_ID": ready.tenant_id,
        "CLIENT_ID": ready.client_id,
        "CLIENT_SECRET": ready.client_secret,
    }
    return {
        "ARM_METADATA_HOSTNAME": urlsplit(ready.arm).netloc,
        "ARM_CLOUD_METADATA_URL": f"{ready.arm}/metadata/endpoints?api-version=2019-05-01",
        "AZUREML_CURRENT_CLOUD": "LocalCloud",
        "AZURE_AUTHORITY_HOST": ready.arm,
        "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential",
        "REQUESTS_CA_BUNDLE": str(ready.ca_bundle),
        "SSL_CERT_FILE": str(ready.ca_bundle),
        **{f"{prefix}_{name}": value for name, value in login.items() for prefix in ("ARM", "AZURE")},
    }


def export_lines(
    ready: Ready,
    more: Mapping[str, str] | None = None,
    folders: Iterable[Path] = (),
    *,
    managed_identity: bool = False,
    unset: Iterable[str] = (),
) -> str:
    """Lines for a POSIX shell that point it at the local Azure; sourcing them twice changes nothing more.

    `more` are further variables, `folders` come first on PATH, `unset` goes. With `managed_identity` Azure's clients
    have no secret: they take the managed identity.
    """
    variables = azure_variables(ready) | dict(more or {})
    gone = list(unset)
    if managed_identity:
        variables = {name: value for name, value in variables.items() if name not in SECRETS}
        variables |= identity_variables(ready)
        gone += SECRETS
    lines = [f"export {name}={shlex.quote(value)}" for name, value in sorted(variables.items())]
    for name in ("NO_PROXY", "no_proxy"):
        lines.append(f'export {name}="{LOOPBACK}${{{name}:+,${name}}}"')
    for folder in folders:
        part = shlex.quote(str(folder))
        lines.append(f'case ":$PATH:" in *:{part}:*) ;; *) export PATH={part}:"$PATH" ;; esac')
    if gone:
        lines.append(f"unset {' '.join(gone)}")
    return "\n".join(lines) + "\n"
