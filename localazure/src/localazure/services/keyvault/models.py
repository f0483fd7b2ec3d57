"""Key vaults: what a PUT may say, what a GET answers. There is no data plane: no secret, no key, no certificate."""

import re
from typing import Any, Literal

from localazure.arm.bodies import Body, Flag, Open, Text, TrackedResource, Whole
from localazure.arm.errors import bad_request
from localazure.arm.ids import ResourceId
from localazure.arm.resources import Made
from localazure.store import Record

TYPE = "Microsoft.KeyVault/vaults"
NAME = re.compile(r"[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]")


class VaultSku(Body):
    """`{family: A, name: standard | premium}`."""

    family: Text
    name: Text


class Properties(Body):
    """Properties of a vault."""

    read_only = frozenset({"provisioningState", "vaultUri", "hsmPoolResourceId", "privateEndpointConnections"})
    sku: VaultSku
    tenant_id: Text
    access_policies: list[Open] | None = None
    create_mode: Literal["default", "recover"] | None = None
    enable_purge_protection: Flag | None = None
    enable_rbac_authorization: Flag | None = None
    enable_soft_delete: Flag | None = None
    enabled_for_deployment: Flag | None = None
    enabled_for_disk_encryption: Flag | None = None
    enabled_for_template_deployment: Flag | None = None
    network_acls: Open | None = None
    public_network_access: Text | None = None
    soft_delete_retention_in_days: Whole | None = None


class VaultBody(TrackedResource):
    """PUT of a vault."""

    properties: Properties


def build(vault: ResourceId, body: VaultBody, before: Record | None) -> Made:
    """The vault's document."""
    if NAME.fullmatch(vault.name) is None:
        raise bad_request(
            "VaultNameNotValid", f"The vault name '{vault.name}' is invalid: 3-24 letters, digits, dashes."
        )
    sent = body.properties.sent()
    sent.pop("createMode", None)  # it says what to do, and is never shown
    if not sent.get("enableRbacAuthorization") and "accessPolicies" not in sent:
        message = "The parameter accessPolicies is not specified, and enableRbacAuthorization is not true."
        raise bad_request("BadRequest", message)
    del before
    properties: dict[str, Any] = {
        "accessPolicies": [],
        "enabledForDeployment": False,
        "enableSoftDelete": True,
        "softDeleteRetentionInDays": 90,
        "vaultUri": f"https://{vault.name}.vault.azure.net/",
        "publicNetworkAccess": "Enabled",
        "provisioningState": "Succeeded",
    }
    return Made(properties | sent)
