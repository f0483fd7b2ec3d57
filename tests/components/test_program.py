"""What the program declares, read back from Pulumi's mocks."""

from typing import Any

import pulumi
import pytest

from tests.components.program import BASE, run, stack_file

BLUE = {
    "model": "azureml:diabetes-ridge:1",
    "environment": "azureml:scoring:3",
    "code": "azureml:scoring-code:9f2c41",
    "instanceType": "Standard_DS3_v2",
    "instanceCount": 2,
}


def endpoints(**endpoint: Any) -> dict[str, Any]:
    """Configuration with one endpoint, diabetes."""
    return {"safe-rollout:endpoints": {"diabetes": endpoint}}


def live(traffic: dict[str, int], mirror: dict[str, int] | None = None) -> dict[str, Any]:
    """An endpoint's body as azure-native's get function returns it."""
    properties = {
        "authMode": "Key",
        "provisioningState": "Succeeded",
        "traffic": traffic,
        "mirrorTraffic": mirror or {},
    }
    return {"identity": {"type": "SystemAssigned"}, "properties": properties}


def deployed(model: str = "1") -> dict[str, Any]:
    """BLUE's body as azure-native's get function returns it."""
    workspace = "/subscriptions/s/resourceGroups/rg-test/providers/Microsoft.MachineLearningServices/workspaces/ws-test"
    return {
        "sku": {"capacity": 2},
        "properties": {
            "provisioningState": "Succeeded",
            "model": f"{workspace}/models/diabetes-ridge/versions/{model}",
            "environmentId": f"{workspace}/environments/scoring/versions/3",
            "codeConfiguration": {"codeId": f"{workspace}/codes/scoring-code/versions/9f2c41"},
            "instanceType": "Standard_DS3_v2",
        },
    }


def test_the_estate_stands_without_endpoints() -> None:
    """A stack without endpoints declares the estate, and an empty map of endpoints."""
    azure, outputs = run({})
    assert sorted(kind for kind in ("Vault", "StorageAccount", "Registry", "Component") if azure.of_type(kind)) == [
        "Component",
        "Registry",
        "StorageAccount",
        "Vault",
    ]
    assert outputs["endpoints"] == {}
    assert azure.of_type("ResourceGroup")["base-group"]["resourceGroupName"] == "rg-test"


def test_traffic_is_held_back_until_its_deployment_is_there() -> None:
    """On an endpoint that is not there yet the traffic of the stack file is held back, and the outputs say so."""
    azure, outputs = run(endpoints(deployments={"blue": BLUE}, traffic={"blue": 100}))
    properties = azure.of_type("OnlineEndpoint")["diabetes"]["properties"]
    assert (properties["traffic"], properties["mirrorTraffic"]) == ({}, {})
    assert outputs["endpoints"]["diabetes"]["heldBack"] == {"blue": 100}


def test_what_is_not_registered_is_refused_before_anything_is_declared() -> None:
    """Each version with its command; nothing of the estate is made first."""
    with pytest.raises(pulumi.RunError) as refused:
        run(endpoints(deployments={"blue": BLUE}), unregistered=["diabetes-ridge", "scoring"])
    assert [line.split()[:2] for line in str(refused.value).splitlines()[1:]] == [
        ["R231", "endpoints.diabetes.deployments.blue.model:"],
        ["R231", "endpoints.diabetes.deployments.blue.environment:"],
    ]


def test_an_up_without_a_workspace_makes_the_estate_first() -> None:
    """Nothing can be registered where there is no workspace: an `up` is refused whole, with what to type."""
    with pytest.raises(pulumi.RunError, match=r"R232 endpoints: ws-test is not there yet.+pulumi config rm"):
        run(
            endpoints(deployments={"blue": BLUE}), unregistered=["diabetes-ridge", "scoring", "scoring-code", "ws-test"]
        )


def test_what_is_live_is_an_output_in_words() -> None:
    """The last lines of an `up` say how each endpoint is shared out now."""
    config = endpoints(deployments={"blue": BLUE}, traffic={"blue": 100})
    _, outputs = run(config, {"diabetes": live({}), "blue": deployed()})
    assert outputs["live"] == {"diabetes": "blue 100"}


def test_traffic_opens_when_the_deployment_is_there() -> None:
    """With the deployment read as Succeeded and unchanged, the endpoint carries the stack file's traffic."""
    config = endpoints(deployments={"blue": BLUE}, traffic={"blue": 100})
    azure, outputs = run(config, {"diabetes": live({}), "blue": deployed()})
    assert azure.of_type("OnlineEndpoint")["diabetes"]["properties"]["traffic"] == {"blue": 100}
    assert outputs["endpoints"]["diabetes"] == {
        "scoringUri": "https://scoring",
        "traffic": {"blue": 100},
        "mirror": {},
        "deployments": ["blue"],
        "heldBack": {},
    }


def test_only_what_the_step_concerns_is_read() -> None:
    """A shift reads the endpoint and the deployments whose share moves; without a shift only the endpoint is read."""
    deployments = {"blue": BLUE, "green": BLUE, "teal": BLUE}
    bodies = {"diabetes": live({"blue": 100}), "blue": deployed(), "green": deployed()}
    _, before = run(endpoints(deployments=deployments, traffic={"blue": 100}), bodies)
    shift = endpoints(deployments=deployments, traffic={"blue": 90, "green": 10})
    azure, _ = run(shift, bodies, before)
    assert azure.reads == ["getOnlineEndpoint:diabetes", "getOnlineDeployment:blue", "getOnlineDeployment:green"]
    azure, _ = run(endpoints(deployments=deployments, traffic={"blue": 100}), bodies, before)
    assert azure.reads == ["getOnlineEndpoint:diabetes"]


