"""Microsoft.ContainerService over HTTP; clusters show their pools, however they were made."""

from functools import partial
from typing import Any

from localazure.arm.bodies import check
from localazure.arm.catalog import Call, ResourceType
from localazure.arm.context import Azure
from localazure.arm.errors import ArmError, conflict
from localazure.arm.lasting import LastingType, NestedType, by_location, status_type
from localazure.arm.operations import new_guid
from localazure.arm.resources import new_document
from localazure.services.containerservice import clusters, maintenance, pools
from localazure.services.containerservice.errors import fixed, last_pool, new_pool
from localazure.store import Record

PROVIDER = "Microsoft.ContainerService"
# Seconds; nobody has recorded them: orders of magnitude of the service.
CLUSTER = {"create": 300.0, "update": 120.0, "delete": 300.0}
POOL = {"create": 180.0, "update": 120.0, "delete": 180.0}


class Clusters(LastingType):
    """Managed clusters. A PUT writes the pools it names, and leaves the others as they are."""

    def shown(self, record: Record) -> dict[str, Any]:
        """With all its pools, oldest first."""
        children = reversed(self.azure.store.children(record.id, pools.TYPE))
        profiles = [{"name": child.name, **child.properties} for child in children]
        return record.document | {"properties": record.properties | {"agentPoolProfiles": profiles}}

    def busy(self, record: Record, state: str) -> ArmError:
        """As the service says it."""
        return operation_not_allowed(record, state)

    def fixed(self, name: str, path: str) -> ArmError:
        """As the service says it."""
        del name
        return fixed(path)

    def written(self, call: Call, record: Record) -> None:
        """Store the pools of the body; only a new cluster's body may bring any."""
        sent = check(clusters.ClusterBody, call.body).properties.agent_pool_profiles or []
        before = {pool.name.lower(): pool for pool in self.azure.store.children(record.id, pools.TYPE)}
        if before and (new := [pool.name for pool in sent if pool.name.lower() not in before]):
            raise new_pool(", ".join(new))
        for profile in sent:
            old = before.get(profile.name.lower())
            document = dict(old.document) if old else new_document(record, pools.TYPE, profile.name)
            properties = pools.pool_properties(self.azure, profile.name, profile, old)
            document["properties"] = {key: value for key, value in properties.items() if key != "name"}
            self.azure.store.put(Record(pools.TYPE, record.id, document))

    def finish(self, record: Record) -> None:
        """Names, issuer and the kubelet's identity appear once the cluster is there."""
        properties, location = record.properties, record.document["location"]
        properties.setdefault("fqdn", f"{properties['dnsPrefix']}-{new_guid()[:8]}.hcp.{location}.azmk8s.io")
        if properties.get("oidcIssuerProfile", {}).get("enabled"):
            issuer = f"https://{location}.oic.prod-aks.azure.com/{self.azure.tenant}/{new_guid()}/"
            properties["oidcIssuerProfile"].setdefault("issuerURL", issuer)
        if "identityProfile" not in properties:
            group = f"/subscriptions/{self.azure.subscription}/resourceGroups/{properties['nodeResourceGroup']}"
            identity = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{record.name}-agentpool"
            ids = {"resourceId": identity, "clientId": new_guid(), "objectId": new_guid()}
            properties["identityProfile"] = {"kubeletidentity": ids}


class Pools(LastingType):
    """Node pools of their own; the last system pool stays."""

    def busy(self, record: Record, state: str) -> ArmError:
        """As the service says it."""
        return operation_not_allowed(record, state)

    def fixed(self, name: str, path: str) -> ArmError:
        """As the service says it."""
        del name
        return fixed(f"properties.{path}")

    def refuse_delete(self, record: Record) -> None:
        """Refuse for the last system pool."""
        others = [pool for pool in self.azure.store.children(record.parent, pools.TYPE) if pool.key != record.key]
        if not any(pool.properties["mode"] == "System" for pool in others):
            raise last_pool()


def operation_not_allowed(record: Record, state: str) -> ArmError:
    """409 while an operation is under way."""
    message = f"Operation is not allowed: Another operation ({state}) is in progress on '{record.name}'."
    return conflict("OperationNotAllowed", message)


def resource_types(azure: Azure) -> list[ResourceType]:
    """Clusters, pools, maintenance configurations, and where operations are polled."""
    place = by_location(PROVIDER)
    body, build = clusters.ClusterBody, partial(clusters.build_cluster, azure)
    configuration = maintenance.ConfigurationBody
    return [
        Clusters(azure, clusters.TYPE, body, build, CLUSTER, place).resource_type(),
        Pools(azure, pools.TYPE, pools.PoolBody, partial(pools.build_pool, azure), POOL, place).resource_type(),
        NestedType(azure, maintenance.TYPE, configuration, maintenance.build_configuration).resource_type(),
        status_type(azure, f"{PROVIDER}/locations/operations"),
    ]
