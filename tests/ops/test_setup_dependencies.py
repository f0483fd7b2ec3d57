"""The page of dependencies and the locks say the same."""

import re
import tomllib
from typing import Any

from ops.paths import CHECKOUT
from ops.setup.build import NEEDS


def projects() -> list[dict[str, Any]]:
    """The stack's pyproject.toml and the local Azure's."""
    return [tomllib.loads((CHECKOUT / folder / "pyproject.toml").read_text()) for folder in ("", "localazure")]


def declared() -> set[tuple[str, str]]:
    """(package, group) of both pyproject.toml, less the group that has an environment of its own."""
    project, azure = projects()
    groups = {"main": project["project"]["dependencies"], **project["dependency-groups"]}
    groups["localazure"] = azure["project"]["dependencies"] + azure["project"]["optional-dependencies"]["node"]
    own = {"go", "local"}  # local: localazure itself
    return {
        (re.split(r"[<>=~! ]", line)[0], group) for group, lines in groups.items() if group not in own for line in lines
    }


def test_every_dependency_has_its_reason() -> None:
    """A package without a row in docs/dependencies.md is one that nobody can judge."""
    page = (CHECKOUT / "docs" / "dependencies.md").read_text()
    assert declared() == set(
        re.findall(r"^\| ([a-z0-9-]+) \| (main|localazure|engine|scoring|dev) \| \S", page, re.MULTILINE)
    )


def test_every_dependency_has_a_lower_bound_or_is_types_only() -> None:
    """Loose requirements resolve years back in silence."""
    lines = [
        line
        for one in projects()
        for group in (
            one["project"]["dependencies"],
            *one["project"]["optional-dependencies"].values(),
            *one.get("dependency-groups", {}).values(),
        )
        for line in group
    ]
    assert [line for line in lines if ">=" not in line and not line.startswith(("types-", "localazure["))] == []


def test_an_installed_package_brings_what_a_checkout_brings() -> None:
    """Go comes from the same requirement where there is no uv.lock."""
    groups = projects()[0]["dependency-groups"]
    assert {group: groups[group] for group in NEEDS} == {group: [need] for group, need in NEEDS.items()}
