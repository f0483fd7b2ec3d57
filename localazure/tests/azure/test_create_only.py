"""What Azure fixes when a resource is made, and what it shows of a workspace's network and name afterwards."""

from typing import Any

import pytest

from localazure.create_only import ARM_TYPES, CREATE_ONLY
from localazure.plugin.paths import TYPES, path_template
from localazure.testing.client import LOCATION, Arm
from localazure.testing.cluster_bodies import SYSTEM, attach, cluster, cluster_body, compute, compute_body, refusal
from tests.azure.test_computes import network, training

pytestmark = pytest.mark.anyio
PLUGIN = {"networkPlugin": "azure", "networkPluginMode": "overlay", "podCidr": "10.244.0.0/16"}


def test_arm_types_are_those_of_the_tokens() -> None:
    """A service asks for the rows of its own type."""
    for arm_type, token in ARM_TYPES.items():
        assert token in CREATE_ONLY
        name = token.removeprefix("azure-native:")
        assert name in TYPES
        provider, *parts = path_template(name).rpartition("/providers/")[2].split("/")
        assert arm_type == "/".join([provider, *parts[::2]]).lower()


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"dnsPrefix": "other"}, "dnsPrefix"),
        ({"networkProfile": PLUGIN | {"podCidr": "10.10.0.0/16"}}, "networkProfile.podCidr"),
        ({"networkProfile": {"outboundType": "userDefinedRouting"}}, "networkProfile.outboundType"),
        ({"networkProfile": {"networkPlugin": "kubenet"}}, "networkProfile.networkPlugin"),
        ({"apiServerAccessProfile": {"enablePrivateCluster": True}}, "apiServerAccessProfile.enablePrivateCluster"),
        ({"oidcIssuerProfile": {"enabled": False}}, "oidcIssuerProfile.enabled"),
        ({"enableRBAC": False}, "enableRBAC"),
        ({"agentPoolProfiles": [SYSTEM | {"vmSize": "Standard_D8s_v5"}]}, "agentPoolProfile.vmSize"),
        ({"agentPoolProfiles": [SYSTEM | {"osDiskType": "Ephemeral"}]}, "agentPoolProfile.osDiskType"),
    ],
)
async def test_a_cluster_keeps_what_it_was_made_with(estate: Arm, change: dict[str, Any], path: str) -> None:
    """400 PropertyChangeNotAllowed, which names the property, and nothing has changed."""
    await estate.done("PUT", cluster(estate), cluster_body(networkProfile=PLUGIN))
    before = (await estate.call("GET", cluster(estate))).json()
    said = await refusal(estate, cluster(estate), cluster_body(**change))
    assert said == f"PropertyChangeNotAllowed: Changing property '{path}' is not allowed."
    assert (await estate.call("GET", cluster(estate))).json() == before


async def test_what_a_put_leaves_out_stays(estate: Arm) -> None:
    """A cluster's network is what it was, also where an update does not speak of it; one way leads on to overlay."""
    await estate.done("PUT", cluster(estate), cluster_body(networkProfile={"serviceCidr": "10.0.0.0/16"}))
    await estate.done(
        "PUT", cluster(estate), cluster_body(networkProfile={"networkPluginMode": "overlay", "networkPlugin": "azure"})
    )
    shown = (await estate.call("GET", cluster(estate))).json()["properties"]["networkProfile"]
    assert (shown["serviceCidr"], shown["networkPluginMode"]) == ("10.0.0.0/16", "overlay")


@pytest.mark.parametrize("change", [{"vmSize": "Standard_D8s_v5"}, {"maxPods": 50}, {"vnetSubnetID": "/nothing"}])
async def test_a_pool_keeps_what_it_was_made_with(estate: Arm, change: dict[str, Any]) -> None:
    """A PUT that changes its size or the like is refused; the stock plugin never sends one of its size."""
    await estate.done("PUT", cluster(estate), cluster_body())
    path, pool = f"{cluster(estate)}/agentPools/models", {"vmSize": "Standard_D4s_v5", "count": 1}
    await estate.done("PUT", path, {"properties": pool})
    said = await refusal(estate, path, {"properties": pool | change})
    assert said.startswith(f"PropertyChangeNotAllowed: Changing property 'properties.{next(iter(change))}'")


@pytest.mark.parametrize(
    ("sku", "allowed"), [("Standard_GRS", True), ("Standard_ZRS", False), ("Standard_RAGZRS", False)]
)
async def test_a_storage_account_stays_in_its_zone(estate: Arm, sku: str, allowed: bool) -> None:
    """From locally redundant to geo-redundant is an update; to zone-redundant is a conversion, which a PUT is not."""
    path = estate.of("Microsoft.Storage/storageAccounts", "rgstorage")
    body = {"location": LOCATION, "kind": "StorageV2", "sku": {"name": sku}}
    answer = await estate.call("PUT", path, body)
    assert answer.is_success is allowed
    if not allowed:
        assert answer.json()["error"]["code"] == "StorageAccountTypeConversionNotAllowed"


