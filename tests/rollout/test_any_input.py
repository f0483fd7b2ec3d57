"""Whatever a stack file or an observation holds, a verdict comes out, and never a traceback."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops.check.verdict import verdicts
from ops.rules_page import DEPLOYMENT
from settings.load import from_file
from settings.refusal import Refused

KEYS = "deployments traffic mirror rollout steps candidate blue Blue kind auth identity closed load type ids autoscale"
NAMES = st.sampled_from(["blue", "green", "Blue", "x"])
MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 200), st.floats(allow_nan=False), st.sampled_from(["blue", "managed", ""])
)
keys = st.sampled_from(KEYS.split())
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=15
)
shares = st.dictionaries(NAMES, st.integers(-1, 120), max_size=3)
plans = st.fixed_dictionaries(
    {},
    optional={
        "candidate": NAMES,
        "largestJump": st.integers(0, 100),
        "steps": st.lists(
            st.sampled_from([{"traffic": 0}, {"traffic": 100}, {"mirror": 0}, {"mirror": 60}]), max_size=4
        ),
    },
)
endpoints = st.fixed_dictionaries(
    {},
    optional={
        "deployments": st.dictionaries(NAMES, st.just(DEPLOYMENT), max_size=3),
        "traffic": shares,
        "mirror": shares,
        "closed": st.booleans(),
        "kind": st.sampled_from(["managed", "kubernetes"]),
        "rollout": plans,
    },
)


@MANY
@given(
    st.dictionaries(st.sampled_from(["d", "diabetes"]), endpoints | values, max_size=2),
    st.dictionaries(st.sampled_from(["d", "diabetes"]), endpoints | values, max_size=2),
)
def test_any_pair_gets_a_verdict(wanted: dict[str, Any], observed: dict[str, Any]) -> None:
    """Each line in, one verdict out; what is accepted has a step with sums that Azure takes."""
    config = {
        "azure-native:location": "westeurope",
        "workspace": {"name": "ws-dev", "resourceGroup": "rg-dev"},
        "registry": {"name": "acrdev01"},
        "endpoints": wanted,
    }
    lines = [{"stack": config, "observed": observed}, {"stack": wanted}, wanted]
    said = list(verdicts(json.dumps(line) for line in lines))
    assert len(said) == len(lines)
    for step in (decision.step for verdict in said for decision in verdict.decisions.values()):
        assert step is None or sum(step.traffic.values()) in (0, 100)
        assert step is None or not (step.traffic.keys() & step.mirror.keys())


@MANY
@given(
    st.text(alphabet="config: {}[],-\n&*!|>'\"12?#%@`\t<", max_size=60)
    | st.dictionaries(st.integers() | st.none() | st.sampled_from(["location", "a:b"]), values).map(
        lambda config: yaml.safe_dump({"config": config})
    )
)
def test_any_text_is_a_stack_file_or_refused(tmp_path: Path, text: str) -> None:
    """What is no YAML, no map or no configuration of ours is refused, whatever its keys are."""
    path = tmp_path / "Pulumi.any.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused):
        from_file(path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """Another encoding is told as such."""
    path = tmp_path / "Pulumi.latin.yaml"
    path.write_bytes("config: {description: caf\xe9}".encode("latin-1"))
    with pytest.raises(Refused, match="UTF-8"):
        from_file(path)