def test_a_lost_answer_is_looked_for_again() -> None:
    """What this stack applied and Azure denies is looked at again, and refused where the state holds it."""
    config = endpoints(deployments={"blue": BLUE}, traffic={"blue": 100})
    _, before = run(config, {"diabetes": live({"blue": 100}), "blue": deployed()})
    urn = "urn:pulumi:test::safe-rollout::azure-native:machinelearningservices:OnlineEndpoint::diabetes"
    with pytest.raises(pulumi.RunError, match=r"R122 endpoints\.diabetes: in the stack's state, not in Azure"):
        run(config, {}, before, [urn])
    # After a refresh the state holds it no longer, so it is made anew.
    azure, _ = run(config, {}, before)
    assert azure.of_type("OnlineEndpoint")["diabetes"]["properties"]["traffic"] == {}


@pytest.mark.parametrize(
    ("edited", "path"),
    [
        ({"safe-rollout:workspace": {"name": "ws-other", "resourceGroup": "rg-test"}}, "workspace.name: ws-test"),
        ({"safe-rollout:registry": {"name": "acrother"}}, "registry.name: acrtest"),
    ],
)
def test_the_ground_of_what_serves_stays(edited: dict[str, Any], path: str) -> None:
    """Another workspace or registry is refused while an endpoint serves, before any resource is declared."""
    config = endpoints(deployments={"blue": BLUE}, traffic={"blue": 100})
    bodies = {"diabetes": live({"blue": 100}), "blue": deployed()}
    _, before = run(config, bodies)
    with pytest.raises(pulumi.RunError, match=f"R066 {path}"):
        run({**config, **edited}, bodies, before)


def test_a_split_made_by_hand_is_told_without_its_mark() -> None:
    """Where a PUT past the stack left the mark out, the stack's outputs tell what it applied."""
    config = endpoints(deployments={"blue": BLUE, "green": BLUE}, traffic={"blue": 100})
    _, before = run(config, {"diabetes": live({"blue": 100}), "blue": deployed(), "green": deployed()})
    with pytest.raises(pulumi.RunError, match=r"R121 .* live: blue 50, green 50; this stack applied blue 100"):
        run(config, {"diabetes": live({"blue": 50, "green": 50}), "blue": deployed(), "green": deployed()}, before)


def test_a_deployment_names_its_assets_by_resource_id() -> None:
    """References to registered assets become the workspace's resource ids, pinned to their versions."""
    azure, _ = run(endpoints(deployments={"blue": BLUE}))
    deployment = azure.of_type("OnlineDeployment")["diabetes-blue"]
    assert deployment["properties"]["model"].endswith("/models/diabetes-ridge/versions/1")
    assert deployment["properties"]["codeConfiguration"]["codeId"].endswith("/codes/scoring-code/versions/9f2c41")
    assert deployment["sku"]["capacity"] == 2


def test_keys_are_secret() -> None:
    """The endpoint's keys leave the program as a secret output only."""
    _, outputs = run(endpoints(deployments={"blue": BLUE}))
    assert outputs["keys"] == {"diabetes": {"primary": "first", "secondary": "second"}}
    assert outputs["secret"] == ["appliedVariables", "keys"]


def test_a_bad_stack_file_is_refused_before_any_resource() -> None:
    """All that is wrong with the stack file is said at once, and nothing is declared."""
    with pytest.raises(pulumi.RunError) as refused:
        run({**endpoints(trafic={}), "safe-rollout:registry": {"name": "a"}})
    assert "S001 endpoints.diabetes.trafic: unknown key" in str(refused.value)
    assert "S004 registry.name" in str(refused.value)


@pytest.mark.parametrize("name", ["dev", "local", "prod"])
def test_committed_stack_files_are_accepted(name: str) -> None:
    """The stack files of the project declare an estate with every endpoint they name."""
    config = stack_file(name)
    azure, outputs = run({**BASE, **config})
    assert sorted(azure.of_type("OnlineEndpoint")) == sorted(config.get("safe-rollout:endpoints", {}))
    assert outputs["resourceGroup"] == config["safe-rollout:workspace"]["resourceGroup"]


def test_the_program_is_deterministic() -> None:
    """A second run of the same configuration declares exactly the same inputs."""
    first, second = run(stack_file("prod"))[0], run(stack_file("prod"))[0]
    assert {name: args.inputs for name, args in first.declared.items()} == {
        name: args.inputs for name, args in second.declared.items()
    }


def test_a_stack_stays_in_its_subscription() -> None:
    """In another one Azure has none of it: that is said, and not that all of it is gone; nothing else is read."""
    kept = {"endpoints": {"diabetes": {"traffic": {"blue": 100}}}, "subscription": "another"}
    held = ["urn:pulumi:test::safe-rollout::c$azure-native:machinelearningservices:OnlineEndpoint::diabetes"]
    config = endpoints(deployments={"blue": BLUE}, traffic={"blue": 100})
    with pytest.raises(pulumi.RunError, match="R068 azure-native:subscriptionId: s; expected another") as refused:
        run(config, {}, outputs={"applied": kept}, held=held)
    assert "R122" not in str(refused.value)
    _, told = run(config, {}, outputs={"applied": {**kept, "subscription": "S", "endpoints": {}}})
    assert told["applied"]["subscription"] == "s"
