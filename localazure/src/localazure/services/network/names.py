"""Type names of the service, and who stands on what."""

import json

from localazure.arm.context import Azure
from localazure.services.network.errors import no_such
from localazure.store import Record

PROVIDER = "Microsoft.Network"
NETWORK = f"{PROVIDER}/virtualNetworks"
SUBNET = f"{NETWORK}/subnets"
SECURITY_GROUP = f"{PROVIDER}/networkSecurityGroups"
ROUTE_TABLE = f"{PROVIDER}/routeTables"
ENDPOINT = f"{PROVIDER}/privateEndpoints"
ZONE_GROUP = f"{ENDPOINT}/privateDnsZoneGroups"
POLICY = f"{PROVIDER}/firewallPolicies"
RULE_GROUP = f"{POLICY}/ruleCollectionGroups"
ZONE = f"{PROVIDER}/privateDnsZones"
LINK = f"{ZONE}/virtualNetworkLinks"
POOL = "Microsoft.ContainerService/managedClusters/agentPools"
COMPUTE = "Microsoft.MachineLearningServices/workspaces/computes"
IN_SUBNETS = (ENDPOINT, POOL, COMPUTE)


def require_named(azure: Azure, path: str, reference: str, type_name: str) -> Record:
    """The resource of that type that a body names at `path`; raises ArmError 400."""
    record = azure.store.get(reference)
    if record is None or record.type.lower() != type_name.lower():
        raise no_such(path, reference)
    return record


def users(azure: Azure, target: str, *types: str) -> list[Record]:
    """Resources of these types whose document names `target` as a whole value."""
    wanted = json.dumps(target.lower())
    everywhere = f"/subscriptions/{azure.subscription}"
    found = [record for name in types for record in azure.store.of_type(name, everywhere)]
    return [
        record for record in found if wanted in json.dumps(record.document).lower() and record.key != target.lower()
    ]
