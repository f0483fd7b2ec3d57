"""Every code of the rulebook through the real engine, against the local Azure in the situation that it is about.

Of each code one stack file of the corpus is typed as `pulumi up`: the preview refuses it in the very words of
`rollout check`, so that nothing is written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.stack import local_stack, write
from ops.engine import Engine, PulumiError
from ops.rules_page import GUARDS, all_pages
from rollout.guard import guard_live
from rollout.model import Step
from tests.e2e.corpus import ENDPOINTS, NAME, Case, accepted, all_refused, refused
from tests.e2e.situations import Situations, situations

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

NOTHING = refused("R011-new-endpoint")
MANAGED = refused("R011-above")
KUBERNETES = refused("R043-kubernetes-type-closed")
BY_HAND = refused("R013-all-zero")
SITUATIONS = (
    MANAGED,
    *map(refused, ("R031-created-and-all", "R032-failed", "R034-deleting", "R035-failed", "R044-up-and-up")),
    *map(refused, ("R045-scaled-while-updating", "R052-mirror-target")),
    BY_HAND,
    accepted("bootstrap-05-waits-for-failed"),
    accepted("rollback-to-failed"),
    KUBERNETES,
    NOTHING,
)
ADVISED = [accepted("advised"), accepted("bootstrap-05-waits-for-failed"), accepted("rollback-to-failed")]
GUARDED = ("R041", "R042", "R043", "R045")
"""Refused in the engine's hooks, where no share moves."""
UNREAD = {"S005": "the stack file cannot be read", "S006": "the stack file is no YAML, or no map"}
"""The engine reads the stack file before the program does, and refuses it in its own words."""


def chosen() -> dict[str, tuple[Case, Case]]:
    """Of each code a case and the situation that it fits; those where something is live go first."""
    found: dict[str, tuple[Case, Case]] = {}
    for situation in SITUATIONS:
        for case in all_refused():
            if case.code not in UNREAD and case.fits(situation):
                found.setdefault(case.code, (case, situation))
    return found


CHOSEN = chosen()


def placed(cases: list[tuple[Case, Case]]) -> Any:
    """Parametrises a test with cases and their situations."""
    parameters = [pytest.param(situation, case, id=case.name) for case, situation in cases]
    return pytest.mark.parametrize(("situation", "case"), parameters)


def situation_of(case: Case) -> Case:
    """The first situation that a case fits."""
    return next(situation for situation in SITUATIONS if case.fits(situation))


@dataclass
class Live:
    """The engine, and the local Azure in one of the situations; `histories` are states of the stack by situation."""

    engine: Engine
    azure: Situations
    folder: Path
    situation: Case | None = None
    history: Case | None = None

    def bring_about(self, situation: Case) -> None:
        """Unless it is so already."""
        if self.situation is not situation:
            self.situation = None
            self.azure.bring_about(situation)
            self.situation = situation
        self.take_up(situation if situation in {KUBERNETES, NOTHING} else MANAGED)

    def keep(self, history: Case) -> None:
        """Keep the state of the stack."""
        self._without_file("stack", "export", "--file", str(self.folder / f"{history.name}.json"))
        self.history = history

    def take_up(self, history: Case) -> None:
        """The state of the stack as it was kept."""
        if self.history is not history:
            self._without_file("stack", "import", "--file", str(self.folder / f"{history.name}.json"))
            self.history = history

    def refused(self, *command: str) -> list[str]:
        """What `pulumi` refuses, with an exit code other than 0, no traceback, nothing written, at the first chance."""
        with self.azure.no_writes(), pytest.raises(PulumiError) as error:
            self.engine.run(*command, "--yes", "--suppress-progress")
        assert error.value.exit_code != 0
        assert "Traceback" not in error.value.output
        assert "--skip-preview" in command or "Updating (" not in error.value.output
        return texts(error.value.output)

    def _without_file(self, *command: str) -> None:
        replace(self.engine, config_file=None).run(*command)


def texts(output: str) -> list[str]:
    """The refusals in the engine's diagnostics, whole lines."""
    _, _, diagnostics = output.partition("\nDiagnostics:\n")
    return re.findall(r"(?:^ +|: )([RS]\d{3} .+)$", diagnostics, re.MULTILINE)


