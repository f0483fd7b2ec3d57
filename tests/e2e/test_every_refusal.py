"""Every code of the rulebook through the real engine, against the local Azure in the situation that it is about.

Of each code one stack file of the corpus is typed as `pulumi up`: the preview refuses it in the very words of
`rollout check`, so that nothing is written. `make test` tries every fourth code, `make nightly` all of them
(SAFE_ROLLOUT_REFUSALS=all).
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.stack import write
from ops.rules_page import GUARDS, all_pages
from rollout.decide import decide
from rollout.model import Split
from settings.load import from_config
from tests.e2e.corpus import ENDPOINTS, NAME, Case, accepted, all_refused, refused
from tests.e2e.live import KUBERNETES, MANAGED, NOTHING, Live, advice, as_it_was, live_corpus, refusals
from tests.e2e.situations import no_writes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

BY_HAND = refused("R013-all-zero")
MORE = ("R031-created-and-all", "R032-failed", "R034-deleting", "R035-failed", "R044-up-and-up")
MORE += ("R045-scaled-while-updating", "R052-mirror-target", "R121-emergency")
WARNED = tuple(map(accepted, ("bootstrap-05-waits-for-failed", "rollback-to-failed")))
SITUATIONS = (MANAGED, *map(refused, MORE), BY_HAND, *WARNED, KUBERNETES, NOTHING)
ADVISED = (
    *map(
        accepted,
        (
            "advised",
            "advised-plan",
            "short-plan-warned",
            "advised-cluster",
            "advised-network",
            "advised-private-cluster",
        ),
    ),
    *WARNED,
)
GUARDED = ("R041", "R042", "R043", "R045")
"""Read by the program where no share moves, as their settings differ from those applied last."""
BY_ENGINE = ("S005", "S006", "S007", "S009", "S012")
"""The engine reads the stack file before the program does, and refuses in its own words what it cannot read.

What is encrypted (S007) it knows, and the program cannot tell it from the rest.
"""
OF_OTHERS = ("R223", "R224")
"""Judged beside what others own, which is in none of these situations: see test_existing.py and the rules."""
ALSO = ("S010-number",)
"""What the engine hands over has lost it: the program looks into the stack file."""
UNREAD = {"S006-key-twice": "already defined at line", "S006-no-map": "cannot unmarshal !!seq"}


def chosen() -> dict[str, tuple[Case, Case]]:
    """Of each code a case and the situation that it fits; those where something is live go first."""
    found: dict[str, tuple[Case, Case]] = {}
    for situation in SITUATIONS:
        for case in all_refused():
            if case.code not in (*BY_ENGINE, *OF_OTHERS) and case.fits(situation):
                found.setdefault(case.name if case.name in ALSO else case.code, (case, situation))
    return found


CHOSEN = chosen()
TRIED = sorted(CHOSEN.values(), key=lambda pair: pair[0].name)[:: 1 if os.environ.get("SAFE_ROLLOUT_REFUSALS") else 4]


def placed(cases: list[tuple[Case, Case]]) -> Any:
    """Parametrises a test with cases and their situations."""
    parameters = [pytest.param(situation, case, id=case.name) for case, situation in cases]
    return pytest.mark.parametrize(("situation", "case"), parameters)


def told(output: str, case: Case) -> list[str]:
    """The refusals, but for what is told too: what the history's state holds and this situation has not (R122), and
    what nobody has registered in the local Azure (R231)."""
    return [one for one in refusals(output) if one in case.said or not one.startswith(("R122 ", "R231 "))]


def situation_of(case: Case) -> Case:
    """The first situation that a case fits."""
    return next(situation for situation in SITUATIONS if case.fits(situation))


@pytest.fixture(scope="module")
def _live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live_corpus(tmp_path_factory.mktemp("histories")) as live:
        yield live


@pytest.fixture
def live(_live: Live, situation: Case) -> Live:
    """The engine and the local Azure in the situation of a test."""
    _live.bring_about(situation)
    return _live


def test_every_code_is_here() -> None:
    """No code of the rulebook, of the settings or of the advice is left out.

    What only the engine's hooks and the stack's own past know is no stack file's matter: see test_guard.py,
    test_whole_life.py, test_computes.py and test_pools.py. A115 is said where the past is not known: after an upgrade.
    """
    codes = {page.code for page in all_pages()} | {case.code for case in all_refused()}
    advised = {text.split()[0] for case in ADVISED for text in case.said}
    assert codes - CHOSEN.keys() - advised - {*BY_ENGINE, *OF_OTHERS} - {"A115"} == GUARDS.keys()


@placed(TRIED)
def test_a_refusal_is_said_whole(live: Live, case: Case) -> None:
    """All refusals at once, each with path, got, expected and cure; the preview says them, the update never begins."""
    live.type(case)
    assert told(live.refused("up"), case) == case.said


@placed([CHOSEN[code] for code in ("R011", *GUARDED)])
def test_an_update_refuses_too(live: Live, case: Case) -> None:
    """Without a preview the update itself refuses, as nobody need have looked at one."""
    live.type(case)
    assert told(live.refused("up", "--skip-preview"), case) == case.said


@placed([(BY_HAND, BY_HAND)])
def test_a_shift_by_hand_is_told_whole(live: Live, case: Case) -> None:
    """R121 says what is live, what this stack applied, and both ways on."""
    config = as_it_was(MANAGED)
    config[ENDPOINTS][NAME]["traffic"] = {"blue": 90, "green": 10}
    write(live.engine, config)
    observed = replace(case.observed[NAME], applied=Split({"blue": 100}))
    decision = decide(from_config(config), {NAME: observed})[NAME]
    assert refusals(live.refused("up")) == [str(one) for one in decision.refusals if one.code == "R121"]


@placed([(refused(name), NOTHING) for name in UNREAD])
def test_the_engine_refuses_what_is_no_stack_file(live: Live, case: Case) -> None:
    """A stack file that cannot be parsed ends in the engine's own words, before the program runs."""
    live.type(case)
    assert UNREAD[case.name] in live.refused("up")


@placed([(NOTHING, NOTHING)])
def test_the_engine_refuses_a_stack_file_that_is_no_text(live: Live, case: Case) -> None:
    """A stack file that cannot be read ends in the engine's own words, before the program runs."""
    live.file.write_bytes(b"config:\n  azure-native:location: s\xfcd\n")
    assert "invalid leading UTF-8 octet" in live.refused("up")


@placed([(case, situation_of(case)) for case in ADVISED])
def test_advice_is_shown_whole(live: Live, case: Case) -> None:
    """What is advised comes as warnings of a preview that is accepted."""
    if not case.observed:
        live.take_up(NOTHING)
    live.type(case)
    with no_writes(live.azure.control):
        output = live.engine.preview(diff=False)
    assert advice(output) == case.said
