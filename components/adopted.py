"""What the stack file takes over: in Azure and not in the state, or deleted and still kept by Azure."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from components.azure_reads import GET_POOL, get, pool_place
from components.deleted_vaults import look
from components.kinds import ADOPTABLE, GROUP
from rollout.rules.pools import path_of
from settings import names
from settings.stack import Stack

VAULT = "keyVault"


@dataclass(frozen=True, slots=True)
class Adopted:
    """`ids` of what is there, as Azure spells them: the estate by its keys in `adopt`, pools by their paths.

    `recovers_vault`: the key vault is deleted, and comes back.
    """

    ids: Mapping[str, str] = field(default_factory=dict)
    recovers_vault: bool = False


async def find_adopted(stack: Stack) -> Adopted:
    """What `adopt` and `adoptPools` name and Azure has. Pulumi would take another spelling for another resource."""
    own, group, cluster = own_names(stack), stack.workspace.resource_group, stack.inference_cluster
    keys = sorted(own.keys() & set(stack.adopt))
    asked = {key: (ADOPTABLE[key].get, {GROUP: group, ADOPTABLE[key].names[-1]: own[key]}) for key in keys}
    asked |= {path_of(name): (GET_POOL, pool_place(stack, name)) for name in (cluster.adopt_pools if cluster else ())}
    found = await asyncio.gather(*(get(function, where) for function, where in asked.values()))
    ids = {key: str(body["id"]) for key, body in zip(asked, found, strict=True) if body}
    deleted = await look(stack, own[VAULT]) if VAULT in keys and VAULT not in ids else None
    return Adopted(ids, deleted is not None and deleted.was_in(group, stack.location))


def own_names(stack: Stack) -> dict[str, str]:
    """The names of the estate's parts in Azure, by their keys in `adopt`."""
    workspace, cluster = stack.workspace, stack.inference_cluster
    return {
        "resourceGroup": workspace.resource_group,
        "storage": names.storage_account(workspace),
        VAULT: names.key_vault(workspace),
        "logAnalytics": names.log_analytics(workspace),
        "applicationInsights": names.application_insights(workspace),
        "registry": stack.registry.name,
        "workspace": workspace.name,
        **({"inferenceCluster": cluster.name} if cluster else {}),
    }
