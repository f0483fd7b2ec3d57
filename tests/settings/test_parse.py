"""What a stack file may say, and what it is told when it may not."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings.load import from_config, from_file
from settings.parse import parse
from settings.refusal import Refused

BASE: dict[str, Any] = {
    "azure-native:location": "westeurope",
    "safe-rollout:workspace": {"name": "ws-ml", "resourceGroup": "rg"},
    "safe-rollout:registry": {"name": "acrtest"},
}
BLUE = {"environment": "azureml:scoring:3", "instanceType": "Standard_DS3_v2", "instanceCount": 3}


def refused(**keys: Any) -> list[str]:
    """The refusals of BASE with these keys of ours, each as its line of text."""
    with pytest.raises(Refused) as error:
        from_config({**BASE, **{f"safe-rollout:{key}": value for key, value in keys.items()}})
    return [str(refusal) for refusal in error.value.refusals]


def test_an_unknown_key_is_told_the_key_that_was_meant() -> None:
    """An unknown key is refused with its path and the nearest key that exists."""
    assert refused(endpoints={"d": {"trafic": {}}}) == [
        "S001 endpoints.d.trafic: unknown key; expected one of auth, closed, compute, defaults, deployments, "
        "description, identity, kind, load, mirror, overwrite, publicNetworkAccess, rollout, tags, "
        "traffic. Did you mean traffic?"
    ]


def test_everything_wrong_is_said_at_once() -> None:
    """One run tells of every mistake in the file, in the order of its paths."""
    lines = refused(
        endpoints={"d": {"traffic": {"blue": "x"}, "deployments": {"blue": {"instanceType": 3}}}}, wrkspace=1
    )
    assert [line.split(":")[0] for line in lines] == [
        "S003 endpoints.d.deployments.blue.instanceType",
        "S003 endpoints.d.traffic.blue",
        "S001 wrkspace",
    ]


def test_a_missing_key_shows_an_example() -> None:
    """A missing key is refused with a line that can be copied."""
    with pytest.raises(Refused, match=r"Write for example: azure-native:location: westeurope"):
        from_config({key: value for key, value in BASE.items() if "location" not in key})


@pytest.mark.parametrize("share", [-1, 101, 50.5, True, "50", None])
def test_a_share_is_a_whole_number_of_percent(share: Any) -> None:
    """Shares that are not whole numbers from 0 to 100 are refused where they stand."""
    assert refused(endpoints={"d": {"traffic": {"blue": share}}})[0].split(":")[0][5:] == "endpoints.d.traffic.blue"


def test_one_name_in_two_casings_is_refused() -> None:
    """Azure lowers the keys of a traffic map, so two casings of one name would be one share lost."""
    assert "each name once, but blue" in refused(endpoints={"d": {"traffic": {"Blue": 50, "blue": 50}}})[0]


@given(st.dictionaries(st.text(alphabet="abcXYZ", min_size=1, max_size=6), st.integers(0, 100), max_size=6))
def test_traffic_becomes_canonical(raw: dict[str, int]) -> None:
    """A map that is accepted comes out in lower case, sorted and without zeros, and loses no share."""
    config = {**BASE, "safe-rollout:endpoints": {"d": {"traffic": raw}}}
    if len({key.lower() for key in raw}) < len(raw):
        with pytest.raises(Refused):
            from_config(config)
        return
    traffic = from_config(config).endpoints["d"].traffic
    assert list(traffic) == sorted(traffic)
    assert traffic == {key.lower(): value for key, value in raw.items() if value}


def test_other_namespaces_are_not_ours_to_judge() -> None:
    """Keys of other packages are left alone, and a key without a namespace belongs to the project."""
    stack = from_config({**BASE, "azure-native:metadataHost": "127.0.0.1:1", "production": True})
    assert stack.production is True


def test_what_config_set_writes_means_the_same_in_the_file(tmp_path: Path) -> None:
    """`pulumi config set KEY false` writes the text "false": for a stack file as for the engine that is no."""
    path = tmp_path / "Pulumi.dev.yaml"
    texts = {key: json.dumps(value) if isinstance(value, dict) else value for key, value in BASE.items()}
    config = {**texts, "safe-rollout:production": "false", "safe-rollout:quotaCores": "24"}
    path.write_text(json.dumps({"config": config}), encoding="utf-8")
    assert (from_file(path).production, from_file(path).quota_cores) == (False, 24)


def test_settings_are_frozen() -> None:
    """Nothing downstream can change what the stack file said."""
    stack = from_config({**BASE, "safe-rollout:endpoints": {"d": {"deployments": {"blue": BLUE}}}})
    with pytest.raises(ValueError, match="frozen"):
        stack.endpoints["d"].deployments["blue"].instance_count = 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("config: [", "S006"),
        ("- a", "S006"),
        ("config: 3", "S006"),
        ("config: {}", "S002 location"),
    ],
)
def test_a_malformed_stack_file_is_refused_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    """Text that is not a stack file is refused by name, never with a traceback."""
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(text)
    with pytest.raises(Refused) as error:
        from_file(path)
    assert str(error.value.refusals[0]).startswith(expected)


def test_a_missing_stack_file_is_refused(tmp_path: Path) -> None:
    """A file that is not there is refused with what to name instead."""
    with pytest.raises(Refused, match="S005"):
        from_file(tmp_path / "Pulumi.nope.yaml")


@pytest.mark.parametrize(("written", "expected"), [(8, "8"), (True, "true"), (2**53 - 1, str(2**53 - 1)), ("x", "x")])
def test_a_variable_is_text_whatever_pulumi_made_of_it(written: Any, expected: str) -> None:
    """Numbers and booleans, as `pulumi config set` writes them, reach the deployment as text."""
    blue = {**BLUE, "variables": {"WORKER_COUNT": written}}
    stack = from_config({**BASE, "safe-rollout:endpoints": {"d": {"deployments": {"blue": blue}}}})
    assert stack.endpoints["d"].deployments["blue"].variables == {"WORKER_COUNT": expected}


@pytest.mark.parametrize("written", [2**53, 1.1, 2.0**60, None, [1]])
def test_text_that_has_lost_digits_is_refused(written: Any) -> None:
    """The engine has lost how it was written, so quotes are asked for where text is meant."""
    said = refused(tags={"version": written})
    assert said[0].startswith("S003 tags.version: ")
    assert ("Write it in quotes" in said[0]) == isinstance(written, int | float)


def test_a_json_map_is_read_as_the_file_is() -> None:
    """1.0 and 1e2 are whole numbers for the engine, which has lost the point; so they are in pairs of JSON."""
    blue = {**BLUE, "instanceCount": 3.0, "variables": {"N": 2.0}}
    config = {**BASE, "safe-rollout:endpoints": {"d": {"deployments": {"blue": blue}, "traffic": {"blue": 1e2}}}}
    endpoint = from_config(config).endpoints["d"]
    assert (endpoint.traffic, endpoint.deployments["blue"].variables) == ({"blue": 100}, {"N": "2"})


def test_what_is_encrypted_is_in_no_message() -> None:
    """The engine knows only which key holds a secret: no text under it is shown."""
    raw = {"location": "x", "endpoints": {"d": {"kind": "sk-1", "traffic": {"blue": "sk-2"}}}}
    with pytest.raises(Refused) as error:
        parse(raw, secret=["endpoints"])
    assert "sk-" not in str(error.value)
    assert "S004 location: 'x'" in str(error.value)