async def test_a_storage_account_stays_flat(estate: Arm) -> None:
    """Hierarchical namespaces are there from the first, or never."""
    path = estate.of("Microsoft.Storage/storageAccounts", "rgstorage")
    sku = {"location": LOCATION, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    assert "isHnsEnabled" in await refusal(estate, path, sku | {"properties": {"isHnsEnabled": True}})


async def test_a_cluster_is_attached_once(estate: Arm) -> None:
    """A second PUT of an attached compute fails, whatever it says; detached, it can be attached anew."""
    await attach(estate)
    assert "attached already" in await refusal(estate, compute(estate), compute_body(estate))
    assert (await estate.call("DELETE", compute(estate), underlyingResourceAction="Detach")).status_code == 202
    await estate.turn()
    await estate.done("PUT", compute(estate), compute_body(estate))


@pytest.mark.parametrize("change", [{"vmSize": "Standard_DS4_v2"}, {"vmPriority": "LowPriority"}])
async def test_a_training_cluster_keeps_its_nodes_kind(estate: Arm, change: dict[str, Any]) -> None:
    """How many nodes there may be changes; which ones does not."""
    path = compute(estate, "builder")
    await estate.done("PUT", path, training())
    await estate.done("PUT", path, training(scaleSettings={"minNodeCount": 0, "maxNodeCount": 4}))
    assert f"properties.properties.{next(iter(change))}" in await refusal(estate, path, training(**change))


async def test_isolation_only_becomes_stricter(estate: Arm) -> None:
    """Internet outbound may become only approved outbound, and not the other way round."""
    await network(estate, "AllowInternetOutbound")
    await network(estate, "AllowOnlyApprovedOutbound")
    with pytest.raises(AssertionError, match=r"managedNetwork\.isolationMode"):
        await network(estate, "AllowInternetOutbound")


async def test_a_workspace_keeps_what_it_stands_on(estate: Arm) -> None:
    """Another storage account or vault would leave its data behind; insights and registry may change."""
    shown = (await estate.call("GET", estate.workspace)).json()
    needs = {key: shown["properties"][key] for key in ("storageAccount", "keyVault")}
    other = estate.of("Microsoft.Storage/storageAccounts", "another")
    await estate.call("PUT", other, {"location": LOCATION, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}})
    body = {
        "location": LOCATION,
        "identity": {"type": "SystemAssigned"},
        "properties": needs | {"storageAccount": other},
    }
    assert "'storageAccount'" in await refusal(estate, estate.workspace, body)


async def test_a_workspace_shows_all_its_outbound_rules(estate: Arm) -> None:
    """Required ones and the user's; a client that sends a required one back is refused, and rules not sent stay."""
    await network(estate, "AllowOnlyApprovedOutbound")
    tag = {"serviceTag": "DataFactory", "protocol": "TCP", "portRanges": "443"}
    rule = {"type": "ServiceTag", "category": "UserDefined", "destination": tag}
    await estate.done("PUT", f"{estate.workspace}/outboundRules/factory", {"properties": rule})
    shown = await rules(estate)
    assert shown["factory"]["category"] == "UserDefined"
    assert {each["category"] for name, each in shown.items() if name != "factory"} == {"Required"}
    assert any(each["destination"].get("serviceTag") == "AzureActiveDirectory" for each in shown.values())
    await network(estate, "AllowOnlyApprovedOutbound")
    assert await rules(estate) == shown

    def body(sent: dict[str, Any]) -> dict[str, Any]:
        properties = {"managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound", "outboundRules": sent}}
        return {"location": LOCATION, "identity": {"type": "SystemAssigned"}, "properties": needs | properties}

    whole = (await estate.call("GET", estate.workspace)).json()["properties"]
    needs = {key: whole[key] for key in ("storageAccount", "keyVault")}
    assert "is required" in await refusal(estate, estate.workspace, body(shown))
    assert (await estate.call("PUT", estate.workspace, body({}))).is_success
    assert "factory" not in await rules(estate)


async def rules(arm: Arm) -> dict[str, Any]:
    """The outbound rules that the workspace shows."""
    shown = (await arm.call("GET", arm.workspace)).json()["properties"]["managedNetwork"]
    found: dict[str, Any] = shown["outboundRules"]
    return found


async def test_a_deleted_workspace_keeps_its_name(estate: Arm) -> None:
    """For 14 days, unless it is purged; a deletion for good keeps nothing."""
    shown = (await estate.call("GET", estate.workspace)).json()
    properties = {key: shown["properties"][key] for key in ("storageAccount", "keyVault")}
    body = {"location": LOCATION, "identity": {"type": "SystemAssigned"}, "properties": properties}
    assert (await estate.call("DELETE", estate.workspace)).status_code == 200
    said = await refusal(estate, estate.workspace, body)
    assert said == "BadRequest: Soft-deleted workspace exists. Please purge or recover it. https://aka.ms/wsoftdelete"
    assert (await estate.call("DELETE", estate.workspace)).status_code == 204
    assert (await estate.call("DELETE", estate.workspace, forceToPurge="true")).status_code == 200
    assert (await estate.call("PUT", estate.workspace, body)).status_code == 200
    assert (await estate.call("DELETE", estate.workspace, forceToPurge="true")).status_code == 200
    assert (await estate.call("PUT", estate.workspace, body)).status_code == 200
    await estate.call("DELETE", estate.workspace)
    await estate.turn(15 * 24 * 3600)
    assert (await estate.call("PUT", estate.workspace, body)).status_code == 200
