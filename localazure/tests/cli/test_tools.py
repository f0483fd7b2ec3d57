"""What the local Azure needs beside Python."""

import json

import pytest

from localazure.cli import tools
from localazure.cli.tools import AZURITE


@pytest.mark.parametrize(("told", "expected"), [("v20.20.2\n", 20), ("v22.1.0", 22), ("", 0)])
def test_a_node_is_read_from_what_it_says(told: str, expected: int) -> None:
    """A Node.js that says nothing is older than any."""
    assert tools.parse_node(told) == expected


def test_azurites_lock_has_hashes_and_no_host_names() -> None:
    """It works with any registry, and only with the same content."""
    lock = json.loads((AZURITE / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
