"""User-assigned identities and what they may do, granted before anything uses them; custom roles for people."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi.runtime import invoke_async
from pulumi_azure_native import authorization, managedidentity

from components.foundation import Foundation, Home, ImageStore, id_of
from components.options import AZURE_NATIVE_VERSION, TYPE_PREFIX, child
from rollout.existing import Completed
from settings import names
from settings.stack import Stack

_GET_ASSIGNMENT = "azure-native:authorization:getRoleAssignment"
_OPTIONS = pulumi.InvokeOptions(version=AZURE_NATIVE_VERSION)

# Built-in roles by their fixed ids. Source: Azure RBAC, built-in roles.
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
FILE_CONTRIBUTOR = "69566ab7-960f-475b-8e7c-b3118f30c6bd"
KEY_VAULT_ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
METRICS_WRITER = "635dd51f-9968-44d3-b7fb-6d9a6bd613ae"
NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
NETWORK_APPROVER = "b556d68e-0be0-4f35-a333-ad7ee1ce17ea"
# What a workspace's identity needs on a cluster before that is attached.
ATTACHES = (
    "acdd72a7-3385-48ef-bd42-f606fba81ae7",  # Reader
    "85cb6faf-e071-4c9b-8136-154b5a04f717",  # Kubernetes Extension Contributor
    "0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8",  # Azure Kubernetes Service Cluster Admin
)


@dataclass(frozen=True, slots=True)
class Scope:
    """A resource that a role is granted on; `key` names it in URNs and in the assignment's GUID."""

    key: str
    id: pulumi.Input[str]
    after: Sequence[pulumi.Resource]


def grant(
    parent: pulumi.Resource, name: str, stack: Stack, role: str, principal: pulumi.Input[str], scope: Scope
) -> authorization.RoleAssignment:
    """One role for one identity on one resource. The assignment's name is a GUID of who, what and where."""
    assignment = names.guid(stack.workspace.resource_group, stack.workspace.name, name, role, scope.key)
    return authorization.RoleAssignment(
        name,
        role_assignment_name=assignment,
        scope=scope.id,
        principal_id=_in_preview(principal, scope.id, assignment) if pulumi.runtime.is_dry_run() else principal,
        # Said, so that Azure does not look for an identity that has not reached every directory yet.
        principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
        role_definition_id=role_id(role),
        opts=child(parent, pulumi.ResourceOptions(depends_on=scope.after)),
    )


def role_id(role: str) -> pulumi.Output[str]:
    """The resource id of a built-in role in the subscription at hand."""
    subscription = authorization.get_client_config_output().subscription_id
    return pulumi.Output.format(
        "/subscriptions/{0}/providers/Microsoft.Authorization/roleDefinitions/{1}", subscription, role
    )


def _in_preview(principal: pulumi.Input[str], scope: pulumi.Input[str], assignment: str) -> pulumi.Output[str]:
    """The principal; where an update makes it unknown until it is made, the one that has the role now.

    In a preview azure-native knows nothing of what an update will give. A tag of an identity, or a new version of a
    cluster, would make each of its roles look replaced, which `up` then does not do.
    """
    given, place = pulumi.Output.from_input(principal), pulumi.Output.from_input(scope)

    async def look() -> str | None:
        if await given.is_known():
            return await given.future()
        where = await place.future() if await place.is_known() else None
        if where is None:
            return None
        try:
            found = await invoke_async(_GET_ASSIGNMENT, {"scope": where, "roleAssignmentName": assignment}, _OPTIONS)
        except Exception:  # noqa: BLE001 - the SDK raises nothing narrower, and what can't be read stays unknown
            return None
        return str(found["principalId"]) if found else None

    async def is_known() -> bool:
        return await found is not None

    async def value() -> str:
        return await found or ""

    found = asyncio.ensure_future(look())
    known = asyncio.ensure_future(is_known())
    return pulumi.Output(given.resources(), asyncio.ensure_future(value()), known, given.is_secret())


