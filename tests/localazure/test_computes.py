"""Computes of a workspace, Kubernetes endpoints on them, and the managed network."""

from typing import Any

import pytest

from tests.localazure.client import LOCATION, Arm
from tests.localazure.cluster_bodies import (
    attach,
    cluster,
    cluster_body,
    compute,
    compute_body,
    extension,
    extension_body,
    refusal,
)

pytestmark = pytest.mark.anyio


def training(**properties: Any) -> dict[str, Any]:
    """A PUT of a training cluster."""
    inner = {"vmSize": "Standard_DS3_v2", "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 1}, **properties}
    return {"location": LOCATION, "properties": {"computeType": "AmlCompute", "properties": inner}}


async def network(arm: Arm, mode: str) -> None:
    """Give the workspace a managed network."""
    body = (await arm.call("GET", arm.workspace)).json()
    properties = {key: body["properties"][key] for key in ("storageAccount", "keyVault")}
    properties |= {"managedNetwork": {"isolationMode": mode}, "provisionNetworkNow": True}
    wanted = {"location": LOCATION, "identity": {"type": "SystemAssigned"}, "properties": properties}
    answer = await arm.call("PUT", arm.workspace, wanted)
    assert answer.is_success, answer.text


async def test_a_compute_stands_on_a_cluster_with_the_extension(estate: Arm) -> None:
    """Refused without the cluster, without the extension, with a default that is no type; then attached."""
    path = compute(estate)
    assert "does not exist" in await refusal(estate, path, compute_body(estate))
    await estate.done("PUT", cluster(estate), cluster_body())
    assert "is not installed" in await refusal(estate, path, compute_body(estate))
    await estate.done("PUT", extension(estate), extension_body())
    assert "defaultInstanceType" in await refusal(estate, path, compute_body(estate, defaultInstanceType="large"))
    assert "'colour'" in await refusal(estate, path, compute_body(estate, colour="blue"))
    shown = (await estate.done("PUT", path, compute_body(estate))).json()["properties"]
    assert (shown["provisioningState"], shown["isAttachedCompute"]) == ("Succeeded", True)
    assert shown["properties"]["instanceTypes"]["small"]["resources"]["limits"] == {"nvidia.com/gpu": "1"}


async def test_a_kubernetes_endpoint_is_on_an_attached_compute(estate: Arm) -> None:
    """Its compute is there, its deployments' instance types are the compute's, it takes no mirror, and it serves."""
    await attach(estate)
    await estate.register()
    path = estate.endpoint()
    assert "is not in this workspace" in await refusal(
        estate, path, estate.endpoint_body(compute=compute(estate, "other"))
    )
    await estate.done("PUT", path, estate.endpoint_body(compute=compute(estate)))
    large = estate.deployment_body(endpointComputeType="Kubernetes", instanceType="large")
    assert "has no instance type 'large'" in await refusal(estate, estate.deployment("blue"), large)
    small = estate.deployment_body(endpointComputeType="Kubernetes", instanceType="small")
    small["properties"]["scaleSettings"] = {"scaleType": "TargetUtilization", "minInstances": 3, "maxInstances": 12}
    assert (await estate.done("PUT", estate.deployment("blue"), small)).status_code == 200
    assert estate.serving.plans["diabetes", "blue"].instances == 3
    mirrored = estate.endpoint_body(compute=compute(estate), mirrorTraffic={"blue": 10})
    assert "managed endpoints only" in await refusal(estate, path, mirrored)
    live = await estate.done("PUT", path, estate.endpoint_body({"blue": 100}, compute=compute(estate)))
    assert live.json()["properties"]["traffic"] == {"blue": 100}
    detach = await refusal(estate, compute(estate), None, "DELETE", underlyingResourceAction="Detach")
    assert detach.startswith("ComputeInUse")


async def test_v2_endpoints_are_not_on_a_v1_compute(estate: Arm) -> None:
    """The v1 attach is made, and refused by online endpoints."""
    await estate.done("PUT", cluster(estate), cluster_body())
    legacy = {"computeType": "AKS", "resourceId": cluster(estate), "properties": {"clusterPurpose": "FastProd"}}
    await estate.done("PUT", compute(estate), {"location": LOCATION, "properties": legacy})
    said = await refusal(estate, estate.endpoint(), estate.endpoint_body(compute=compute(estate)))
    assert "is of type AKS" in said


async def test_training_clusters(estate: Arm) -> None:
    """Nodes from few to many; none without public addresses where nothing else leads there; a deletion says how."""
    path = compute(estate, "builder")
    assert "minNodeCount" in await refusal(estate, path, training(scaleSettings={"minNodeCount": 2, "maxNodeCount": 1}))
    assert "enableNodePublicIp" in await refusal(estate, path, training(enableNodePublicIp=False))
    await network(estate, "AllowInternetOutbound")
    made = await estate.done("PUT", path, training(enableNodePublicIp=False))
    assert made.json()["properties"]["properties"]["currentNodeCount"] == 0
    assert "underlyingResourceAction" in await refusal(estate, path, None, "DELETE")
    assert (await estate.call("DELETE", path, underlyingResourceAction="Delete")).status_code == 202
    await estate.turn()
    assert (await estate.call("GET", path)).status_code == 404


async def test_outbound_rules_fit_the_managed_network(estate: Arm) -> None:
    """None without a network; hosts and tags only where only approved traffic leaves; one change at a time."""
    tag = {"serviceTag": "AzureMonitor", "protocol": "TCP", "portRanges": "443"}
    rule = {"properties": {"type": "ServiceTag", "category": "UserDefined", "destination": tag}}
    path = f"{estate.workspace}/outboundRules"
    assert "has no managed network" in await refusal(estate, f"{path}/monitor", rule)
    await network(estate, "AllowInternetOutbound")
    assert "AllowOnlyApprovedOutbound" in await refusal(estate, f"{path}/monitor", rule)
    await network(estate, "AllowOnlyApprovedOutbound")
    assert (await estate.call("PUT", f"{path}/monitor", rule)).status_code == 201
    assert (await refusal(estate, f"{path}/other", rule)).startswith("Conflict")
    await estate.turn()
    assert (await estate.call("GET", f"{path}/monitor")).json()["properties"]["status"] == "Active"
    link = {"serviceResourceId": "/nothing", "subresourceTarget": "blob"}
    said = await refusal(estate, f"{path}/link", {"properties": {"type": "PrivateEndpoint", "destination": link}})
    assert "does not exist" in said


async def test_a_managed_network_stays(estate: Arm) -> None:
    """Once enabled it is not disabled; provisioning by a call makes it active."""
    assert "no managed network" in await refusal(estate, f"{estate.workspace}/provisionManagedNetwork", {}, "POST")
    await network(estate, "AllowInternetOutbound")
    shown = (await estate.call("GET", estate.workspace)).json()["properties"]["managedNetwork"]
    assert shown["status"]["status"] == "Active"
    answer = await estate.call("POST", f"{estate.workspace}/provisionManagedNetwork", {"includeSpark": True})
    assert answer.json() == {"status": "Active", "sparkReady": True}
    with pytest.raises(AssertionError, match="cannot be disabled"):
        await network(estate, "Disabled")
