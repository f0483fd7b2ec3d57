"""What others own: found in the stack file in each of its forms, judged, and read into the settings."""

from typing import Any

import pytest

from rollout.applied import ground_to_keep
from rollout.decide import decide, judge
from rollout.existing import Found, complete, uses_of
from rollout.model import Applied
from rollout.rules.standing import Standing, owner_stays
from settings.load import from_config
from settings.refusal import Refused
from settings.stack import Stack

HERE, THERE = "00000000-0000-0000-0000-0000000000aa", "00000000-0000-0000-0000-0000000000bb"
GROUP = f"/subscriptions/{HERE}/resourceGroups/rg-platform"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws-ml"
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stshared"
BODY: dict[str, Any] = {
    "id": WORKSPACE,
    "location": "West Europe",
    "properties": {"provisioningState": "Succeeded", "publicNetworkAccess": "Enabled", "keyVault": "/kv"},
}
BLUE = {"model": "azureml:m:1", "environment": "azureml:e:1", "instanceType": "Standard_DS3_v2", "instanceCount": 3}


def using(workspace: Any, **more: Any) -> Stack:
    """The smallest stack: an existing workspace, and one endpoint."""
    endpoints = {"fraud": {"deployments": {"blue": BLUE}}}
    return from_config({"workspace": workspace, "endpoints": endpoints, **more})


def owning(**more: Any) -> Stack:
    """A stack with a workspace of its own."""
    base = {"azure-native:location": "westeurope", "workspace": {"name": "ws-ours", "resourceGroup": "rg-ours"}}
    return from_config({**base, "registry": {"name": "acrours"}, **more})


@pytest.mark.parametrize(
    "workspace",
    [
        {"name": "ws-ml", "resourceGroup": "rg-platform", "existing": True},
        {"existing": WORKSPACE},
        {"existing": {"name": "ws-ml", "resourceGroup": "rg-platform"}},
        {"name": "ws-ml", "existing": WORKSPACE},
    ],
)
def test_each_form_names_the_same_workspace(workspace: Any) -> None:
    """By true, by id, by name and group: the ids are the same, and so are the settings that are read."""
    stack = using(workspace)
    (use,) = uses_of(stack)
    assert use.id(HERE) == WORKSPACE
    done = complete(stack, Found(HERE, {"workspace": BODY}))
    assert (done.refusals, done.stack.location, done.ids["existing.keyVault"]) == ([], "westeurope", "/kv")
    assert done.words == ["uses workspace ws-ml in rg-platform (westeurope, public access enabled)"]
    assert (judge(done.stack), decide(done.stack, {})["fraud"].refusals) == ([], ())


@pytest.mark.parametrize(
    "config",
    [
        {"workspace": {"existing": STORAGE}},
        {"workspace": {"name": "ws-other", "existing": WORKSPACE}},
        {"workspace": {"name": "ws-ml", "resourceGroup": "rg", "existing": True, "isolation": "public"}},
        {"workspace": {"existing": WORKSPACE}, "network": {"existing": {"name": "v"}, "subnets": {}}},
        {"workspace": {"existing": WORKSPACE}, "existing": {"logAnalytics": True}},
        {"workspace": {"existing": WORKSPACE}, "watching": {"actionGroup": {"existing": True}}},
    ],
)
def test_what_can_not_be_meant_is_refused(config: dict[str, Any]) -> None:
    """An id of another type, two names for one thing, and settings of something that is read."""
    with pytest.raises(Refused):
        from_config(config)


