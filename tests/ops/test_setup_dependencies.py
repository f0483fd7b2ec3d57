"""The page of dependencies and the locks say the same."""

import json
import re
import tomllib

from ops.paths import CHECKOUT
from ops.setup.build import NEEDS


def declared() -> set[tuple[str, str]]:
    """(package, group) of pyproject.toml, less the groups that have an environment of their own."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    groups = {"main": project["project"]["dependencies"], **project["dependency-groups"]}
    groups |= project["project"]["optional-dependencies"]
    own = {"go", "node"}
    return {
        (re.split(r"[<>=~! ]", line)[0], group) for group, lines in groups.items() if group not in own for line in lines
    }


def test_every_dependency_has_its_reason() -> None:
    """A package without a row in docs/dependencies.md is one that nobody can judge."""
    page = (CHECKOUT / "docs" / "dependencies.md").read_text()
    assert declared() == set(
        re.findall(r"^\| ([a-z0-9-]+) \| (main|local|engine|scoring|dev) \| \S", page, re.MULTILINE)
    )


def test_every_dependency_has_a_lower_bound_or_is_types_only() -> None:
    """Loose requirements resolve years back in silence."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    lines = [
        *project["project"]["dependencies"],
        *(line for group in project["project"]["optional-dependencies"].values() for line in group),
        *(line for name, group in project["dependency-groups"].items() if name != "local" for line in group),
    ]
    assert [line for line in lines if ">=" not in line and not line.startswith("types-")] == []


def test_an_installed_package_brings_what_a_checkout_brings() -> None:
    """Go and Node.js come from the same requirements where there is no uv.lock."""
    groups = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["dependency-groups"]
    assert {group: groups[group] for group in NEEDS} == {group: [need] for group, need in NEEDS.items()}


def test_azurites_lock_has_hashes_and_no_host_names() -> None:
    """It works with any registry, and only with the same content."""
    lock = json.loads((CHECKOUT / "localazure" / "azurite" / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
