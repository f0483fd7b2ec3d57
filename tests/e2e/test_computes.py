"""Computes, identities and images through the real engine: what the plugin can't do is told before it is tried."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from localazure.client import Ready

from benchmarks.stack import local_stack, write
from ops.engine import Engine
from ops.local.view import LocalView
from tests.e2e.live import refusals
from tests.e2e.situations import no_writes
from tests.e2e.test_pools import Cluster

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
TYPES = {"small": {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "2Gi"}}}
DIGEST = "9f2c41aa" * 8
CONFIG: dict[str, Any] = {
    "safe-rollout:inferenceCluster": {
        "name": "aks-inference",
        "attach": {"instanceTypes": TYPES, "defaultInstanceType": "small"},
    },
    "safe-rollout:training": {"cpu": {"size": "Standard_DS3_v2", "maxNodes": 1}},
    "safe-rollout:identities": {"scoring": {"purpose": "endpoint"}},
    "safe-rollout:images": {"scoring": {"image": f"acrbench.azurecr.io/scoring@sha256:{DIGEST}"}},
}


class Computes(Cluster):
    """The stack's computes, by the stack file and past it."""

    made: dict[str, Any] | None = None

    def make(self, config: dict[str, Any]) -> None:
        """Make it so, unless it is."""
        write(self.engine, config)
        if config != self.made:
            self.engine.up()
            self.made = config

    def told(self, config: dict[str, Any]) -> str:
        """What the engine says to the stack file that it refuses, on one line."""
        write(self.engine, config)
        return " ".join(self.refused().split())

    def take_away(self, compute: str, action: str) -> None:
        """What `az ml compute delete` and `detach` do."""
        workspace = self._path.replace(
            "ContainerService/managedClusters/aks-inference", "MachineLearningServices/workspaces/ws-bench"
        )
        query = {"api-version": "2025-12-01", "underlyingResourceAction": action}
        answer = self._http.delete(f"{workspace}/computes/{compute}", params=query)
        assert answer.status_code == 202, answer.text
        self.made = None
        while self._http.get(f"{workspace}/computes/{compute}", params=query).status_code != 404:
            pass


@pytest.fixture(scope="module")
def computes() -> Iterator[Computes]:
    """A training cluster, an attached cluster, an identity and an image; at the end no resource at all."""
    with local_stack() as (engine, ready):
        stack = _made(engine, ready)
        yield stack
        stack.close()
        write(engine, CONFIG)
        engine.destroy()
        assert LocalView(ready).resource_groups() == []


def _made(engine: Engine, ready: Ready) -> Computes:
    stack = Computes(engine, ready)
    stack.make(CONFIG)
    return stack


@pytest.fixture
def whole(computes: Computes) -> Computes:
    """All of it, as it was made."""
    computes.make(CONFIG)
    return computes


def test_a_tag_replaces_nothing_in_a_preview(whole: Computes) -> None:
    """Identities and the cluster get new tags: their roles stay, although the plugin's preview knows no principal."""
    config = {**CONFIG, "safe-rollout:tags": {"team": "ml"}}
    write(whole.engine, config)
    told = whole.engine.run("preview", "--suppress-progress")
    assert "UserAssignedIdentity identities-scoring update" in told
    assert "replace" not in told
    whole.make(config)
    whole.engine.preview(extra=["--expect-no-changes"])


def test_a_training_cluster_that_left_the_stack_file(whole: Computes) -> None:
    """Azure asks how it is to be deleted, which the plugin can't say: the preview tells what to type, then lets go."""
    config = {key: value for key, value in CONFIG.items() if key != "safe-rollout:training"}
    said = whole.told(config)
    assert "R129 training.cpu: removed from the stack file" in said
    assert "az ml compute delete --name cpu --resource-group rg-bench --workspace-name ws-bench --yes" in said
    whole.take_away("cpu", "Delete")
    whole.make(config)
    whole.engine.preview(extra=["--expect-no-changes"])


def test_an_attached_cluster_gets_other_settings(whole: Computes) -> None:
    """A second attach fails, so the preview tells the way; detached by hand, the next up attaches it anew. One that
    leaves the stack file is detached by hand too, before the roles of its identity are deleted."""
    config = deepcopy(CONFIG)
    config["safe-rollout:inferenceCluster"]["attach"]["instanceTypes"]["small"]["limits"]["cpu"] = "2"
    assert "R130 inferenceCluster.attach: other settings for an attached cluster" in whole.told(config)
    whole.take_away("aks-inference", "Detach")
    whole.make(config)
    whole.engine.preview(extra=["--expect-no-changes"])
    config = deepcopy(config)  # what comes now is the attachment that leaves the stack file
    config["safe-rollout:inferenceCluster"]["attach"] = {"kind": "none"}
    assert "az ml compute detach --name aks-inference" in whole.told(config)
    whole.take_away("aks-inference", "Detach")
    whole.make(config)


def test_an_image_keeps_its_routes(whole: Computes) -> None:
    """R198 in the preview: the version would be replaced, and could not be made beside itself."""
    config = deepcopy(CONFIG)
    config["safe-rollout:images"]["scoring"]["port"] = 8080
    write(whole.engine, config)
    assert refusals(whole.refused()) == [
        "R198 images.scoring.port: 8080; expected 5001, as this version is registered. Write it under images with "
        "another name than scoring, and name that in environment."
    ]


def test_a_compute_goes_on_after_a_refresh(whole: Computes) -> None:
    """What is deleted by hand is found by a refresh, and made anew; nothing else is."""
    whole.take_away("cpu", "Delete")
    whole.engine.refresh(diff=False)
    with no_writes(whole._ready.control):
        told = whole.engine.run("preview", "--suppress-progress")
    assert "1 to create" in told
    whole.make(CONFIG)
