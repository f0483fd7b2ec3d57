"""What was applied last: the mark that an endpoint carries, and what the stack's outputs keep."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.applied import (
    applied_from,
    digest,
    former_place,
    is_edited,
    mark_of,
    proven_to_keep,
    values_digest,
    with_applied,
)
from rollout.model import Applied, AppliedEndpoint, ObservedEndpoint, Split
from settings.deployment import Deployment
from settings.load import from_config

names = st.from_regex(r"[a-z][a-z0-9-]{1,30}[a-z0-9]", fullmatch=True)
maps = st.dictionaries(names, st.integers(1, 100), max_size=4)
splits = st.builds(Split, maps, maps)
BLUE, HALF = Split({"blue": 100}), Split({"blue": 50, "green": 50})


def seen(split: Split, mark: str | None) -> ObservedEndpoint:
    """An endpoint that shows this split and this mark."""
    return ObservedEndpoint(traffic=split.traffic, mirror=split.mirror, mark=mark)


@given(applied=splits, live=splits, over=st.none() | splits)
def test_a_mark_says_what_was_applied(applied: Split, live: Split, over: Split | None) -> None:
    """A mark is at most 256 characters, and is read back as what was applied; a longer one as far as it is live."""
    mark = mark_of(applied, over)
    assert len(mark) <= 256
    read = with_applied(seen(live, mark), None)
    if mark.startswith("sha256:"):
        assert read.applied is None or read.applied == live
    else:
        assert (read.applied, read.overwrote) == (applied, over)


def test_a_split_too_long_for_a_tag_is_known_by_its_digest() -> None:
    """With many long names the mark is a digest: what is live is compared, and else the outputs are asked."""
    long = Split({f"a-deployment-with-a-long-name-{number}": 5 for number in range(20)})
    mark = mark_of(long)
    assert mark.startswith("sha256:")
    assert with_applied(seen(long, mark), None).applied == long
    assert with_applied(seen(BLUE, mark), AppliedEndpoint(long)).applied == long


@pytest.mark.parametrize("mark", [None, "somebody's own text", "blue=many"])
def test_without_a_mark_the_outputs_are_asked(mark: str | None) -> None:
    """A PUT by hand that left the tag out, or wrote another text: what the stack kept counts."""
    read = with_applied(seen(HALF, mark), AppliedEndpoint(BLUE, overwrote=HALF))
    assert read.applied == BLUE


def test_nothing_is_known_of_what_was_never_applied() -> None:
    """An endpoint made by hand has neither mark nor outputs."""
    assert with_applied(seen(HALF, None), None).applied is None


def test_outputs_of_version_0_2_0_are_read() -> None:
    """That version kept names and splits, and no digests."""
    outputs = {
        "resourceGroup": "rg",
        "workspace": "ws",
        "endpoints": {"d": {"traffic": {"blue": 100}, "mirror": {}, "deployments": ["blue", "green"]}},
    }
    applied = applied_from(outputs)
    assert applied
    assert applied.estate == {"workspace.name": "ws", "workspace.resourceGroup": "rg"}
    assert applied.endpoints["d"] == AppliedEndpoint(BLUE, {"blue": None, "green": None})
    assert applied_from({}) is None


def test_a_digest_follows_what_is_sent() -> None:
    """It changes with the settings, and not with the values of variables or the limits of a scaler of Azure's."""
    raw = {"environment": "azureml:e:1", "instanceType": "Standard_DS3_v2", "autoscale": {"min": 1, "max": 3}}
    one = Deployment.model_validate({**raw, "variables": {"TOKEN": "a"}})
    assert digest("managed", one) == digest("managed", Deployment.model_validate({**raw, "variables": {"TOKEN": "b"}}))
    more = one.model_copy(update={"autoscale": None})
    assert digest("managed", one) == digest("managed", more)
    assert digest("kubernetes", one) != digest("kubernetes", more)
    assert digest("managed", one) != digest("managed", one.model_copy(update={"description": "another"}))


def test_what_carried_traffic_is_proven_as_long_as_it_is_the_same() -> None:
    """A rollout's candidate is not proven; one that was, and whose settings changed, is no longer."""
    digests = {"blue": "1", "green": "2"}
    kept = AppliedEndpoint(BLUE, digests, proven=("blue",))
    assert proven_to_keep(HALF, "green", kept, digests) == ["blue"]
    assert proven_to_keep(Split({"green": 100}), None, kept, digests) == ["blue", "green"]
    changed = replace(kept, deployments={"blue": "0", "green": "2"})
    assert proven_to_keep(Split({"green": 100}), None, changed, digests) == ["green"]


def test_outputs_that_a_destroy_left_unknown_say_nothing() -> None:
    """What is no map is passed over, and the rest is read."""
    kept = {"endpoints": {"gone": object(), "here": {"traffic": {"blue": 100}}}, "estate": {}, "pools": {}}
    applied = applied_from({"applied": kept})
    assert applied is not None
    assert list(applied.endpoints) == ["here"]


@pytest.mark.parametrize(
    ("kept", "former"),
    [
        ({}, None),
        ({"workspace.name": "WS-A", "workspace.resourceGroup": "Rg-A"}, None),
        ({"workspace.name": "ws-old"}, ("rg-a", "ws-old")),
        ({"workspace.name": "ws-a", "workspace.resourceGroup": "rg-old"}, ("rg-old", "ws-a")),
    ],
)
def test_a_place_is_a_group_and_a_workspace(kept: dict[str, str], former: tuple[str, str] | None) -> None:
    """The stack was applied elsewhere where either name is another one, whatever its case."""
    stack = from_config(
        {
            "azure-native:location": "westeurope",
            "safe-rollout:workspace": {"name": "ws-a", "resourceGroup": "rg-a"},
            "safe-rollout:registry": {"name": "acrtest"},
        }
    )
    assert former_place(stack, Applied(kept)) == former


def test_a_value_alone_is_an_edit() -> None:
    """Names of variables stand in the digest that anybody sees, values in one that is kept as a secret."""
    raw = {"model": "azureml:m:1", "environment": "azureml:e:1", "instanceType": "Standard_DS3_v2"}
    one, two = (Deployment.model_validate({**raw, "variables": {"RATE": rate}}) for rate in ("1", "2"))
    outputs = {
        "applied": {"endpoints": {"wine": {"deployments": {"blue": digest("managed", one)}}}},
        "appliedVariables": {"wine": {"blue": values_digest(one)}},
    }
    kept = applied_from(outputs)
    assert kept
    assert digest("managed", one) == digest("managed", two)
    assert [is_edited("managed", "blue", each, kept.endpoints["wine"]) for each in (one, two)] == [False, True]
    # Whoever may not see it knows nothing of it.
    for placeholder in ("[secret]", {"wine": "[secret]"}):
        hidden = applied_from({**outputs, "appliedVariables": placeholder})
        assert hidden
        assert is_edited("managed", "blue", one, hidden.endpoints["wine"])