@pytest.fixture(scope="module")
def _live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with local_stack() as (engine, ready):
        del ready
        assert engine.config_file is not None
        with situations(engine.config_file.parent) as azure:
            live = Live(engine, azure, tmp_path_factory.mktemp("histories"))
            write(engine, {**NOTHING.config, ENDPOINTS: {}})
            engine.up()
            azure.register()
            live.keep(NOTHING)
            for situation, ups in ((KUBERNETES, 1), (MANAGED, 2)):
                live.take_up(NOTHING)
                azure.bring_about(NOTHING)
                write(engine, as_it_was(situation))
                for _ in range(ups):
                    engine.up()
                live.keep(situation)
            yield live


@pytest.fixture
def live(_live: Live, situation: Case) -> Live:
    """The engine and the local Azure in the situation of a test."""
    _live.bring_about(situation)
    return _live


def as_it_was(situation: Case) -> dict[str, Any]:
    """The stack file that led to a situation: its own, with the observed deployments and traffic."""
    endpoint = situation.config[ENDPOINTS][NAME]
    seen = situation.observed[NAME]
    template = dict(next(iter(endpoint["deployments"].values())))
    deployments = {
        name: template | {"instanceType": one.instance_type, "instanceCount": one.instance_count, "model": one.model}
        for name, one in seen.deployments.items()
    }
    before = {"deployments": deployments, "traffic": dict(seen.traffic)}
    return {**situation.config, ENDPOINTS: {NAME: {**endpoint, **before}}}


def typed(live: Live, case: Case) -> None:
    """The stack file as it stands in the corpus; what else is in it the engine leaves alone."""
    write(live.engine, {})
    assert live.engine.config_file is not None
    salt = yaml.safe_load(live.engine.config_file.read_text(encoding="utf-8"))["encryptionsalt"]
    text = case.path.read_text(encoding="utf-8")
    live.engine.config_file.write_text(f"{text}\nencryptionsalt: {salt}\n", encoding="utf-8")


def test_every_code_is_here() -> None:
    """No code of the rulebook, of the settings or of the advice is left out.

    What only the engine's hooks know is no stack file's matter: R121 is below, R170 to R172 are in test_pools.py.
    """
    codes = {page.code for page in all_pages()} | {case.code for case in all_refused()}
    advised = {text.split()[0] for case in ADVISED for text in case.said}
    assert codes - CHOSEN.keys() - advised - UNREAD.keys() == GUARDS.keys()


@placed(sorted(CHOSEN.values(), key=lambda pair: pair[0].name))
def test_a_refusal_is_said_whole(live: Live, case: Case) -> None:
    """All refusals at once, each with path, got, expected and cure; the preview says them, the update never begins."""
    typed(live, case)
    assert live.refused("up") == case.said


@placed([CHOSEN[code] for code in ("R011", *GUARDED)])
def test_an_update_refuses_too(live: Live, case: Case) -> None:
    """Without a preview the update itself refuses, as nobody need have looked at one."""
    typed(live, case)
    assert live.refused("up", "--skip-preview") == case.said


@placed([(BY_HAND, BY_HAND)])
def test_a_shift_by_hand_is_told_whole(live: Live, case: Case) -> None:
    """R121 says what is live, what this stack applied, and both ways on."""
    config = as_it_was(MANAGED)
    config[ENDPOINTS][NAME]["traffic"] = {"blue": 90, "green": 10}
    write(live.engine, config)
    expected = guard_live(NAME, Step({"blue": 100}, {}), case.observed[NAME])
    assert live.refused("up") == [str(refusal) for refusal in expected]


@placed([(refused(name), NOTHING) for name in ("S006-key-twice", "S006-no-map")])
def test_the_engine_refuses_what_is_no_stack_file(live: Live, case: Case) -> None:
    """A stack file that cannot be parsed ends in the engine's own words, before the program runs."""
    typed(live, case)
    assert live.refused("up") == []


@placed([(NOTHING, NOTHING)])
def test_the_engine_refuses_a_stack_file_that_is_no_text(live: Live, case: Case) -> None:
    """A stack file that cannot be read ends in the engine's own words, before the program runs."""
    assert live.engine.config_file is not None
    live.engine.config_file.write_bytes(b"config:\n  azure-native:location: s\xfcd\n")
    assert live.refused("up") == []


@placed([(case, situation_of(case)) for case in ADVISED])
def test_advice_is_shown_whole(live: Live, case: Case) -> None:
    """What is advised comes as warnings of a preview that is accepted."""
    live.take_up(NOTHING)
    typed(live, case)
    with live.azure.no_writes():
        output = live.engine.preview(diff=False)
    _, _, diagnostics = output.partition("\nDiagnostics:\n")
    assert re.findall(r"^ +warning: (A.+)$", diagnostics, re.MULTILINE) == case.said
