"""Stack files that are accepted, each with the step that they make.

A case is a stack file; beside `config` it has what is `observed`, the `step` of each endpoint, and `warnings`.
"""

from pathlib import Path

import pytest
import yaml

from ops.check.observed import observed_from
from ops.check.verdict import verdict
from settings.load import from_file

CASES = sorted(Path(__file__).parent.glob("*.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_it_is_accepted_with_this_step(case: Path) -> None:
    """Nothing is refused, the maps are those that are PUT, and what is advised is said."""
    written = yaml.safe_load(case.read_text(encoding="utf-8"))
    said = verdict(from_file(case), observed_from(written.get("observed", {}))).as_dict()
    endpoints = said["endpoints"].items()
    assert said["ok"]
    assert {name: endpoint["step"] for name, endpoint in endpoints} == written["step"]
    told = [*said.get("warnings", []), *(warning for _, endpoint in endpoints for warning in endpoint["warnings"])]
    warnings = [warning["code"] for warning in told]
    assert warnings == [text.split()[0] for text in written.get("warnings", [])]
