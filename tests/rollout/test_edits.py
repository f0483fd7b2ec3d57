"""A step in words: what is made, changed and removed, with versions, descriptions and instances."""

from typing import Any

import pytest

from ops.rules_page import DEPLOYMENT
from rollout.applied import digest, endpoint_digest
from rollout.assets import Found, judge_assets, to_find
from rollout.edits import tell
from rollout.model import Applied, AppliedEndpoint, ObservedDeployment, ObservedEndpoint, Split, Step
from rollout.words import Told, unchanged
from settings.load import from_config
from settings.stack import Stack

GREEN = "models/diabetes-ridge/versions/f127"
ASSETS = {GREEN: "alpha 0.1"}
STEP = Step({"blue": 100}, {})


def stack_of(deployments: dict[str, Any], **more: Any) -> Stack:
    """A stack with one endpoint, diabetes, that serves by blue."""
    endpoint = {"deployments": deployments, "traffic": {"blue": 100}, **more}
    return from_config(
        {
            "location": "westeurope",
            "workspace": {"name": "ws-diabetes", "resourceGroup": "rg-diabetes"},
            "registry": {"name": "acrdiabetes"},
            "endpoints": {"diabetes": endpoint},
        }
    )


def live(**of_blue: Any) -> ObservedEndpoint:
    """DEPLOYMENT as Azure shows it, behind an endpoint that serves by it."""
    blue: dict[str, Any] = {key: DEPLOYMENT[key] for key in ("model", "environment", "code")}
    blue |= {"instance_type": "Standard_DS3_v2", "instance_count": 3}
    return ObservedEndpoint(traffic={"blue": 100}, deployments={"blue": ObservedDeployment(**blue | of_blue)})


def said(stack: Stack, seen: ObservedEndpoint | None, kept: AppliedEndpoint | None = None, step: Step = STEP) -> Told:
    """What is said of diabetes."""
    applied = Applied(endpoints={"diabetes": kept} if kept else {})
    (told,) = tell(stack, {"diabetes": step}, {"diabetes": seen} if seen else {}, applied, ASSETS)
    return told


def test_a_new_deployment_is_said_by_model_description_and_instances() -> None:
    """The line of the README: what goes out, on how much, and that traffic stays."""
    green = {**DEPLOYMENT, "model": "azureml:diabetes-ridge:f127", "instanceCount": 1}
    told = said(stack_of({"blue": DEPLOYMENT, "green": green}), live())
    made = 'NEW green = diabetes-ridge:f127 ("alpha 0.1"), 1 x Standard_DS3_v2'
    assert told.line == f"~ diabetes: {made}; traffic stays blue 100"


def test_a_scaled_deployment_says_its_limits() -> None:
    """What a scaler owns is a range."""
    green: dict[str, Any] = {**DEPLOYMENT, "autoscale": {"min": 2, "max": 5}}
    del green["instanceCount"]
    assert "2-5 x Standard_DS3_v2" in said(stack_of({"blue": DEPLOYMENT, "green": green}), live()).text


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ({"instanceCount": 4}, "CHANGED blue: instanceCount 3 -> 4"),
        (
            {"model": "azureml:diabetes-ridge:f127"},
            'CHANGED blue: model diabetes-ridge:1 -> diabetes-ridge:f127 ("alpha 0.1")',
        ),
        ({"liveness": {"period": 20}}, "CHANGED blue: other settings"),
    ],
)
def test_a_changed_deployment_says_from_what_to_what(edit: dict[str, Any], words: str) -> None:
    """Versions and counts by value; what Azure was not asked for by the digest of what was applied."""
    before, after = stack_of({"blue": DEPLOYMENT}), stack_of({"blue": {**DEPLOYMENT, **edit}})
    kept = AppliedEndpoint(
        Split({"blue": 100}), {"blue": digest("managed", before.endpoints["diabetes"].deployments["blue"])}
    )
    assert said(after, live(), kept).line == f"~ diabetes: {words}; traffic stays blue 100"
    assert said(before, live(), kept).mark == "="


def test_what_leaves_the_stack_file_is_said() -> None:
    """A deployment at its endpoint, an endpoint by itself."""
    kept = AppliedEndpoint(Split({"blue": 100}), {"blue": None, "green": None})
    assert (
        said(stack_of({"blue": DEPLOYMENT}), live(), kept).line == "~ diabetes: REMOVED green; traffic stays blue 100"
    )
    applied = Applied(endpoints={"fraud": kept})
    assert [one.line for one in tell(stack_of({"blue": DEPLOYMENT}), {}, {}, applied)] == ["- fraud: REMOVED endpoint"]


def test_an_endpoints_own_settings_are_a_change() -> None:
    """Else it would be called unchanged while the engine updates it."""
    before, after = stack_of({"blue": DEPLOYMENT}), stack_of({"blue": DEPLOYMENT}, description="Progression")
    kept = AppliedEndpoint(Split({"blue": 100}), {"blue": None}, settings=endpoint_digest(before, "diabetes"))
    assert "CHANGED the endpoint's own settings" in said(after, live(), kept).text
    assert said(before, live(), kept).mark == "="


def test_a_new_endpoint_is_marked_and_holds_its_traffic_back() -> None:
    """`+`, what is made, and when it opens."""
    told = said(stack_of({"blue": DEPLOYMENT}), None, step=Step({}, {}, held_back={"blue": 100}))
    assert told.line == (
        "+ diabetes: NEW endpoint; NEW blue = diabetes-ridge:1, 3 x Standard_DS3_v2; held back: blue 100; "
        "it opens with the next 'pulumi up'"
    )


def test_many_that_stay_are_counted() -> None:
    """A hundred endpoints are one line that can be read."""
    line = unchanged({f"endpoint-{number:03d}": Split({"blue": 100}) for number in range(100)})
    assert line.endswith("endpoint-009 (blue 100), and 90 more")


def test_what_the_stack_makes_and_what_a_registry_has_is_not_looked_for() -> None:
    """An image of the stack is registered by the same `up`; a registry is another place."""
    digest_of_image = "a" * 64
    stack = stack_of(
        {
            "blue": {
                **DEPLOYMENT,
                "model": "azureml://registries/shared/models/ridge/versions/1",
                "environment": f"azureml:scoring-image:{digest_of_image[:12]}",
            }
        }
    )
    image = {"scoring-image": {"image": f"acr.azurecr.io/scoring@sha256:{digest_of_image}"}}
    stack = stack.model_copy(update={"images": from_config({**_raw(stack), "images": image}).images})
    assert list(to_find(stack, "diabetes", None, None)) == ["endpoints.diabetes.deployments.blue.code"]


def _raw(stack: Stack) -> dict[str, Any]:
    return {
        "location": stack.location,
        "workspace": {"name": "ws-diabetes", "resourceGroup": "rg-diabetes"},
        "registry": {"name": "acrdiabetes"},
    }


def test_each_missing_version_is_told_with_its_command() -> None:
    """All at once, each under its key."""
    wanted = to_find(stack_of({"blue": DEPLOYMENT}), "diabetes", None, None)
    told = judge_assets(Found(wanted, dict.fromkeys(wanted.values())), "ws-diabetes", "safe-rollout", " --stack dev")
    assert [(one.code, one.path.rpartition(".")[2]) for one in told] == [
        ("R231", "model"),
        ("R231", "environment"),
        ("R231", "code"),
    ]
    assert "rollout register model diabetes-ridge FILE_OR_FOLDER --stack dev" in told[0].cure
