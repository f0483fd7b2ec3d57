"""What a rehearsal says at its end."""

import io
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from ops.rehearsal.answers import Summary
from ops.rehearsal.report import Report, StepReport, table, verdict
from ops.rehearsal.screen import Screen


def step(lost: int = 0, wrong: int = 0, problems: tuple[str, ...] = ()) -> StepReport:
    """A 90/10 step of 310 requests."""
    reasons = ("1 x green answered and had no weight",) if wrong else ()
    everything = Summary(310, lost, wrong, {"blue": 281, "green": 29}, 3.2, 9.81234, reasons)
    settled = Summary(300, 0, 0, {"blue": 270, "green": 30}, 3.2, 9.8)
    return StepReport("90/10", {"blue": 90, "green": 10}, {}, everything, settled, 0, 4.2, problems)


def shown(report: Report) -> str:
    """The table and the verdict as text."""
    console = Console(file=io.StringIO(), width=160)
    console.print(table(report))
    console.print(verdict(report))
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def test_a_report_is_ok_only_when_nothing_is_lost_or_wrong_and_all_steps_were_taken() -> None:
    """A lost request, a wrong answer, a check that fails, a missing step or a stop: each makes it not ok."""
    assert Report(1, [step()]).ok
    assert not Report(1, [step(lost=1)]).ok
    assert not Report(1, [step(wrong=1)]).ok
    assert not Report(1, [step(problems=("no",))]).ok
    assert not Report(2, [step()]).ok
    assert not Report(1, [step()], stopped="interrupted").ok


def test_the_json_has_the_promised_keys(tmp_path: Path) -> None:
    """report.json holds each step's split, counts, share and seconds, and the totals."""
    Report(2, [step(), step(lost=2, wrong=1)], seconds=12.34567).write(tmp_path / "report.json")
    told = json.loads((tmp_path / "report.json").read_text())
    assert (told["lost"], told["wrong"], told["ok"], told["seconds"]) == (2, 1, False, 12.346)
    promised = {"name", "traffic", "mirror", "requests", "lost", "wrong", "share", "mirrored", "seconds"}
    assert promised <= set(told["steps"][0])
    assert told["steps"][0]["share"] == {"blue": 0.9, "green": 0.1}
    assert told["steps"][0]["p99"] == 9.812
    assert list(tmp_path.iterdir()) == [tmp_path / "report.json"]


def test_the_table_shows_wanted_and_measured() -> None:
    """A person reads the split that was wanted beside the one that was measured."""
    text = shown(Report(1, [step()], seconds=61))
    assert "blue 90.0% (90), green 10.0% (10)" in text
    assert "ok: 310 requests, 0 lost, 0 wrong, in 61 s" in text


def test_what_does_not_hold_is_said_with_its_step() -> None:
    """The last lines name the step and the reason."""
    text = shown(Report(3, [step(), step(wrong=1, problems=("mirrored: 0",))], stopped="at step 3 (x): E001"))
    assert "step 2 90/10: mirrored: 0" in text
    assert "step 2 90/10: 1 x green answered and had no weight" in text
    assert "at step 3 (x): E001" in text
    assert "620 requests, 0 lost, 1 wrong" in text


def test_a_rehearsal_that_never_began_says_why_and_no_more() -> None:
    """A set-up that is missing is one message, without a count of requests that were never sent."""
    assert verdict(Report(13, stopped="T005 the Pulumi engine: not installed.")) == (
        "T005 the Pulumi engine: not installed."
    )


def test_copies_are_counted_against_what_could_be_mirrored() -> None:
    """A mirror of 10 percent is read off the table: how many copies of how many requests."""
    mirrored = replace(step(), name="mirror 10 to green", mirror={"green": 10}, mirrored=24, mirrorable=241)
    assert "24 of 241" in shown(Report(1, [mirrored]))
    assert mirrored.as_dict()["mirrorable"] == 241


@pytest.mark.parametrize("width", [80, 99, 100, 160])
def test_the_table_is_whole_at_any_width(width: int) -> None:
    """One line a step and nothing cut; a narrow screen gets fewer columns."""
    console = Console(file=io.StringIO(), width=width)
    named = replace(step(), name="endpoint and blue; the next up opens it", mirrored=24, mirrorable=241)
    console.print(table(Report(2, [named, named]), width))
    lines = str(console.file.getvalue()).splitlines()  # type: ignore[attr-defined]
    rows = [line for line in lines if "24 of 241" in line]
    assert len(rows) == 2
    assert all("the next up opens it" in line or width >= 100 for line in rows)
    assert "…" not in "".join(lines)
    assert max(map(len, lines)) <= width


def test_a_newcomer_sees_a_line_a_step() -> None:
    """Without -v neither commands nor the engine's lines; all of it is in the log."""
    console = Console(file=io.StringIO(), width=80)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "pulumi.log"
        screen = Screen(console, 13, verbose=False, log=log)
        screen.step(8, "mirror 10 to green")
        screen.doing("pulumi up")
        screen.line("Updating (local):")
        screen.done(": 541 requests, 0 lost, 0 wrong; blue 100.0%", ok=True)
        kept = log.read_text()
    said = str(console.file.getvalue())  # type: ignore[attr-defined]
    assert said == "ok 8/13 mirror 10 to green: 541 requests, 0 lost, 0 wrong; blue 100.0%\n"
    assert kept.splitlines() == ["# 8/13 mirror 10 to green", "$ pulumi up", "Updating (local):"]