class Identities(pulumi.ComponentResource):
    """The stack's user-assigned identities with their roles on storage, vault and registry.

    `ids` are resource ids by name. `grants` holds all role assignments made so far: what uses an identity depends on
    them. The role on the workspace itself comes by `grant_on_workspace`, once that stands; those on a cluster by
    `federate`. A workspace's own identity gets the like from Azure.

    Source: Azure ML, user-assigned managed identity (table of roles); managed virtual network; attach a cluster.
    """

    def __init__(
        self,
        name: str,
        used: Completed,
        base: Foundation,
        registry: ImageStore,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TYPE_PREFIX}:Identities", name, None, opts)
        stack = used.stack
        self._name, self._stack = name, stack
        self.ids: dict[str, pulumi.Output[str]] = {}
        self.principals: dict[str, pulumi.Output[str]] = {}
        self.clients: dict[str, pulumi.Output[str]] = {}
        self.grants: list[pulumi.Resource] = []
        storage, vault = Scope("storage", base.storage_id, base.after), Scope("vault", base.key_vault_id, base.after)
        images = Scope("registry", registry.registry_id, registry.after)
        insights = Scope("insights", base.insights_id, base.after)
        by_purpose: dict[str, Sequence[tuple[str, Scope]]] = {
            "endpoint": ((ACR_PULL, images), (BLOB_READER, storage)),
            "workspace": (
                (CONTRIBUTOR, storage),
                (BLOB_CONTRIBUTOR, storage),
                (FILE_CONTRIBUTOR, storage),
                (KEY_VAULT_ADMINISTRATOR, vault),
                (CONTRIBUTOR, vault),
                (CONTRIBUTOR, images),
                (CONTRIBUTOR, insights),
            ),
            "none": (),
        }
        for key, wanted in sorted(stack.identities.items()):
            if wanted.existing is None:
                self._identity(key, base)
            else:
                self._theirs(key, used)
            for role, scope in by_purpose[wanted.purpose]:
                self._grant(key, role, scope)
            if wanted.purpose == "workspace" and stack.workspace.isolation == "managedVnet":
                # It approves the managed network's private endpoints, to storage, vault, registry and the workspace.
                self._grant(key, NETWORK_APPROVER, Scope("group", base.group_id, base.after))
        self.register_outputs({})

    def grant_on_workspace(self, workspace: Home) -> None:
        """The endpoints' identities may write metrics of the workspace, and its own identity may manage it.

        The identities that Azure makes get this by themselves.
        """
        scope = Scope("workspace", workspace.workspace_id, workspace.after)
        roles = {"endpoint": METRICS_WRITER, "workspace": CONTRIBUTOR}
        for key, wanted in sorted(self._stack.identities.items()):
            if wanted.purpose in roles:
                self._grant(key, roles[wanted.purpose], scope)

    def federate(
        self,
        issuer: pulumi.Input[str],
        cluster: pulumi.Resource,
        cluster_id: pulumi.Output[str],
        before_attach: list[pulumi.Resource],
    ) -> None:
        """Lets the Kubernetes service accounts that `identities.NAME.federated` lists be those identities.

        `issuer` is the cluster's OIDC issuer (a URL). In turn: Azure takes one credential of an identity at a time.
        The workspace's identity gets its roles on the cluster too; they join `before_attach`.
        """
        named, attached = self._stack.workspace.identity, self._stack.inference_cluster
        if named and attached and attached.attach.kind != "none":
            for role in ATTACHES:
                self._grant(named, role, Scope("cluster", cluster_id, [cluster]))
                before_attach.append(self.grants[-1])
        for key, wanted in sorted(self._stack.identities.items()):
            before: pulumi.Resource = cluster
            for account in wanted.federated:
                slug = account.replace("/", "-")
                before = managedidentity.FederatedIdentityCredential(
                    f"{self._name}-{key}-{slug}",
                    federated_identity_credential_resource_name=slug,
                    resource_name_=names.identity(key, self._stack.workspace),
                    resource_group_name=self._stack.workspace.resource_group,
                    audiences=["api://AzureADTokenExchange"],
                    issuer=issuer,
                    subject=f"system:serviceaccount:{account.replace('/', ':')}",
                    opts=child(self, pulumi.ResourceOptions(depends_on=[before])),
                )

    def _identity(self, key: str, base: Foundation) -> None:
        identity = managedidentity.UserAssignedIdentity(
            f"{self._name}-{key}",
            resource_name_=names.identity(key, self._stack.workspace),
            resource_group_name=base.resource_group,
            location=self._stack.location,
            tags=dict(sorted(self._stack.tags.items())),
            opts=child(self, pulumi.ResourceOptions(depends_on=base.after)),
        )
        self.ids[key], self.principals[key], self.clients[key] = identity.id, identity.principal_id, identity.client_id

    def _theirs(self, key: str, used: Completed) -> None:
        body = used.bodies.get(f"identities.{key}") or {}
        self.ids[key] = id_of(used, f"identities.{key}")
        self.principals[key] = pulumi.Output.from_input(str(body.get("principalId") or ""))
        self.clients[key] = pulumi.Output.from_input(str(body.get("clientId") or ""))

    def _grant(self, key: str, role: str, scope: Scope) -> None:
        name = f"{self._name}-{key}-{scope.key}-{role[:8]}"
        self.grants.append(grant(self, name, self._stack, role, self.principals[key], scope))
