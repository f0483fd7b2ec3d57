"""Storage accounts: what a PUT may say, what a GET answers. Blobs of every account live in the local Azurite."""

import base64
import re
import secrets
from typing import Any

from localazure.arm.bodies import Body, Child, Flag, Identity, Open, Sku, Text, TrackedResource, Whole
from localazure.arm.errors import bad_request
from localazure.arm.ids import ResourceId
from localazure.arm.resources import Made
from localazure.store import Record

TYPE = "Microsoft.Storage/storageAccounts"
BLOBS = f"{TYPE}/blobServices"
NAME = re.compile(r"[a-z0-9]{3,24}")
READ_ONLY = frozenset(
    {"provisioningState", "primaryEndpoints", "primaryLocation", "statusOfPrimary", "creationTime", "keyCreationTime"}
)


class NetworkRules(Body):
    """Who may reach the account."""

    default_action: Text
    bypass: Text | None = None
    ip_rules: list[Open] | None = None
    virtual_network_rules: list[Open] | None = None
    resource_access_rules: list[Open] | None = None


class Encryption(Body):
    """Encryption at rest."""

    services: Open | None = None
    key_source: Text | None = None
    keyvaultproperties: Open | None = None
    identity: Open | None = None
    require_infrastructure_encryption: Flag | None = None


class Properties(Body):
    """Properties of a storage account."""

    read_only = READ_ONLY
    access_tier: Text | None = None
    allow_blob_public_access: Flag | None = None
    allow_cross_tenant_replication: Flag | None = None
    allow_shared_key_access: Flag | None = None
    allowed_copy_scope: Text | None = None
    default_to_o_auth_authentication: Flag | None = None
    dns_endpoint_type: Text | None = None
    encryption: Encryption | None = None
    is_hns_enabled: Flag | None = None
    is_local_user_enabled: Flag | None = None
    is_nfs_v3_enabled: Flag | None = None
    is_sftp_enabled: Flag | None = None
    key_policy: Open | None = None
    large_file_shares_state: Text | None = None
    minimum_tls_version: Text | None = None
    network_acls: NetworkRules | None = None
    public_network_access: Text | None = None
    routing_preference: Open | None = None
    sas_policy: Open | None = None
    supports_https_traffic_only: Flag | None = None


class AccountBody(TrackedResource):
    """PUT of a storage account."""

    sku: Sku
    kind: Text
    identity: Identity | None = None
    properties: Properties = Properties()


def build(account: ResourceId, body: AccountBody, before: Record | None) -> Made:
    """The account's document; keys are made once."""
    if NAME.fullmatch(account.name) is None:
        raise bad_request(
            "AccountNameInvalid",
            f"{account.name} is not a valid storage account name. Storage account name must be between 3 and 24 "
            "characters in length and use numbers and lower-case letters only.",
        )
    properties: dict[str, Any] = {
        "provisioningState": "Succeeded",
        "accessTier": "Hot",
        "supportsHttpsTrafficOnly": True,
        "minimumTlsVersion": "TLS1_0",
        "primaryLocation": body.location.lower().replace(" ", ""),
        "statusOfPrimary": "available",
        "networkAcls": {"bypass": "AzureServices", "virtualNetworkRules": [], "ipRules": [], "defaultAction": "Allow"},
        "encryption": {"keySource": "Microsoft.Storage"},
        "primaryEndpoints": {"blob": f"https://{account.name}.blob.core.windows.net/"},
    }
    properties |= body.properties.sent()
    sku = {"name": body.sku.name, "tier": body.sku.name.split("_")[0]}
    private = {} if before else {"keys": {"key1": new_key(), "key2": new_key()}}
    return Made(properties, {"sku": sku, "kind": body.kind}, private)


class Retention(Body):
    """For how many days what was deleted can be had back."""

    enabled: Flag | None = None
    days: Whole | None = None
    allow_permanent_delete: Flag | None = None


class BlobServiceProperties(Body):
    """How an account treats its blobs."""

    cors: Open | None = None
    default_service_version: Text | None = None
    delete_retention_policy: Retention | None = None
    container_delete_retention_policy: Retention | None = None
    is_versioning_enabled: Flag | None = None
    change_feed: Open | None = None
    restore_policy: Open | None = None
    last_access_time_tracking_policy: Open | None = None


class BlobServiceBody(Child):
    """PUT of the blob service."""

    properties: BlobServiceProperties = BlobServiceProperties()


def build_blobs(service: ResourceId, body: BlobServiceBody, before: Record | None) -> Made:
    """The service's document: an account has one, named default."""
    del before
    if service.name != "default":
        raise bad_request("InvalidRequestPropertyValue", f"A blob service is named default, not '{service.name}'.")
    for key, policy in body.properties.sent().items():
        days = policy.get("days") if isinstance(policy, dict) else None
        if days is not None and not 1 <= days <= 365:
            raise bad_request("InvalidRequestPropertyValue", f"{key}.days must be 1 to 365, got {days}.")
    return Made({"cors": {"corsRules": []}, "deleteRetentionPolicy": {"enabled": False}, **body.properties.sent()})


def new_key() -> str:
    """A random account key, 64 bytes in base64."""
    return base64.b64encode(secrets.token_bytes(64)).decode()


def keys_document(record: Record) -> dict[str, Any]:
    """What listKeys answers."""
    keys = record.private["keys"]
    return {"keys": [{"keyName": name, "value": value, "permissions": "FULL"} for name, value in keys.items()]}
