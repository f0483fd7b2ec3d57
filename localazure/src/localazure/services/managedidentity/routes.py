"""Microsoft.ManagedIdentity over HTTP."""

from functools import partial

from localazure.arm.bodies import Body, TrackedResource
from localazure.arm.catalog import ResourceType
from localazure.arm.context import Azure
from localazure.arm.ids import ResourceId
from localazure.arm.lasting import NestedType
from localazure.arm.operations import new_guid
from localazure.arm.resources import Made, PlainType
from localazure.services.managedidentity import federation
from localazure.store import Record

TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities"


class Properties(Body):
    """A user-assigned identity has no properties to set."""

    read_only = frozenset({"principalId", "clientId", "tenantId"})


class IdentityBody(TrackedResource):
    """PUT of a user-assigned identity."""

    properties: Properties | None = None


def resource_types(azure: Azure) -> list[ResourceType]:
    """User-assigned identities, whose principal and client ids are made once, and whose tokens they take."""

    def build(identity: ResourceId, body: IdentityBody, before: Record | None) -> Made:
        del identity, body
        made = {"principalId": new_guid(), "clientId": new_guid(), "tenantId": azure.tenant}
        return Made(before.properties if before else made)

    return [
        PlainType(azure, TYPE, IdentityBody, build).resource_type(),
        NestedType(azure, federation.TYPE, federation.CredentialBody, partial(federation.build, azure)).resource_type(),
    ]
