"""A step is decided from what is observed and what is wanted."""

from rollout.applied import digest
from rollout.decide import decide, to_read
from rollout.model import AppliedEndpoint, ObservedDeployment, ObservedEndpoint, Step
from rollout.words import in_words
from settings.load import from_config
from settings.stack import Stack

DEPLOYMENT = {
    "model": "azureml:diabetes-ridge:1",
    "environment": "azureml:scoring:3",
    "code": "azureml:scoring-code:9f2c41",
    "instanceType": "Standard_DS3_v2",
    "instanceCount": 3,
}
THERE = ObservedDeployment(
    model="azureml:diabetes-ridge:1",
    environment="azureml:scoring:3",
    code="azureml:scoring-code:9f2c41",
    instance_type="Standard_DS3_v2",
    instance_count=3,
)


def stack(**endpoint: object) -> Stack:
    """A stack with the one endpoint diabetes."""
    return from_config(
        {
            "azure-native:location": "westeurope",
            "safe-rollout:workspace": {"name": "ws-dev", "resourceGroup": "rg-dev"},
            "safe-rollout:registry": {"name": "acrdev01"},
            "safe-rollout:endpoints": {"diabetes": endpoint},
        }
    )


def test_a_new_endpoint_holds_all_traffic_back() -> None:
    """Traffic and mirror of an endpoint that is not there yet wait for the next `up`."""
    wanted = stack(deployments={"blue": DEPLOYMENT, "green": DEPLOYMENT}, traffic={"blue": 100}, mirror={"green": 10})
    decision = decide(wanted, {})["diabetes"]
    assert decision.step == Step({}, {}, {"blue": 100}, {"green": 10})
    assert "held back: blue 100, mirror green 10" in in_words("diabetes", None, decision.step)


def test_a_new_endpoint_opens_once_all_its_deployments_stand() -> None:
    """The second `up` of the same stack file PUTs the maps as wanted."""
    wanted = stack(deployments={"blue": DEPLOYMENT}, traffic={"blue": 100})
    observed = ObservedEndpoint(deployments={"blue": THERE})
    assert decide(wanted, {"diabetes": observed})["diabetes"].step == Step({"blue": 100}, {})


def test_one_missing_deployment_holds_back_the_others() -> None:
    """Half of the traffic never opens alone."""
    wanted = stack(deployments={"blue": DEPLOYMENT, "green": DEPLOYMENT}, traffic={"blue": 90, "green": 10})
    observed = ObservedEndpoint(deployments={"blue": THERE})
    assert decide(wanted, {"diabetes": observed})["diabetes"].step == Step({}, {}, {"blue": 90, "green": 10})


def test_a_deployment_changed_by_the_step_holds_back() -> None:
    """An idle endpoint does not open on a deployment that the same `up` changes."""
    wanted = stack(deployments={"blue": DEPLOYMENT | {"instanceCount": 5}}, traffic={"blue": 100})
    observed = ObservedEndpoint(deployments={"blue": THERE})
    assert decide(wanted, {"diabetes": observed})["diabetes"].step == Step({}, {}, {"blue": 100})


def test_a_shift_between_deployments_that_stand_is_the_step() -> None:
    """Zeros go, keys are sorted and lower case: what is shown is what is PUT."""
    wanted = stack(deployments={"blue": DEPLOYMENT, "green": DEPLOYMENT}, traffic={"Green": 100, "blue": 0})
    observed = ObservedEndpoint(traffic={"blue": 50, "green": 50}, deployments={})
    assert decide(wanted, {"diabetes": observed})["diabetes"].step == Step({"green": 100}, {})


def test_all_refusals_come_at_once() -> None:
    """A stack file with several faults is refused with each of them, and there is no step."""
    wanted = stack(deployments={"blue": DEPLOYMENT}, traffic={"blue": 50, "gray": 20}, mirror={"blue": 60})
    decision = decide(wanted, {"diabetes": ObservedEndpoint(traffic={"blue": 100})})["diabetes"]
    assert decision.step is None
    assert {"R011", "R012", "R022", "R023"} <= {refusal.code for refusal in decision.refusals}


def test_only_what_the_step_concerns_is_read() -> None:
    """A stack of N endpoints at rest costs N reads; what moves, and what is not as it was applied, is read."""
    wanted = stack(deployments={"blue": DEPLOYMENT, "green": DEPLOYMENT}, traffic={"blue": 90, "green": 10})
    at_rest, moving = ObservedEndpoint(traffic={"blue": 90, "green": 10}), ObservedEndpoint(mirror={"green": 10})
    blue, green = (digest("managed", wanted.endpoints["diabetes"].deployments[name]) for name in ("blue", "green"))

    def read(seen: ObservedEndpoint, **applied: str) -> list[str]:
        return to_read(wanted, "diabetes", seen, AppliedEndpoint(at_rest.split, applied))

    assert read(at_rest, blue=blue, green=green) == []
    assert read(moving, blue=blue, green=green) == ["blue", "green"]
    assert read(at_rest, blue=blue, green="as it was") == ["green"]
    assert read(at_rest, blue=blue) == ["green"]
    assert to_read(wanted, "diabetes", at_rest, None) == ["blue", "green"]
