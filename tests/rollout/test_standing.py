"""What serving stands on stays as it was made: each value of the table, while something serves and while not."""

from typing import Any

import pytest
from localazure.create_only import CREATE_ONLY, LOCATION

from rollout.applied import applied_from, ground_to_keep
from rollout.decide import judge_standing
from rollout.estate import (
    COMPUTE,
    FIXED,
    POOL,
    POOL_FIXED,
    RULE,
    RULE_FIXED,
    TRAINING_FIXED,
    estate_from,
    estate_of,
    is_part,
)
from rollout.model import Applied, AppliedEndpoint, ObservedEndpoint, Split
from rollout.rules.standing import Standing
from settings.load import from_config
from settings.stack import Stack

CONFIG: dict[str, Any] = {
    "azure-native:location": "westeurope",
    "safe-rollout:workspace": {"name": "ws-a", "resourceGroup": "rg-a"},
    "safe-rollout:registry": {"name": "acrprivate", "sku": "premium"},
    "safe-rollout:network": {
        "addressSpace": ["10.20.0.0/16"],
        "subnets": {"endpoints": "10.20.0.0/24", "aks": "10.20.4.0/22", "other": "10.20.8.0/22"},
        "endpointSubnet": "endpoints",
        "egress": {"control": "firewall"},
    },
    "safe-rollout:inferenceCluster": {
        "name": "aks-a",
        "subnet": "aks",
        "userPools": {"models": {"size": "Standard_D8s_v5"}},
    },
}
EDITS: dict[str, tuple[str, dict[str, Any]]] = {
    "workspace.resourceGroup": ("workspace", {"resourceGroup": "rg-b"}),
    "workspace.name": ("workspace", {"name": "ws-b"}),
    "registry.name": ("registry", {"name": "acrother"}),
    "network.endpointSubnet": ("network", {"endpointSubnet": "other"}),
    "network.egress.firewallAddress": ("network", {"egress": {"control": "firewall", "firewallAddress": "10.20.0.4"}}),
    "inferenceCluster.name": ("inferenceCluster", {"name": "aks-b", "attach": {"compute": "aks-a"}}),
    "inferenceCluster.location": ("inferenceCluster", {"location": "northeurope"}),
    "inferenceCluster.network": ("inferenceCluster", {"network": "kubenet"}),
    "inferenceCluster.podCidr": ("inferenceCluster", {"podCidr": "10.245.0.0/16"}),
    "inferenceCluster.serviceCidr": ("inferenceCluster", {"serviceCidr": "10.1.0.0/16"}),
    "inferenceCluster.attach.compute": ("inferenceCluster", {"attach": {"compute": "aks-c"}}),
}
REFUSALS: dict[str, tuple[str, Any]] = {
    "workspace.isolation": ("workspace", {"isolation": "public"}),
    "workspace.managedNetwork.outbound": ("workspace", {"managedNetwork": {"outbound": "allowInternetOutbound"}}),
    "workspace.softDeleteDays": ("workspace", {"softDeleteDays": 30}),
    "workspace.managedNetwork.outboundRules.pypi.type": (
        "workspace",
        {
            "managedNetwork": {
                "outbound": "allowOnlyApprovedOutbound",
                "outboundRules": {"pypi": {"type": "serviceTag", "serviceTag": "AzureMonitor", "ports": "443"}},
            }
        },
    ),
    "registry.zoneRedundant": ("registry", {"zoneRedundant": True}),
    "training.cpu.size": ("training", {"cpu": {"size": "Standard_DS4_v2"}}),
    "training.cpu.lowPriority": ("training", {"cpu": {"lowPriority": True}}),
    "training.cpu.subnet": ("training", {"cpu": {"subnet": "aks"}}),
    "inferenceCluster.privateApiServer": ("inferenceCluster", {"privateApiServer": True}),
    "inferenceCluster.subnet": ("inferenceCluster", {"subnet": "other"}),
    "inferenceCluster.workloadIdentity": ("inferenceCluster", {"workloadIdentity": False}),
    "inferenceCluster.attach.kind": ("inferenceCluster", {"attach": {"kind": "legacy"}}),
    "inferenceCluster.attach.namespace": ("inferenceCluster", {"attach": {"namespace": "models"}}),
    "inferenceCluster.attach.releaseTrain": ("inferenceCluster", {"attach": {"releaseTrain": "preview"}}),
}
CLOSED: dict[str, Any] = {
    **CONFIG,
    "safe-rollout:workspace": {
        **CONFIG["safe-rollout:workspace"],
        "isolation": "managedVnet",
        "managedNetwork": {
            "outbound": "allowOnlyApprovedOutbound",
            "outboundRules": {"pypi": {"type": "fqdn", "host": "pypi.org"}},
        },
    },
    "safe-rollout:training": {"cpu": {}},
}
NAMES = {"resourceGroupName", "workspaceName", "registryName", "resourceName", "computeName"}
ON_KUBERNETES = {"diabetes": ObservedEndpoint(kind="K8S", traffic={"blue": 100})}
MANAGED = {"diabetes": ObservedEndpoint(kind="managed", traffic={"blue": 90, "green": 10})}
IDLE = {"diabetes": ObservedEndpoint(kind="K8S")}


