"""Container registries: what a PUT may say, what a GET answers. No images are kept."""

import re
import secrets
from typing import Any

from localazure.arm.bodies import Body, Flag, Identity, Open, Sku, Text, TrackedResource
from localazure.arm.errors import bad_request
from localazure.arm.ids import ResourceId
from localazure.arm.resources import Made
from localazure.store import Record

TYPE = "Microsoft.ContainerRegistry/registries"
NAME = re.compile(r"[a-zA-Z0-9]{5,50}")
TIERS = ("Basic", "Standard", "Premium")


class Properties(Body):
    """Properties of a registry."""

    read_only = frozenset({"provisioningState", "loginServer", "creationDate", "status", "privateEndpointConnections"})
    admin_user_enabled: Flag | None = None
    anonymous_pull_enabled: Flag | None = None
    data_endpoint_enabled: Flag | None = None
    encryption: Open | None = None
    network_rule_bypass_options: Text | None = None
    network_rule_set: Open | None = None
    policies: Open | None = None
    public_network_access: Text | None = None
    zone_redundancy: Text | None = None


class RegistryBody(TrackedResource):
    """PUT of a registry."""

    sku: Sku
    identity: Identity | None = None
    properties: Properties = Properties()


def build(registry: ResourceId, body: RegistryBody, before: Record | None) -> Made:
    """The registry's document."""
    if NAME.fullmatch(registry.name) is None:
        message = f"The registry name '{registry.name}' is invalid: 5-50 letters and digits."
        raise bad_request("InvalidParameter", message)
    if body.sku.name not in TIERS:
        raise bad_request("InvalidParameter", f"The SKU '{body.sku.name}' is none of {', '.join(TIERS)}.")
    sent = body.properties.sent()
    if body.sku.name != "Premium" and sent.get("publicNetworkAccess") == "Disabled":
        message = "Disabling public network access is available for the SKU Premium only."
        raise bad_request("InvalidParameter", message)
    properties: dict[str, Any] = {
        "loginServer": f"{registry.name.lower()}.azurecr.io",
        "provisioningState": "Succeeded",
        "adminUserEnabled": False,
        "anonymousPullEnabled": False,
        "publicNetworkAccess": "Enabled",
        "networkRuleBypassOptions": "AzureServices",
        "zoneRedundancy": "Disabled",
    }
    passwords = {"password": secrets.token_urlsafe(32), "password2": secrets.token_urlsafe(32)}
    sku = {"name": body.sku.name, "tier": body.sku.name}
    return Made(properties | sent, {"sku": sku}, {} if before else {"passwords": passwords})


def credentials_document(record: Record) -> dict[str, Any]:
    """What listCredentials answers; refused unless the admin user is enabled."""
    if not record.properties.get("adminUserEnabled"):
        message = "Cannot perform the operation because admin user is disabled."
        raise bad_request("UnAuthorizedForCredentialOperations", message)
    passwords = [{"name": name, "value": value} for name, value in record.private["passwords"].items()]
    return {"username": record.name, "passwords": passwords}
