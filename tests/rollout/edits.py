"""What people write into the walk's stack file, and how it looks to the model of Azure."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from rollout.model import ObservedDeployment
from tests.rollout.azure_model import Deployment, Spec

NAMES = ("blue", "gray", "green")
LONG = "a-" + "name" * 14
ODD_NAMES = ("b", "Teal", "two--dashes", LONG, LONG)
BUILD = ("model", "environment", "code", "scoringScript", "variables")
CONFIG = {
    "azure-native:location": "westeurope",
    "safe-rollout:workspace": {"name": "ws-dev", "resourceGroup": "rg"},
    "safe-rollout:registry": {"name": "acrdev01"},
}
SPEC = {
    "model": "azureml:ridge:1",
    "environment": "azureml:scoring:1",
    "code": "azureml:code:1",
    "scoringScript": "score.py",
    "variables": {},
    "instanceType": "Standard_DS3_v2",
    "instanceCount": 3,
    "liveness": {},
}
CHANGES: tuple[dict[str, Any], ...] = (
    {"model": "azureml:ridge:2"},
    {"code": "azureml:code:2"},
    {"scoringScript": "other.py"},
    {"variables": {"THRESHOLD": "0.7"}},
    {"instanceType": "Standard_DS4_v2"},
    {"instanceCount": 5},
    {"model": "azureml:ridge:2", "instanceCount": 5},
    {"liveness": {"period": 20}},
    {"instanceCount": 51},
    {"instanceCount": 0},
)

names = st.sampled_from(NAMES)
changes = st.sampled_from(CHANGES)
any_map = st.dictionaries(names, st.sampled_from((0, 0, 10, 50, 90, 100)), max_size=3)
mirrors = st.one_of(st.just({}), st.builds(lambda name, share: {name: share}, names, st.sampled_from([10, 50, 60])))


@st.composite
def whole_maps(draw: st.DrawFn) -> dict[str, int]:
    """A split of 100 percent between two deployments."""
    first, second = draw(st.permutations(NAMES))[:2]
    share = draw(st.sampled_from([0, 10, 50, 90, 100]))
    return {first: share, second: 100 - share}


def spec_of(raw: Mapping[str, Any]) -> Spec:
    """A deployment's keys as the model has them: each as JSON."""
    build = tuple(json.dumps(raw[key], sort_keys=True) for key in BUILD)
    return Spec(build, raw["instanceType"], raw["instanceCount"], json.dumps(raw["liveness"]))


def raw_of(spec: Spec) -> dict[str, Any]:
    """A deployment's keys as the stack file has them."""
    built = {key: json.loads(text) for key, text in zip(BUILD, spec.build, strict=True)}
    return {
        **built,
        "instanceType": spec.instance_type,
        "instanceCount": spec.count,
        "liveness": json.loads(spec.rest),
    }


def seen(deployment: Deployment) -> ObservedDeployment:
    """A deployment of the model as the rules see it."""
    raw = raw_of(deployment.spec)
    return ObservedDeployment(
        deployment.state,
        raw["model"],
        raw["environment"],
        raw["code"],
        raw["instanceType"],
        raw["instanceCount"],
        raw["scoringScript"],
        raw["variables"],
    )
