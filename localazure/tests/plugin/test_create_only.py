"""The table of what Azure fixes at creation, against the types of the SDK."""

from collections.abc import Iterator
from typing import Any

import pytest

from localazure.create_only import CREATE_ONLY, replacing
from localazure.create_only.azure import AZURE
from localazure.create_only.fixed import Fixed, changed
from localazure.create_only.plugin import PLUGIN
from localazure.plugin.schema import Fields, Schema

PATHS = [(token, path) for token, rows in CREATE_ONLY.items() for path in rows]


@pytest.mark.parametrize(("token", "path"), PATHS, ids=lambda value: value.rpartition(":")[2])
def test_every_path_is_an_input_of_its_type(schema: Schema, token: str, path: str) -> None:
    """A name that the SDK does not have would never be met, and hide that nobody looks."""
    found = [schema.resource(token).inputs]
    for name in path.replace("[*]", "").split("."):
        kinds = [fields[name][0] for fields in found if name in fields]
        assert kinds, f"{token} has no {path}"
        found = [fields for kind in kinds for fields in _classes(kind, schema)]


def test_a_path_stands_in_one_of_the_two_lists() -> None:
    """What the plugin replaces, and what it sends and Azure answers to: nothing is both."""
    both = {token: PLUGIN[token].keys() & AZURE[token].keys() for token in PLUGIN.keys() & AZURE.keys()}
    assert not any(both.values())


def test_every_row_has_its_source() -> None:
    """Who says so can be looked up."""
    rows = [row for rows in CREATE_ONLY.values() for row in rows.values()]
    assert all(row.source for row in rows)
    assert {row.effect for row in rows} == {"replaces", "refuses", "ignores"}


def test_a_type_that_the_table_does_not_name_is_replaced_by_its_location() -> None:
    """So the API descriptions have it; the Azure ML workspace is not marked."""
    assert replacing("azure-native:monitor:ActionGroup") == {"location"}
    assert "location" not in replacing("azure-native:machinelearningservices:Workspace")


def test_what_is_left_out_or_said_otherwise_is_no_change() -> None:
    """A PUT without a property keeps it, ids have no case, and some changes are taken."""
    rows = {"a.b": Fixed("replaces", "s"), "c": Fixed("refuses", "s", (("x", "y"),)), "d": Fixed("ignores", "s")}
    before = {"a": {"b": "One"}, "c": "X", "d": 1}
    assert [*changed(rows, before, {"a": {"b": "one"}, "d": 2})] == []
    assert [*changed(rows, before, {"a": {}, "c": "Y"})] == []
    assert [*changed(rows, before, {"a": {"b": "two"}, "c": "Z"})] == ["a.b", "c"]


def _classes(kind: Any, schema: Schema) -> Iterator[Fields]:
    if not isinstance(kind, dict):
        return
    if "ref" in kind:
        yield schema.classes[kind["ref"]]
    for inner in [kind.get("array"), kind.get("map"), *kind.get("union", [])]:
        yield from _classes(inner, schema)
