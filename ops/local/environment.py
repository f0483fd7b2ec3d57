"""The environment of a client of the local Azure: as values for subprocesses, and as lines for a shell."""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from ops.paths import VENV_BIN, cache_dir

SECRETS = ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
LOOPBACK = "127.0.0.1,localhost"


@dataclass(frozen=True, slots=True)
class Ready:
    """What a running local Azure tells of itself in `<state>/ready.json`."""

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
    """What points Azure's clients (SDK, azure-native, this project's commands) at the local Azure, and at no other.

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


def pulumi_variables(state: Path) -> dict[str, str]:
    """What makes the engine keep all it keeps in `state`, ask nothing and fetch nothing."""
    return {
        "PULUMI_HOME": str(state / "pulumi-home"),
        "PULUMI_BACKEND_URL": f"file://{quote(str(state / 'stacks'))}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PYTHONPYCACHEPREFIX": str(cache_dir() / "pycache"),
    }


def client_environment(
    ready: Ready, state: Path, engine: Path, base: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The whole environment of a client's subprocess; `engine` is the folder with pulumi, `base` this process' own."""
    environment = dict(os.environ if base is None else base)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    path = [str(VENV_BIN), str(engine), *environment.get("PATH", "").split(os.pathsep)]
    no_proxy = {name: joined(LOOPBACK, environment.get(name, "")) for name in ("NO_PROXY", "no_proxy")}
    own = {"PATH": os.pathsep.join(dict.fromkeys(part for part in path if part)), **no_proxy}
    return environment | azure_variables(ready) | pulumi_variables(state) | own


def joined(first: str, rest: str) -> str:
    """Two comma-separated lists as one, without doubles."""
    return ",".join(dict.fromkeys(part for part in f"{first},{rest}".split(",") if part))


def export_lines(ready: Ready, state: Path, engine: Path, managed_identity: bool = False) -> str:
    """Lines for a POSIX shell that set the same: fit for `source <state>/env`, also twice.

    With `managed_identity` Azure's clients have no secret: they take the managed identity.
    """
    variables = azure_variables(ready) | pulumi_variables(state)
    unset = ["PYTHONDONTWRITEBYTECODE"]
    if managed_identity:
        variables = {name: value for name, value in variables.items() if name not in SECRETS}
        variables |= identity_variables(ready)
        unset += SECRETS
    lines = [f"export {name}={shlex.quote(value)}" for name, value in sorted(variables.items())]
    for name in ("NO_PROXY", "no_proxy"):
        lines.append(f'export {name}="{LOOPBACK}${{{name}:+,${name}}}"')
    for folder in (engine, VENV_BIN):
        part = shlex.quote(str(folder))
        lines.append(f'case ":$PATH:" in *:{part}:*) ;; *) export PATH={part}:"$PATH" ;; esac')
    return "\n".join([*lines, f"unset {' '.join(unset)}"]) + "\n"