def edited(section: str, change: dict[str, Any]) -> Stack:
    """The stack file with one section changed."""
    key = f"safe-rollout:{section}"
    return from_config({**CONFIG, key: {**CONFIG[key], **change}})


def applied(**more: Any) -> Applied:
    """What the stack file left when it was applied."""
    return Applied(ground_to_keep(from_config(CONFIG))["estate"], **more)


def paths(stack: Stack, live: dict[str, ObservedEndpoint], **more: Any) -> list[str]:
    """The codes and paths that are refused."""
    return [f"{one.code} {one.path}" for one in judge_standing(Standing(stack, applied(**more), live))]


def test_each_value_has_an_edit_here() -> None:
    """The table and this test name the same paths."""
    assert {fixed.path for fixed in FIXED} | {path for path in REFUSALS if is_part(path)} == {
        *EDITS,
        *REFUSALS,
        "production",
    }


@pytest.mark.parametrize("path", sorted(REFUSALS))
def test_what_azure_keeps_is_not_edited(path: str) -> None:
    """What Azure takes no change of is refused though nothing serves, and only that is said of it."""
    section, change = REFUSALS[path]
    key = f"safe-rollout:{section}"
    kept = Applied(estate_of(from_config(CLOSED)))
    stack = from_config({**CLOSED, key: {**CLOSED[key], **change}})
    found = {f"{one.code} {one.path}" for one in judge_standing(Standing(stack, kept, {}))}
    assert f"R067 {path}" in found
    assert {one.split()[0] for one in found} == {"R067"}
    assert judge_standing(Standing(from_config(CLOSED), kept, {})) == []


def test_production_is_made_so() -> None:
    """Production is a vault that can't be purged: Azure does not take that back. Later on it can be switched on."""
    kept = Applied(estate_of(from_config({**CONFIG, "safe-rollout:production": True})))
    found = [f"{one.code} {one.path}" for one in judge_standing(Standing(from_config(CONFIG), kept, {}))]
    assert found == ["R067 production"]
    later = Applied(estate_of(from_config(CONFIG)))
    stack = from_config({**CONFIG, "safe-rollout:production": True})
    assert judge_standing(Standing(stack, later, {})) == []


def test_the_local_azure_has_the_same_table() -> None:
    """Each property is fixed in the local Azure's own table too, with the same effect; names are path parameters."""
    rows = [(fixed.type, fixed.property, fixed.effect) for fixed in FIXED]
    rows += [(POOL, name, "replaces" if key == "size" else "refuses") for key, (name, _) in POOL_FIXED.items()]
    rows += [(COMPUTE, name, "refuses") for name, _ in TRAINING_FIXED.values()]
    rows += [(RULE, name, "refuses") for name, _ in RULE_FIXED.values()]
    # Another PUT of an attached cluster fails whatever it changes, which is no property's matter.
    rows.remove((COMPUTE, "properties.properties.namespace", "refuses"))
    for type_, name, effect in rows:
        if name in NAMES:
            assert effect == "replaces"
            continue
        token = f"azure-native:{type_}"
        known = CREATE_ONLY.get(token, {}).get(name) or (LOCATION if name == "location" else None)
        assert known is not None, (type_, name)
        assert known.effect == effect, (type_, name)


@pytest.mark.parametrize("path", sorted(EDITS))
def test_an_edit_is_refused_while_it_serves(path: str) -> None:
    """An edit is refused while an endpoint stands on the value, and goes on while nothing serves."""
    stack = edited(*EDITS[path])
    assert f"R066 {path}" in paths(stack, ON_KUBERNETES)
    assert paths(stack, IDLE) == []


@pytest.mark.parametrize("path", sorted(path for path in EDITS if path.startswith("inferenceCluster")))
def test_a_managed_endpoint_stands_on_no_cluster(path: str) -> None:
    """A cluster may change while only managed endpoints serve."""
    assert paths(edited(*EDITS[path]), MANAGED) == []


def test_a_cluster_stays_under_what_serves() -> None:
    """A cluster that leaves the stack file takes the nodes of its endpoints along; so does its attachment."""
    without = from_config({key: value for key, value in CONFIG.items() if not key.endswith("inferenceCluster")})
    assert paths(without, ON_KUBERNETES) == ["R066 inferenceCluster.name"]
    assert paths(without, IDLE) == []
    detached = edited("inferenceCluster", {"attach": {"kind": "none"}})
    assert paths(detached, ON_KUBERNETES) == ["R066 inferenceCluster.attach.kind"]


