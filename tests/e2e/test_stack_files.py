"""The committed stack files through the real engine: up, nothing left to do, no drift, destroy, nothing left."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from localazure.client import Ready

from benchmarks.stack import local_stack, register, write
from ops.engine import Engine
from ops.local.view import LocalView
from ops.paths import CHECKOUT
from tests.e2e.past import relabel_deployments
from tests.e2e.upgrades import harm, recordings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
ENDPOINTS = "safe-rollout:endpoints"
PATIENT = CHECKOUT / "scoring" / "samples" / "one-patient.json"


@pytest.fixture
def local() -> Iterator[tuple[Engine, Ready]]:
    """A local Azure of the test's own, and an engine on it."""
    with local_stack() as stack:
        yield stack


def stack_file(name: str) -> dict[str, Any]:
    """The `config` of a committed stack file."""
    text = Path(CHECKOUT / f"Pulumi.{name}.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text)["config"])


def with_assets(config: dict[str, Any], assets: dict[str, Any]) -> dict[str, Any]:
    """The configuration with references to what is registered here."""
    references = {"environment": assets["environment"], "code": assets["code"]}
    references["model"] = sorted(assets["models"].values())[0]
    endpoints = {
        name: {**endpoint, "deployments": {key: {**one, **references} for key, one in endpoint["deployments"].items()}}
        for name, endpoint in config[ENDPOINTS].items()
    }
    return {**config, ENDPOINTS: endpoints}


@pytest.mark.parametrize("name", ["dev", "prod", "aks"])
def test_a_stack_file_comes_up_and_goes(local: tuple[Engine, Ready], name: str, tmp_path: Path) -> None:
    """Estate first, then assets, then endpoints; traffic opens with the next up; it scores; a refresh finds nothing.

    On what is live then, the states that earlier versions left behind preview without replacing anything.
    """
    engine, ready = local
    config = stack_file(name)
    write(engine, {**config, ENDPOINTS: {}})
    engine.up()
    config = with_assets(config, register(engine))
    write(engine, config)
    engine.preview()
    engine.up()
    engine.up()

    told = engine.outputs(show_secrets=True)
    for endpoint, wanted in config[ENDPOINTS].items():
        assert told["endpoints"][endpoint]["traffic"] == wanted["traffic"]
        if wanted["auth"] == "key":
            uri, key = told["endpoints"][endpoint]["scoringUri"], told["keys"][endpoint]["primary"]
            answer = httpx2.post(uri, json=json.loads(PATIENT.read_bytes()), headers={"authorization": f"Bearer {key}"})
            assert answer.status_code == 200, answer.text

    engine.preview(extra=["--expect-no-changes"])
    for recording in recordings(name):
        assert harm(recording, config, engine, ready, tmp_path) == {}, recording
    if "managedNetwork" in config["safe-rollout:workspace"]:
        # The workspace shows the outbound rules that were made after it: a refresh takes them in, once.
        engine.refresh(diff=False)
        engine.up()
    engine.refresh(preview_only=True, extra=["--expect-no-changes"])
    for endpoint in config[ENDPOINTS]:
        workspace = config["safe-rollout:workspace"]
        relabel_deployments(ready, workspace["resourceGroup"], workspace["name"], endpoint)
    engine.refresh(diff=False)
    engine.preview(extra=["--expect-no-changes"])
    # A destroy runs the program for its hooks, so it is the stack file that says what is protected.
    write(engine, {**config, "safe-rollout:production": False})
    engine.destroy()
    assert LocalView(ready).resource_groups() == []
    assert LocalView(ready).scoring_processes() == []
