"""Stack files that are refused, each with all that is said about it.

A case is a stack file; beside `config` it has what is `observed`, and the texts of `refused`.
"""

from pathlib import Path

import pytest
import yaml

from ops.check.observed import observed_from
from ops.check.verdict import verdict
from ops.rules_page import GUARDS, all_pages
from settings.load import from_file
from settings.refusal import Refused

FOLDER = Path(__file__).parent
CASES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_it_is_refused_in_these_words(case: Path) -> None:
    """Every reason comes out at once, in words that hold got, expected and cure."""
    written = yaml.safe_load(case.read_text(encoding="utf-8"))
    assert refusals(case, written.get("observed", {})) == written["refused"]


def test_each_rule_has_two_cases() -> None:
    """No rule without a stack file that shows it twice; what the hooks ask is no stack file's matter."""
    codes = [page.code for page in all_pages() if page.code.startswith("R") and page.code not in GUARDS]
    named = [case.stem.partition("-")[0] for case in CASES]
    assert [code for code in codes if named.count(code) < 2] == []


def refusals(case: Path, observed: object) -> list[str]:
    """All that is refused, as texts."""
    try:
        said = verdict(from_file(case), observed_from(observed))
    except Refused as refused:
        return [str(refusal).replace(str(case), "STACKFILE") for refusal in refused.refusals]
    return [str(refusal) for refusal in said.all_refusals]
