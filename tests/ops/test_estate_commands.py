"""`rollout replicas` and `rollout egress`."""

import json

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.paths import CHECKOUT


def said(*arguments: str) -> str:
    """What the command prints; it ends well."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize(
    ("arguments", "replicas"),
    [
        (("--rps", "20", "--seconds", "10", "--utilization", "0.7", "--concurrency", "1"), "286"),
        (("--rps", "20", "--seconds", "10"), "286"),
        (("--rps", "40", "--seconds", "0.1", "--concurrency", "2"), "3"),
    ],
)
def test_replicas_follow_the_formula(arguments: tuple[str, ...], replicas: str) -> None:
    """ceil(rate x seconds / utilization / concurrency), the article's own example among them."""
    assert said("replicas", *arguments).strip() == replicas


def test_egress_lists_whole_hosts() -> None:
    """Every host of the stack stands on a line of its own, uncut, with its port."""
    lines = said("egress", str(CHECKOUT / "Pulumi.aks.yaml")).splitlines()
    assert lines[1].split()[:2] == ["mcr.microsoft.com", "443"]
    assert all("…" not in line for line in lines)


def test_egress_is_json_for_a_machine() -> None:
    """With --json each host is an object with its five fields."""
    told = json.loads(said("egress", "--json", str(CHECKOUT / "Pulumi.aks.yaml")))
    assert set(told[0]) == {"host", "purpose", "source", "tag", "port"}


def test_egress_wants_one_stack() -> None:
    """A file and a name are a mistake that says what to type."""
    result = CliRunner().invoke(app, ["egress", "--stack", "aks", "Pulumi.aks.yaml"])
    assert result.exit_code == 2
