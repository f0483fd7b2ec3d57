"""Managed clusters, node pools, maintenance windows and extensions."""

from typing import Any

import pytest

from localazure.testing.client import Arm
from localazure.testing.cluster_bodies import SYSTEM, cluster, cluster_body, extension, extension_body, refusal

pytestmark = pytest.mark.anyio
POOL = {"vmSize": "Standard_D8s_v5", "count": 3, "enableAutoScaling": True, "minCount": 3, "maxCount": 12}


async def test_a_cluster_comes_up(estate: Arm) -> None:
    """Creating, then Succeeded with its address, issuer and kubelet identity, which an update keeps."""
    answer = await estate.call("PUT", cluster(estate), cluster_body())
    assert (answer.status_code, answer.json()["properties"]["provisioningState"]) == (201, "Creating")
    assert "identityProfile" not in answer.json()["properties"]
    pool = f"{cluster(estate)}/agentPools/models"
    assert (await refusal(estate, pool, {"properties": POOL})).startswith("OperationNotAllowed")
    await estate.turn()
    first = (await estate.call("GET", cluster(estate))).json()["properties"]
    again = (await estate.done("PUT", cluster(estate), cluster_body())).json()["properties"]
    for key in ("fqdn", "identityProfile", "oidcIssuerProfile", "agentPoolProfiles"):
        assert again[key] == first[key]
    assert first["oidcIssuerProfile"]["issuerURL"].startswith("https://")


async def test_pools(estate: Arm) -> None:
    """A pool of its own stands in the cluster's body too; a cluster's PUT adds none, and the last system pool stays."""
    await estate.done("PUT", cluster(estate), cluster_body())
    await estate.done("PUT", f"{cluster(estate)}/agentPools/models", {"properties": POOL})
    shown = (await estate.call("GET", cluster(estate))).json()["properties"]["agentPoolProfiles"]
    assert [(pool["name"], pool["mode"]) for pool in shown] == [("system", "System"), ("models", "User")]
    kept = (await estate.done("PUT", cluster(estate), cluster_body())).json()["properties"]["agentPoolProfiles"]
    assert len(kept) == 2
    new = cluster_body(agentPoolProfiles=[SYSTEM, {**SYSTEM, "name": "extra"}])
    assert "A new agent pool was introduced" in await refusal(estate, cluster(estate), new)
    system = f"{cluster(estate)}/agentPools/system"
    assert (await refusal(estate, system, None, "DELETE")).startswith("OperationNotAllowed")
    assert (await estate.call("DELETE", f"{cluster(estate)}/agentPools/models")).status_code == 202
    await estate.turn()
    assert len((await estate.call("GET", f"{cluster(estate)}/agentPools")).json()["value"]) == 1


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"agentPoolProfiles": [{**SYSTEM, "mode": "User"}]}, "agentPoolProfiles"),
        ({"agentPoolProfiles": [{**SYSTEM, "count": 0}]}, "agentPool.count"),
        ({"agentPoolProfiles": [{**SYSTEM, "minCount": 1, "maxCount": 3}]}, "agentPool.minCount"),
        ({"agentPoolProfiles": [{**SYSTEM, "name": "System-1"}]}, "agentPool.name"),
        ({"agentPoolProfiles": [{**SYSTEM, "vnetSubnetID": "/nothing"}]}, "agentPool.vnetSubnetID"),
        ({"agentPoolProfiles": [{**SYSTEM, "colour": "blue"}]}, "'colour'"),
        ({"networkProfile": {"networkPlugin": "azure", "podCidr": "10.2.0.0/16"}}, "networkProfile.podCidr"),
        (
            {"networkProfile": {"serviceCidr": "10.0.0.0/16", "dnsServiceIP": "10.1.0.10"}},
            "networkProfile.dnsServiceIP",
        ),
        (
            {"apiServerAccessProfile": {"enablePrivateCluster": True, "authorizedIPRanges": ["1.2.3.4/32"]}},
            "authorized",
        ),
        ({"disableLocalAccounts": True}, "disableLocalAccounts"),
        ({"oidcIssuerProfile": None, "securityProfile": {"workloadIdentity": {"enabled": True}}}, "workloadIdentity"),
        ({"securityProfile": {"defender": {"logAnalyticsWorkspaceResourceId": "/nothing"}}}, "defender"),
    ],
)
async def test_a_cluster_that_cannot_be_is_refused(estate: Arm, properties: dict[str, Any], named: str) -> None:
    """Each contradiction is a 400 that names the parameter."""
    assert named in await refusal(estate, cluster(estate), cluster_body(**properties))
    assert (await estate.call("GET", cluster(estate))).status_code == 404


@pytest.mark.parametrize(
    ("name", "change", "named"),
    [
        ("sundays", {}, "configName"),
        ("aksManagedAutoUpgradeSchedule", {"durationHours": 2}, "durationHours"),
        ("aksManagedAutoUpgradeSchedule", {"startTime": "25:00"}, "startTime"),
        ("aksManagedAutoUpgradeSchedule", {"schedule": {}}, "schedule"),
        ("aksManagedNodeOSUpgradeSchedule", {}, ""),
    ],
)
async def test_maintenance(estate: Arm, name: str, change: dict[str, Any], named: str) -> None:
    """Two names, 4 to 24 hours, HH:MM, one schedule."""
    await estate.done("PUT", cluster(estate), cluster_body())
    weekly = {"weekly": {"dayOfWeek": "Sunday", "intervalWeeks": 1}}
    window = {"schedule": weekly, "durationHours": 4, "startTime": "02:00", "utcOffset": "+01:00", **change}
    path, body = f"{cluster(estate)}/maintenanceConfigurations/{name}", {"properties": {"maintenanceWindow": window}}
    if named:
        assert named in await refusal(estate, path, body)
    else:
        assert (await estate.call("PUT", path, body)).status_code == 201


async def test_the_extension(estate: Arm) -> None:
    """It is on a cluster that is there, says what it is for, and never shows what is protected."""
    assert (await refusal(estate, extension(estate), extension_body())).startswith("ParentResourceNotFound")
    await estate.done("PUT", cluster(estate), cluster_body())
    off = extension_body(enableInference="false")
    assert "enableTraining or enableInference" in await refusal(estate, extension(estate), off)
    assert "sslSecret" in await refusal(estate, extension(estate), extension_body(allowInsecureConnections="false"))
    # What the command line turns into the chart's own words does not reach the chart by itself.
    by_cli = extension_body(allowInsecureConnections="false", sslSecret="tls", sslCname="models.example.org")
    assert "scoringFe.sslSecret" in await refusal(estate, extension(estate), by_cli)
    internal = extension_body(internalLoadBalancerProvider="azure")
    assert "scoringFe.serviceType.internalLoadBalancer" in await refusal(estate, extension(estate), internal)
    on_nodes = extension_body(inferenceRouterServiceType="nodePort")
    assert "scoringFe.serviceType.nodePort" in await refusal(estate, extension(estate), on_nodes)
    body = extension_body()
    body["properties"]["configurationProtectedSettings"] = {"sslKeyPemFile": "secret"}
    done = await estate.done("PUT", extension(estate), body)
    assert done.json()["properties"]["provisioningState"] == "Succeeded"
    assert "secret" not in done.text
