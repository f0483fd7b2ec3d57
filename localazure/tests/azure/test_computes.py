"""Computes of a workspace, Kubernetes endpoints on them, and the managed network."""

from typing import Any

import pytest

from localazure.testing.client import LOCATION, Arm
from localazure.testing.cluster_bodies import (
    SMALL,
    SYSTEM,
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
    assert shown["properties"]["instanceTypes"]["small"]["resources"]["limits"] == {"cpu": "1", "memory": "2Gi"}


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


async def test_an_instance_type_is_whole(estate: Arm) -> None:
    """cpu and memory stand in requests and in limits, GPUs in limits alone."""
    await estate.done("PUT", cluster(estate), cluster_body())
    await estate.done("PUT", extension(estate), extension_body())
    half = compute_body(estate, instanceTypes={"small": {"resources": {"requests": SMALL["requests"]}}})
    assert "lacks limits.cpu, limits.memory" in await refusal(estate, compute(estate), half)
    asked = {"requests": SMALL["requests"] | {"nvidia.com/gpu": "1"}, "limits": SMALL["limits"]}
    twice = compute_body(estate, instanceTypes={"small": {"resources": asked}})
    assert "only in limits" in await refusal(estate, compute(estate), twice)


@pytest.mark.parametrize(
    ("pool", "extra", "told"),
    [
        ({"nodeTaints": ["sku=gpu:NoSchedule"]}, {}, "taint sku=gpu:NoSchedule"),
        ({"scaleSetPriority": "Spot"}, {}, "scalesetpriority=spot"),
        ({"nodeTaints": ["ml.azure.com/amlarc=true:NoSchedule"]}, {}, "no device plugin"),
        ({"vmSize": "Standard_D8s_v5"}, {"installNvidiaDevicePlugin": "true"}, "no GPU"),
    ],
)
async def test_pods_need_a_node_that_takes_them(
    estate: Arm, pool: dict[str, Any], extra: dict[str, str], told: str
) -> None:
    """A deployment is refused where a taint, a size without GPUs or a missing device plugin keeps its pods away."""
    await estate.register()
    gpu = {"name": "gpu", "mode": "User", "vmSize": "Standard_NC24ads_A100_v4", "nodeLabels": {"pool": "gpu"}, **pool}
    await estate.done("PUT", cluster(estate), cluster_body(agentPoolProfiles=[SYSTEM, gpu]))
    await estate.done("PUT", extension(estate), extension_body(**extra))
    kind = {"nodeSelector": {"pool": "gpu"}, "resources": SMALL | {"limits": SMALL["limits"] | {"nvidia.com/gpu": "1"}}}
    types = compute_body(estate, instanceTypes={"gpu": kind}, defaultInstanceType="gpu")
    await estate.done("PUT", compute(estate), types)
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body(compute=compute(estate)))
    blue = estate.deployment_body(endpointComputeType="Kubernetes", instanceType="gpu")
    assert told in await refusal(estate, estate.deployment("blue"), blue)


async def test_some_clusters_are_not_attached(estate: Arm) -> None:
    """Not without local accounts, and not to a workspace in a managed network."""
    await estate.done("PUT", cluster(estate), cluster_body(disableLocalAccounts=True, aadProfile={"managed": True}))
    await estate.done("PUT", extension(estate), extension_body())
    assert "local accounts disabled" in await refusal(estate, compute(estate), compute_body(estate))
    await estate.done("PUT", cluster(estate), cluster_body(disableLocalAccounts=False, aadProfile={"managed": True}))
    await network(estate, "AllowInternetOutbound")
    assert "managed network" in await refusal(estate, compute(estate), compute_body(estate))
    inside = training(subnet={"id": "/anything"}, enableNodePublicIp=False)
    assert "managed network" in await refusal(estate, compute(estate, "builder"), inside)


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
    assert "3 to 33 letters" in await refusal(estate, f"{path}/ml", rule)
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
