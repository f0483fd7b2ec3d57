"""Computes, outbound rules and the managed network over HTTP."""

from functools import partial

from localazure.arm.bodies import Body, Flag, check
from localazure.arm.catalog import Call, Reply, ResourceType
from localazure.arm.context import Azure
from localazure.arm.errors import ArmError, bad_request, conflict
from localazure.arm.ids import ResourceId
from localazure.arm.lasting import BUSY, LastingType, by_location, status_type
from localazure.arm.resources import require
from localazure.services.machinelearning import computes, managed_network, names
from localazure.services.machinelearning.compute_bodies import ComputeBody
from localazure.services.machinelearning.errors import busy
from localazure.store import Record

# Seconds; nobody has recorded them: orders of magnitude of the service.
COMPUTE = {"create": 60.0, "update": 30.0, "delete": 60.0}
RULE = {"create": 60.0, "update": 60.0, "delete": 60.0}
COMPUTE_STATUS = "computeOperationsStatus"
RULE_STATUS = "workspaceOperationsStatus"
ACTIONS = {"delete", "detach"}


class ProvisionBody(Body):
    """POST provisionManagedNetwork."""

    include_spark: Flag | None = None


class Computes(LastingType):
    """Computes; a deletion says what becomes of what is beneath, and a cluster is attached once."""

    async def put(self, call: Call) -> Reply:
        """Make one, or change a training cluster; an attachment is not repeated (DEVIATIONS.md)."""
        before = self.azure.store.get(call.id.text)
        if before is not None and before.properties["isAttachedCompute"]:
            message = (
                f"The compute '{before.name}' is attached already. Detach it, then attach it with the new settings."
            )
            raise bad_request("BadRequest", message)
        return await super().put(call)

    async def delete(self, call: Call) -> Reply:
        """Detach, or delete; the query says which."""
        if call.query.get("underlyingresourceaction", "").lower() not in ACTIONS:
            message = "The query parameter underlyingResourceAction is required: Delete or Detach."
            raise bad_request("MissingParameter", message)
        return await super().delete(call)

    def busy(self, record: Record, state: str) -> ArmError:
        """As the service says it."""
        return busy("compute", record.name, state)

    def refuse_delete(self, record: Record) -> None:
        """Refuse while online endpoints are on it."""
        if found := computes.users(self.azure, record):
            on = ", ".join(endpoint.name for endpoint in found)
            raise conflict(
                "ComputeInUse", f"The compute '{record.name}' has online endpoints: {on}. Delete them first."
            )


class Rules(LastingType):
    """Outbound rules: the managed network takes one change at a time."""

    def refuse_busy(self, resource: ResourceId) -> None:
        """Raises 409 while any rule of the workspace is under way."""
        super().refuse_busy(resource)
        for other in self.azure.store.children(resource.parent, self.name):
            if (state := other.properties["provisioningState"]) in BUSY:
                raise busy("outbound rule", other.name, state)


def compute_types(azure: Azure) -> list[ResourceType]:
    """Computes, outbound rules, and where their operations are polled."""
    on_computes = by_location(names.PROVIDER, COMPUTE_STATUS)
    rule_build = partial(managed_network.build_rule, azure)
    rules = Rules(azure, managed_network.RULE, managed_network.RuleBody, rule_build, RULE, _rule_status)
    build = partial(computes.build, azure)
    return [
        Computes(azure, computes.TYPE, ComputeBody, build, COMPUTE, on_computes).resource_type(),
        rules.resource_type(),
        *(status_type(azure, f"{names.PROVIDER}/locations/{kind}") for kind in (COMPUTE_STATUS, RULE_STATUS)),
    ]


async def provision_network(azure: Azure, call: Call) -> Reply:
    """POST provisionManagedNetwork: the network is there from now on."""
    sent = check(ProvisionBody, call.body if call.body is not None else {})
    workspace = require(azure, call.id)
    network = workspace.properties["managedNetwork"]
    if network.get("isolationMode", "Disabled") == "Disabled":
        raise bad_request("ValidationError", f"The workspace '{workspace.name}' has no managed network.")
    network["status"] = {"status": "Active", "sparkReady": bool(sent.include_spark)}
    azure.store.put(workspace)
    return Reply(200, network["status"])


def _rule_status(record: Record, name: str) -> str:
    subscription = "/".join(record.id.split("/")[:3])
    return f"{subscription}/providers/{names.PROVIDER}/locations/global/{RULE_STATUS}/{name}"
