"""The hooks' decisions, with what is live given by the test."""

import asyncio
from collections.abc import Mapping

import pulumi
import pytest

from components.guard import read_back, refuse_change, refuse_drift, refuse_existing
from rollout.bodies import deployment_from
from rollout.model import ObservedEndpoint, Step
from settings.load import from_config
from settings.refusal import Refused
from tests.components.program import BASE


def drift(judged: Mapping[str, int] | None, step: Mapping[str, int], live: Mapping[str, int] | None) -> None:
    """Run the before-hook against this live map; the step was decided on what was judged, None: not there."""

    async def read() -> ObservedEndpoint | None:
        return None if live is None else ObservedEndpoint(traffic=live)

    seen = None if judged is None else ObservedEndpoint(traffic=judged)
    asyncio.run(refuse_drift("d", seen, Step(step, {}), read))


def test_what_moves_meanwhile_is_not_overwritten() -> None:
    """A live map that is not the one that the step was decided on refuses the update, in words that name both."""
    with pytest.raises(Refused, match=r"R124 .* live: blue 100, mirror none; a moment ago Azure showed blue 50"):
        drift({"blue": 50, "green": 50}, {"green": 100}, {"blue": 100})


def test_one_wrong_read_takes_no_traffic_away() -> None:
    """An endpoint that Azure denied when the step was decided, and shows serving now, is not PUT without traffic."""
    with pytest.raises(Refused, match=r"R124 .* a moment ago Azure showed no such endpoint"):
        drift(None, {}, {"blue": 100})
    drift(None, {}, {})


@pytest.mark.parametrize("live", [{"blue": 50, "green": 50}, {"green": 100}])
def test_what_was_judged_or_is_wanted_may_be_live(live: Mapping[str, int]) -> None:
    """The update goes on when live is what was judged, or is already what is wanted."""
    drift({"blue": 50, "green": 50}, {"green": 100}, live)


def test_an_endpoint_that_is_gone_is_not_updated() -> None:
    """Where Azure has no such endpoint any more, an update would make one without its deployments."""
    with pytest.raises(Refused, match="R122"):
        drift({"blue": 100}, {"green": 100}, None)


def test_read_back_waits_for_the_map_that_was_sent() -> None:
    """A stale read after success is read again until it shows what was sent."""
    answers = [{"blue": 100}, {"blue": 100}, {"blue": 90, "green": 10}]

    async def read() -> ObservedEndpoint | None:
        return ObservedEndpoint(traffic=answers.pop(0))

    asyncio.run(read_back("d", Step({"blue": 90, "green": 10}, {}), read))
    assert answers == []


def test_read_back_gives_up_and_says_what_is_live() -> None:
    """When Azure never shows the map, the error says what was sent and what is live."""

    async def read() -> ObservedEndpoint | None:
        return ObservedEndpoint(traffic={"blue": 100})

    with pytest.raises(pulumi.RunError, match=r"took traffic green 100, mirror none, but .* shows traffic blue 100"):
        asyncio.run(read_back("d", Step({"green": 100}, {}), read, seconds=0.0))


def change(old_model: str, live: Mapping[str, int]) -> None:
    """Run the deployment's before-hook for a change of its model to version 2."""
    blue = {"model": "azureml:m:2", "environment": "azureml:e:1", "instanceType": "Standard_DS3_v2", "instanceCount": 1}
    stack = from_config({**BASE, "safe-rollout:endpoints": {"d": {"deployments": {"blue": blue}}}})
    workspace = "/subscriptions/s/resourceGroups/g/providers/p/workspaces/w"
    old = {
        "sku": {"capacity": 1.0},
        "properties": {
            "provisioningState": "Succeeded",
            "model": f"{workspace}/models/m/versions/{old_model}",
            "environmentId": f"{workspace}/environments/e/versions/1",
            "instanceType": "Standard_DS3_v2",
        },
    }
    args = pulumi.ResourceHookArgs("urn", "id", "d-blue", "t")

    async def read() -> ObservedEndpoint | None:
        return ObservedEndpoint(traffic=live, deployments={"blue": deployment_from(old)})

    asyncio.run(refuse_change(stack, Step({}, {}), "d", "blue", args, read))


def test_a_live_deployment_keeps_its_model() -> None:
    """A change that only the engine sees is refused on a live deployment, by the rule's own words."""
    with pytest.raises(Refused, match=r"R041 endpoints.d.deployments.blue.model: azureml:m:1 -> azureml:m:2"):
        change("1", {"blue": 100})


@pytest.mark.parametrize(("old_model", "live"), [("1", {"green": 100}), ("2", {"blue": 100})])
def test_other_changes_of_a_deployment_go_on(old_model: str, live: Mapping[str, int]) -> None:
    """A deployment that is not live may change, and a live one whose assets stay may be scaled."""
    change(old_model, live)


@pytest.mark.parametrize("adopt", [[], ["endpoints.d"]])
def test_what_the_state_has_is_not_made_beside_itself(adopt: list[str]) -> None:
    """With --replace the engine makes before it deletes: `adopt` is no way out of that, and none is named."""
    stack = from_config({**BASE, "safe-rollout:adopt": adopt, "safe-rollout:endpoints": {"d": {}}})
    with pytest.raises(Refused, match=r"R125 endpoints\.d: about to be made a second time.* Leave --replace out"):
        refuse_existing("endpoints.d", "endpoints.d", stack, is_held=True)
