"""Node pools through the real engine: they come and go while the cluster stays, and a refresh finds nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from localazure.client import Ready

from benchmarks.stack import local_stack, write
from ops.engine import Engine, PulumiError
from ops.local.view import LocalView
from tests.e2e.live import refusals
from tests.e2e.past import client
from tests.e2e.situations import no_writes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
CLUSTER: dict[str, Any] = {"name": "aks-inference", "attach": {"kind": "none"}}
MODELS: dict[str, Any] = {"size": "Standard_D8s_v5", "min": 1, "max": 3}
SPARE: dict[str, Any] = {"size": "Standard_D4s_v5", "min": 1}
NOTHING = ["--expect-no-changes"]
OTHER_SIZE = (
    "R170 inferenceCluster.userPools.models.size: Standard_D16s_v5; expected Standard_D8s_v5, as the pool was made. "
    "Add a pool with another name, run 'pulumi up', move what runs on the old one (kubectl drain), then "
    "remove the old one."
)
OTHER_SYSTEM_SIZE = (
    "R170 inferenceCluster.systemPool.size: Standard_D8s_v5; expected Standard_D4s_v5, as the pool was made. Write the "
    "old value again: the cluster's own pool stays as it was made."
)
THERE_ALREADY = (
    "R171 inferenceCluster.userPools.spare: the cluster has a pool of this name; expected a name that is free. Take it "
    "over: write inferenceCluster.adoptPools: [spare], run 'pulumi up', then remove the key again. Or choose another "
    "name."
)
NOT_THERE = (
    "R172 inferenceCluster.adoptPools: other; expected a pool that the cluster has. Remove other from adoptPools: the "
    "next 'pulumi up' makes the pool."
)


class Cluster:
    """The stack's cluster, by the stack file and past it."""

    def __init__(self, engine: Engine, ready: Ready) -> None:
        self.engine, self._ready = engine, ready
        self._http = client(ready)

    def write(self, pools: Mapping[str, Any], **cluster: Any) -> None:
        """The stack file with these user pools."""
        write(self.engine, {"safe-rollout:inferenceCluster": {**CLUSTER, "userPools": dict(pools), **cluster}})

    def up(self, pools: Mapping[str, Any], **cluster: Any) -> None:
        """Make it so, and see that nothing is left to do and that nothing drifts."""
        self.write(pools, **cluster)
        self.engine.up()
        self.engine.preview(extra=NOTHING)
        self.engine.refresh(preview_only=True, extra=NOTHING)

    def refused(self) -> str:
        """What the engine says to the stack file: exit code not 0, no traceback, nothing written."""
        with no_writes(self._ready.control), pytest.raises(PulumiError) as error:
            self.engine.run("up", "--yes", "--suppress-progress")
        assert error.value.exit_code != 0
        assert "Traceback" not in error.value.output
        return error.value.output

    def shown(self) -> dict[str, Any]:
        """The pools as Azure shows them, by name."""
        answer = self._http.get(self._path, params={"api-version": "2025-08-01"})
        return {pool["name"]: pool for pool in answer.json()["properties"]["agentPoolProfiles"]}

    def make_by_hand(self, pool: str, **properties: Any) -> None:
        """What a person does past the stack."""
        path = f"{self._path}/agentPools/{pool}"
        answer = self._http.put(path, params={"api-version": "2025-08-01"}, json={"properties": properties})
        assert answer.status_code == 201, answer.text

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    @property
    def _path(self) -> str:
        group = f"/subscriptions/{self._ready.subscription_id}/resourceGroups/rg-bench"
        return f"{group}/providers/Microsoft.ContainerService/managedClusters/aks-inference"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster with the pools system and models, and at the end no resource at all."""
    with local_stack() as (engine, ready):
        stack = Cluster(engine, ready)
        stack.up({"models": MODELS})
        yield stack
        stack.close()
        engine.destroy()
        assert LocalView(ready).resource_groups() == []


@pytest.fixture
def models(cluster: Cluster) -> Cluster:
    """The cluster with no other user pool than models."""
    cluster.write({"models": MODELS})
    cluster.engine.up()
    return cluster


def test_pools_come_and_go(models: Cluster) -> None:
    """A pool is added and removed on a cluster that is there, after a refresh too, and the cluster still changes."""
    models.up({"models": MODELS, "spare": SPARE})
    assert sorted(models.shown()) == ["models", "spare", "system"]
    models.engine.refresh(diff=False)
    models.engine.preview(extra=NOTHING)
    models.up({"models": MODELS})
    assert sorted(models.shown()) == ["models", "system"]
    models.up({"models": MODELS}, authorizedRanges=["203.0.113.0/24"])


def test_a_pools_limits_change_in_place(models: Cluster) -> None:
    """Limits of a user pool and the count of the system pool change, each through its own resource."""
    models.up({"models": MODELS | {"max": 5}}, systemPool={"size": "Standard_D4s_v5", "min": 2})
    shown = models.shown()
    assert (shown["models"]["maxCount"], shown["system"]["count"]) == (5, 2)
    models.up({"models": MODELS})
    assert models.shown()["system"]["count"] == 1


@pytest.mark.parametrize(
    ("pools", "more", "expected"),
    [
        ({"models": MODELS | {"size": "Standard_D16s_v5"}}, {}, OTHER_SIZE),
        ({"models": MODELS}, {"systemPool": {"size": "Standard_D8s_v5"}}, OTHER_SYSTEM_SIZE),
        ({"models": MODELS, "other": SPARE}, {"adoptPools": ["other"]}, NOT_THERE),
    ],
)
def test_what_cannot_be_is_refused_in_preview(
    cluster: Cluster, pools: dict[str, Any], more: dict[str, Any], expected: str
) -> None:
    """Another size for a pool, and a pool to take over that is not there, are refused before anything is touched."""
    cluster.write(pools, **more)
    assert refusals(cluster.refused()) == [expected]


def test_a_pool_made_by_hand_is_taken_over(models: Cluster) -> None:
    """It is refused as it stands, taken over with adoptPools in one up, and an ordinary pool from then on."""
    models.make_by_hand("spare", mode="User", vmSize="Standard_D4s_v5", count=2, nodeLabels={"pool": "spare"})
    pools = {"models": MODELS, "spare": SPARE}
    models.write(pools)
    assert refusals(models.refused()) == [THERE_ALREADY]
    models.up(pools, adoptPools=["spare"])
    assert models.shown()["spare"]["count"] == 1
    models.up(pools)
