"""The provider's configuration: `azure-native:<key>` of the stack, else the environment's ARM_ variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_ENVIRONMENT = {
    "subscriptionId": ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"),
    "tenantId": ("ARM_TENANT_ID", "AZURE_TENANT_ID"),
    "clientId": ("ARM_CLIENT_ID", "AZURE_CLIENT_ID"),
    "clientSecret": ("ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET"),
    "metadataHost": ("ARM_METADATA_HOSTNAME",),
    "location": ("ARM_LOCATION",),
}
_NEEDED = ("metadataHost", "subscriptionId", "tenantId", "clientId", "clientSecret")


class ConfigurationError(Exception):
    """A setting is missing; the message names each one and how to set it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where ARM is and who asks; `ca_file` holds the certificate authorities to trust (empty: the system's)."""

    metadata_host: str
    subscription_id: str
    tenant_id: str
    client_id: str
    client_secret: str = field(repr=False)
    location: str = ""
    ca_file: str = ""


def read_settings(config: Mapping[str, str], environment: Mapping[str, str]) -> Settings:
    """Reads the provider's configuration; `ConfigurationError` names all that is missing.

    The stand-in has no default ARM: without `metadataHost` it refuses, so that it never reaches an Azure by accident.
    """
    values = {key: _value(key, config, environment) for key in _ENVIRONMENT}
    if missing := [key for key in _NEEDED if not values[key]]:
        lines = (f"azure-native:{key} (or {_ENVIRONMENT[key][0]})" for key in missing)
        raise ConfigurationError(
            f"the stand-in for azure-native is not configured; missing: {', '.join(lines)}. "
            "`localazure env` prints them for the local Azure"
        )
    return Settings(
        metadata_host=values["metadataHost"].removeprefix("https://").rstrip("/"),
        subscription_id=values["subscriptionId"],
        tenant_id=values["tenantId"],
        client_id=values["clientId"],
        client_secret=values["clientSecret"],
        location=values["location"],
        ca_file=environment.get("SSL_CERT_FILE", ""),
    )


def _value(key: str, config: Mapping[str, str], environment: Mapping[str, str]) -> str:
    return config.get(key) or next((environment[name] for name in _ENVIRONMENT[key] if environment.get(name)), "")