def test_rules_judge_what_is_read() -> None:
    """A closed workspace closes its endpoints, and one in a managed network decides on their way out."""
    stack = from_config(
        {
            "workspace": {"existing": WORKSPACE},
            "endpoints": {
                "fraud": {
                    "publicNetworkAccess": "enabled",
                    "deployments": {"blue": BLUE | {"egressPublicNetworkAccess": "disabled"}},
                }
            },
        }
    )
    closed = BODY["properties"] | {
        "publicNetworkAccess": "Disabled",
        "managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound"},
    }
    read = complete(stack, Found(HERE, {"workspace": BODY | {"properties": closed}})).stack
    assert {one.code for one in decide(read, {})["fraud"].refusals} == {"R103", "R104"}
    assert judge(read) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (None, "no workspace ws-ml in rg-platform"),
        (BODY | {"properties": {"provisioningState": "Failed"}}, "workspace ws-ml is Failed"),
        (BODY | {"properties": {"v1LegacyMode": True}}, "v1LegacyMode"),
        (BODY | {"location": "northeurope"}, "westeurope"),
    ],
)
def test_a_workspace_that_does_not_fit_is_refused(body: Any, words: str) -> None:
    """Not there, not ready, of the old API, or in another region than the stack file says."""
    stack = using({"existing": WORKSPACE}, location="westeurope")
    said = [str(one) for one in complete(stack, Found(HERE, {"workspace": body})).refusals]
    assert len(said) == 1
    assert said[0].startswith("R221")
    assert words in said[0]


def test_a_workspace_of_another_subscription_is_refused() -> None:
    """The engine's provider makes endpoints in the stack's subscription alone."""
    done = complete(using({"existing": WORKSPACE}), Found(THERE, {"workspace": BODY}))
    assert [one.cure for one in done.refusals] == [f"Type: pulumi config set azure-native:subscriptionId {HERE}."]


def test_parts_are_judged_by_what_they_are() -> None:
    """Storage of the wrong kind, a network elsewhere, a group that tells nobody; a registry brings its tier."""
    network = {"existing": {"name": "vnet-hub", "resourceGroup": "rg-hub"}, "endpointSubnet": "endpoints"}
    stack = owning(
        registry={"existing": {"name": "acrshared", "resourceGroup": "rg-platform"}},
        existing={"storage": STORAGE},
        network=network,
        watching={"actionGroup": {"existing": {"name": "ag", "resourceGroup": "rg-platform"}}},
    )
    subnet = {"name": "endpoints", "properties": {"addressPrefixes": ["fd00::/64", "10.1.0.0/27"]}}
    space = {"addressSpace": {"addressPrefixes": ["10.1.0.0/16", "fd00::/48"]}, "subnets": [subnet]}
    bodies = {
        "existing.storage": {"sku": {"name": "Premium_LRS"}, "properties": {"isHnsEnabled": True}},
        "registry": {"sku": {"name": "Premium"}, "properties": {"zoneRedundancy": "Enabled"}},
        "network": {"location": "northeurope", "properties": space},
        "watching.actionGroup": {"location": "Global", "properties": {"enabled": False}},
    }
    done = complete(stack, Found(HERE, bodies))
    assert [one.path for one in done.refusals] == ["existing.storage"] * 2 + ["network", "watching.actionGroup"]
    assert done.stack.registry_sku == "premium"
    assert done.stack.network
    assert (done.stack.network.subnets, done.stack.network.address_space) == (
        {"endpoints": "10.1.0.0/27"},
        ("10.1.0.0/16",),
    )


def test_a_compute_of_an_existing_workspace_is_one_of_the_uses() -> None:
    """An endpoint on Kubernetes names it, and it has to be an attached cluster."""
    endpoint = {"kind": "kubernetes", "compute": "aks", "deployments": {"blue": BLUE | {"instanceType": "small"}}}
    stack = from_config({"workspace": {"existing": WORKSPACE}, "endpoints": {"fraud": endpoint}})
    _, compute = uses_of(stack)
    assert compute.id(HERE) == f"{WORKSPACE}/computes/aks"
    found = {"workspace": BODY, compute.path: {"properties": {"computeType": "AmlCompute"}}}
    (refusal,) = complete(stack, Found(HERE, found)).refusals
    assert (refusal.path, refusal.got) == (
        "endpoints.fraud.compute",
        "compute ws-ml/aks is of type AmlCompute",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (owning(), owning(existing={"storage": STORAGE})),
        (owning(existing={"storage": STORAGE}), owning()),
        (owning(), owning(registry={"name": "acrours", "existing": True})),
    ],
)
def test_the_owner_stays(before: Stack, after: Stack) -> None:
    """What the stack made is not turned into what it uses, nor back; the same file again is no change."""
    applied = Applied(ground_to_keep(before)["estate"])
    assert [one.code for one in owner_stays(Standing(after, applied))] == ["R222"]
    assert [*owner_stays(Standing(before, applied))] == []
