"""Hooks on everything that serving stands on: nothing of it is deleted or replaced while an endpoint serves.

They ask which resource goes, whatever names the stack file has; `rollout.rules.standing` asks before them, by names. A
replacement is a delete, so a delete hook sees it too. Delete hooks live in the state: it has those of the version that
wrote it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pulumi

from components.adopted import VAULT, Adopted
from components.azure_reads import get
from components.deleted_vaults import look
from components.kinds import COMPUTE, KINDS, ROLE, Kind
from components.observed import Observation, observe_endpoint
from components.own_state import holds
from components.taking_down import GROUND_REMOVAL, only_deletes
from rollout.deleted import guard_deleted, told_of_kept
from rollout.guard import guard_exists, guard_standing
from settings.refusal import Refusal, Refused
from settings.stack import Stack

_PREFIX = "azure-native:"


class Standing:
    """Registers the hooks and binds them to each resource of the stack, as it is declared."""

    def __init__(self, stack: Stack, observation: Observation, adopted: Adopted) -> None:
        self._stack, self.observation, self._adopted = stack, observation, adopted
        self._declared: dict[tuple[str, str], dict[str, str]] = {}
        self._registered: set[tuple[str, str]] = set()
        self._leaving: set[str] = set()
        self._group_is_missing = False
        in_preview = pulumi.ResourceHookOptions(on_dry_run=True)
        self._exists = pulumi.ResourceHook("refuse-existing", self._before_create, in_preview)
        self._stays = pulumi.ResourceHook(GROUND_REMOVAL, self._before_delete, in_preview)
        self._kept = pulumi.ErrorHook("explain-kept-workspace", self._after_error)
        pulumi.runtime.register_stack_transformation(self._bind)

    def watch(self, resource: pulumi.Resource, token: str, name: str, where: dict[str, str]) -> None:
        """Remember a resource of the stack by its token and logical name, and when the engine is done with it."""
        place = (token, name)
        self._declared[place] = where
        # It has no id before its constructor has ended.
        asyncio.get_running_loop().call_soon(self._note_when_done, place, resource)

    def _note_when_done(self, place: tuple[str, str], resource: pulumi.Resource) -> None:
        assert isinstance(resource, pulumi.CustomResource)
        resource.id.apply(lambda _: self._registered.add(place))

    def is_taken_down(self, args: pulumi.ResourceHookArgs, where: Mapping[str, str]) -> bool:
        """Whether a resource is deleted on purpose, by `pulumi destroy`: the program has declared it, as it was.

        A replacement that deletes first does so before the engine is done with what the program declared; one that
        deletes last has other names.
        """
        place = (args.type.removeprefix(_PREFIX), args.name)
        if self.observation.takes_down:
            return True
        return place in self._registered and self._declared[place] == where

    def note_leaving(self, args: pulumi.ResourceHookArgs) -> None:
        """Remember that a resource goes: what is made in its place is no second one."""
        self._leaving.add(args.urn)

    def is_made_anew(self, args: pulumi.ResourceHookArgs) -> bool:
        """Whether a resource is made in the place of one that goes; a preview still finds that one in Azure."""
        return args.urn in self._leaving

    def is_declared(self, args: pulumi.ResourceHookArgs) -> bool:
        """Whether the stack file still asks for the resource."""
        return (args.type.removeprefix(_PREFIX), args.name) in self._declared

    def _bind(self, args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        kind = kind_of(args.type_, args.name)
        if kind is None:
            return None
        self.watch(args.resource, kind.token, args.name, kind.where(args.props))
        hooks = pulumi.ResourceHookBinding(before_delete=[self._stays])
        if kind.get:
            hooks.before_create = [self._exists]
        if kind.key == "workspace":
            hooks.on_error = [self._kept]
        options = pulumi.ResourceOptions(hooks=hooks, import_=self._adopted.ids.get(kind.key))
        return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, options))

    async def _before_create(self, args: pulumi.ResourceHookArgs) -> None:
        only_deletes(self.observation.takes_down)
        kind = kind_of(args.type, args.name)
        assert kind is not None
        if self.is_made_anew(args):
            return
        where = kind.where(args.new_inputs or {})
        found = None if self._group_is_missing else await get(kind.get, where)
        # The group comes first, and without it there is nothing in it.
        self._group_is_missing = self._group_is_missing or (found is None and kind.key == "resourceGroup")
        is_held = found is not None and await holds(kind.token.rpartition(":")[2], args.name)
        refusals = guard_exists(kind.key, kind.key, found is not None, kind.key in self._adopted.ids, is_held)
        if found is None and kind.key == VAULT:
            refusals += await self._deleted(where["vaultName"])
        if refusals:
            raise Refused(refusals)

    async def _deleted(self, name: str) -> list[Refusal]:
        stack = self._stack
        deleted = await look(stack, name)
        return guard_deleted(stack.workspace.resource_group, stack.location, deleted, self._adopted.recovers_vault)

    def _after_error(self, args: pulumi.ErrorHookArgs) -> bool:
        """Say what to type where Azure keeps the workspace's name; it is never tried again."""
        workspace = self._stack.workspace
        for refusal in told_of_kept(workspace.resource_group, workspace.name, args.errors):
            pulumi.log.error(str(refusal))
        return False

    async def _before_delete(self, args: pulumi.ResourceHookArgs) -> None:
        await self._refuse_removal(args)
        self.note_leaving(args)

    async def _refuse_removal(self, args: pulumi.ResourceHookArgs) -> None:
        kind = kind_of(args.type, args.name)
        if kind is None or self.is_taken_down(args, kind.where(args.old_inputs or {})):
            return
        if kind.may_leave and not self.is_declared(args):
            return
        if kind is ROLE and pulumi.runtime.is_dry_run():
            # A preview that does not know the principal yet shows a replacement that `up` does not make.
            return
        serving = {name: live for name in sorted(self.observation.made) if (live := await self._now(name))}
        if refusals := guard_standing(args.type, args.name, kind.for_kubernetes, serving):
            raise Refused(refusals)

    async def _now(self, name: str) -> Any:
        if name not in self._stack.endpoints:
            return self.observation.made[name]
        return await observe_endpoint(self._stack, name) or self.observation.made[name]


def kind_of(type_: str, name: str) -> Kind | None:
    """What a resource is to serving, None where it is nothing to it."""
    token = type_.removeprefix(_PREFIX)
    if token == COMPUTE.token:
        return COMPUTE if name == "attachment" else None
    return KINDS.get(token)