@pytest.mark.parametrize("path", ["workspace.name", "registry.name", "inferenceCluster.podCidr"])
def test_production_stays_in_any_case(path: str) -> None:
    """In production the ground stays though nothing serves: the engine protects it, and would stop half-way."""
    section, change = EDITS[path]
    key = f"safe-rollout:{section}"
    stack = from_config({**CONFIG, key: {**CONFIG[key], **change}, "safe-rollout:production": True})
    assert f"R066 {path}" in paths(stack, {})


def test_a_managed_network_stays() -> None:
    """A workspace with a managed network is not opened, whether anything serves or not."""
    managed = {**CONFIG, "safe-rollout:workspace": {**CONFIG["safe-rollout:workspace"], "isolation": "managedVnet"}}
    kept = Applied(estate_of(from_config(managed)))
    for isolation in ("public", "ownVnet"):
        stack = edited("workspace", {"isolation": isolation})
        codes = [one.code for one in judge_standing(Standing(stack, kept, {}))]
        assert codes == ["R067"]
    assert judge_standing(Standing(from_config(managed), kept, {})) == []


@pytest.mark.parametrize(
    ("pool", "key"), [({"size": "Standard_D16s_v5"}, "size"), ({"maxPods": 60}, "maxPods"), ({"spot": True}, "spot")]
)
def test_a_pool_keeps_what_it_was_born_with(pool: dict[str, Any], key: str) -> None:
    """A pool's size is not edited, and a pool may leave the stack file."""
    models = {"size": "Standard_D8s_v5", **pool}
    path = f"inferenceCluster.userPools.models.{key}"
    assert paths(edited("inferenceCluster", {"userPools": {"models": models}}), {}) == [f"R170 {path}"]
    assert paths(edited("inferenceCluster", {"userPools": {"other": models}}), {}) == []


def test_an_endpoint_leaves_when_it_serves_nobody() -> None:
    """An endpoint that was applied and is not in the stack file any more is refused while it serves."""
    kept = applied_from({"applied": {"endpoints": {"diabetes": {"traffic": {"blue": 100}}}}})
    assert kept
    stack = from_config(CONFIG)
    assert paths(stack, MANAGED, endpoints=kept.endpoints) == ["R123 endpoints.diabetes"]
    assert paths(stack, IDLE, endpoints=kept.endpoints) == []
    assert kept.endpoints["diabetes"].split == Split({"blue": 100})


def test_an_older_state_tells_what_it_can() -> None:
    """Versions up to 0.2.0 kept no estate: names and networks of their resources stand in its place."""
    resources: dict[str, dict[str, Any]] = {
        "containerservice:ManagedCluster": {
            "name": "aks-a",
            "networkProfile": {
                "networkPlugin": "azure",
                "networkPluginMode": "overlay",
                "podCidr": "10.244.0.0/16",
                "serviceCidr": "10.0.0.0/16",
                "outboundType": "loadBalancer",
            },
        },
        "containerregistry:Registry": {"name": "acrprivate"},
        "machinelearningservices:Workspace": {"managedNetwork": {"isolationMode": "AllowInternetOutbound"}},
    }
    found = estate_from(resources)
    assert found.pop("workspace.isolation") == "managedVnet"
    assert found == {path: value for path, value in estate_of(from_config(CONFIG)).items() if path in found}
    assert len(found) == 6


@pytest.mark.parametrize(
    ("section", "change", "said"),
    [
        ("workspace", {"name": "WS-A"}, ["R066 workspace.name"]),
        ("workspace", {"resourceGroup": "RG-A"}, []),
        ("registry", {"name": "ACRPrivate"}, ["R066 registry.name"]),
        (
            "inferenceCluster",
            {"name": "AKS-A"},
            ["R066 inferenceCluster.name", "R066 inferenceCluster.attach.compute"],
        ),
        (
            "inferenceCluster",
            {"userPools": {"models": {"size": "standard_d8s_v5"}}},
            ["R170 inferenceCluster.userPools.models.size"],
        ),
    ],
)
def test_a_name_in_other_letters_is_another_one(section: str, change: dict[str, Any], said: list[str]) -> None:
    """azure-native replaces it; only of a group's name it knows that letters have no case."""
    assert sorted(paths(edited(section, change), ON_KUBERNETES)) == sorted(said)


def test_an_endpoint_in_other_letters_is_told_so() -> None:
    """It would be made beside itself and deleted, whether it serves or not; closing it is no cure."""
    deployment = {"model": "azureml:m:1", "environment": "azureml:e:1", "instanceType": "small"}
    renamed = {"Diabetes": {"kind": "kubernetes", "compute": "aks-a", "deployments": {"blue": deployment}}}
    stack = from_config({**CONFIG, "safe-rollout:endpoints": renamed})
    kept = applied(endpoints={"diabetes": AppliedEndpoint(Split({"blue": 100}))})
    for live in (ON_KUBERNETES, IDLE):
        [told] = [one for one in judge_standing(Standing(stack, kept, live)) if one.code == "R123"]
        assert told.got == "diabetes, in other letters: Diabetes"
        assert told.cure.startswith("Write it as it was: diabetes.")
