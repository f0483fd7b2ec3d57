"""Each rule says what it is, and its own example is refused by it."""

from collections import Counter

import pytest

from ops.rules_page import GUARDS, PAGE, Page, all_pages, example_of, refusals_of, render
from rollout.bodies import deployment_from, endpoint_from
from rollout.decide import decide, judge
from rollout.model import ObservedDeployment, ObservedEndpoint
from rollout.rules.capacity import replicas
from rollout.rules.changes import Moves, guard_deployment
from rollout.rules.quota import cores
from settings.deployment import Deployment
from settings.stack import Stack

PAGES = all_pages()
TOP = {*Stack.model_json_schema()["properties"], "azure-native:subscriptionId"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.code)
def test_the_example_is_answered_with_the_rule(page: Page) -> None:
    """A rule's worked example gets the rule's code, under its path, with a cure."""
    found = refusals_of(page)
    assert found
    assert all(one.got and one.expected and one.cure.endswith((".", "}")) for one in found)
    assert all(one.path.split(".")[0] in TOP for one in found)


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.code.startswith("R") and page.code not in GUARDS],
    ids=lambda page: page.code,
)
def test_an_example_is_about_one_rule(page: Page) -> None:
    """Nothing but the rule itself refuses its example, so that the page's example teaches one thing."""
    stack, observed = example_of(page)
    decisions = decide(stack, observed).values()
    codes = {one.code for decision in decisions for one in decision.refusals} | {one.code for one in judge(stack)}
    assert codes <= {page.code, *_NEIGHBOURS.get(page.code, ())}


_NEIGHBOURS = {"R092": ("R005",), "R093": ("R005", "R006"), "R006": ("R005",)}


def test_codes_are_unique() -> None:
    """One code, one rule."""
    assert [code for code, count in Counter(page.code for page in PAGES).items() if count > 1] == []


def test_the_page_is_in_step() -> None:
    """docs/rules.md is what the rules say now; `python -m ops.rules_page` writes it."""
    assert PAGE.read_text(encoding="utf-8") == render()


def test_the_engine_guards_what_was_not_read() -> None:
    """A live deployment's change is refused from the engine's old and new values, by the same rule."""
    old = ObservedDeployment(environment="azureml:scoring:3", instance_type="Standard_DS3_v2", instance_count=3)
    raw = {"environment": "azureml:scoring:4", "instanceType": "standard_ds3_v2", "instanceCount": 3}
    new = Deployment.model_validate(raw)
    assert [one.code for one in guard_deployment("p", "managed", old, new, Moves(10, 10))] == ["R041"]
    assert guard_deployment("p", "managed", old, new, Moves()) == []


@pytest.mark.parametrize(
    ("moves", "state", "codes"),
    [
        (Moves(share=10), "Succeeded", ["R033"]),
        (Moves(mirror=10), "Succeeded", ["R033"]),
        (Moves(live=10, share=50), "Succeeded", ["R044"]),
        (Moves(mirrored=10, mirror=50), "Succeeded", []),
        (Moves(live=50, share=10), "Succeeded", []),
        (Moves(), "Updating", ["R045"]),
    ],
)
def test_the_engine_guards_any_change(moves: Moves, state: str, codes: list[str]) -> None:
    """A change that the rules do not read, such as a probe's, is no company for a first or a larger share."""
    old = ObservedDeployment(environment="azureml:scoring:3", instance_type="Standard_DS3_v2", instance_count=3)
    raw = {"environment": "azureml:scoring:3", "instanceType": "Standard_DS3_v2", "instanceCount": 3}
    new = Deployment.model_validate({**raw, "liveness": {"period": 20}})
    assert [one.code for one in guard_deployment("p", "managed", old, new, moves, state)] == codes


def test_the_engine_guards_an_egress_that_is_left_out() -> None:
    """What was sent and is sent no more is a change that only the engine knows."""
    raw = {"environment": "azureml:scoring:3", "instanceType": "Standard_DS3_v2", "instanceCount": 3}
    new, old = Deployment.model_validate(raw), ObservedDeployment(environment="azureml:scoring:3", egress="disabled")
    assert [one.code for one in guard_deployment("p", "managed", old, new, Moves())] == ["R046"]


def test_the_routers_formula() -> None:
    """The article's example: 20 requests a second of 10 s at 70 percent need 286 replicas."""
    assert replicas(20, 10, 0.7, 1) == 286


@pytest.mark.parametrize(
    ("instance_type", "count"),
    [
        ("Standard_DS3_v2", 4),
        ("standard_ds14_v2", 16),
        ("Standard_F8s_v2", 8),
        ("Standard_NC24ads_A100_v4", 24),
        ("x", 0),
    ],
)
def test_cores_stand_in_the_name(instance_type: str, count: int) -> None:
    """The DSv2 series numbers its sizes; the others carry their cores."""
    assert cores(instance_type) == count


def test_azures_bodies_become_the_stack_files_words() -> None:
    """Resource ids become references, zeros go, and a registry's reference stays what it is."""
    endpoint = endpoint_from(
        {
            "identity": {"type": "SystemAssigned"},
            "kind": "K8S",
            "location": "westeurope",
            "properties": {
                "compute": "/subscriptions/s/x/workspaces/w/computes/aks",
                "provisioningState": "Succeeded",
                "authMode": "AMLToken",
                "traffic": {"Blue": 100, "gray": 0},
            },
        }
    )
    assert endpoint == ObservedEndpoint(
        "Succeeded",
        "aml_token",
        "systemAssigned",
        {"blue": 100},
        {},
        kind="kubernetes",
        compute="aks",
        location="westeurope",
        identities=(),
    )
    shared = "azureml://registries/shared/models/ridge/versions/1"
    body = {"provisioningState": "Updating", "model": shared, "environmentId": "/x/environments/scoring/versions/3"}
    deployment = deployment_from({"sku": {"capacity": 3}, "properties": body})
    assert deployment == ObservedDeployment("Updating", shared, "azureml:scoring:3", None, None, 3)
