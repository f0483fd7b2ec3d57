"""What a rehearsal measured: as a table for people, as JSON for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table

from ops.answers import Summary
from rollout.words import shares


@dataclass(frozen=True, slots=True)
class StepReport:
    """One step: what was wanted, what was measured. `seconds` is what its `up` took (or its own action).

    `all` counts every request of the step; `settled` those sent after its last `up` had ended, from which the split is
    measured. `mirrored` are the copies that deployments got in the step.
    """

    name: str
    traffic: Mapping[str, int]
    mirror: Mapping[str, int]
    all: Summary
    settled: Summary
    mirrored: int
    seconds: float
    problems: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Nothing lost, nothing wrong, and every check holds."""
        return not (self.all.lost or self.all.wrong or self.problems)

    def as_dict(self) -> dict[str, Any]:
        """The step in report.json; seconds and milliseconds to three digits."""
        return {
            "name": self.name,
            "traffic": dict(self.traffic),
            "mirror": dict(self.mirror),
            "requests": self.all.requests,
            "lost": self.all.lost,
            "wrong": self.all.wrong,
            "share": {name: round(share, 4) for name, share in self.settled.share.items()},
            "mirrored": self.mirrored,
            "seconds": round(self.seconds, 3),
            "p50": _rounded(self.all.p50),
            "p99": _rounded(self.all.p99),
            "problems": [*self.problems, *self.all.reasons],
        }


@dataclass(slots=True)
class Report:
    """All steps that were taken; `stopped` says why there are no more, where it did not come to its end.

    `at` is the step that runs, as the beginning of a message.
    """

    wanted_steps: int
    steps: list[StepReport] = field(default_factory=list)
    seconds: float = 0.0
    scoring_starts: Sequence[float] = ()
    at: str = ""
    stopped: str | None = None

    @property
    def lost(self) -> int:
        """Requests without an answer, or with an error."""
        return sum(step.all.lost for step in self.steps)

    @property
    def wrong(self) -> int:
        """Answers that their deployment would not give, or from one without weight."""
        return sum(step.all.wrong for step in self.steps)

    @property
    def ok(self) -> bool:
        """Whether all steps were taken and each is ok."""
        return self.stopped is None and len(self.steps) == self.wanted_steps and all(step.ok for step in self.steps)

    def as_dict(self) -> dict[str, Any]:
        """What report.json holds."""
        return {
            "steps": [step.as_dict() for step in self.steps],
            "lost": self.lost,
            "wrong": self.wrong,
            "ok": self.ok,
            "seconds": round(self.seconds, 3),
            "scoringStarts": [round(seconds, 3) for seconds in self.scoring_starts],
            "stopped": self.stopped,
        }

    def write(self, path: Path) -> None:
        """Write report.json in one go."""
        scratch = path.with_suffix(".part")
        scratch.write_text(json.dumps(self.as_dict(), indent=2) + "\n", encoding="utf-8")
        scratch.replace(path)


def table(report: Report) -> Table:
    """The closing table."""
    shown = Table("", "step", "wanted", "measured", title="The rehearsal, step by step", title_justify="left")
    for heading in ("requests", "lost", "wrong", "mirrored", "p50 ms", "p99 ms", "up s"):
        shown.add_column(heading, justify="right")
    for number, step in enumerate(report.steps, 1):
        wanted = shares(step.traffic) + (f", mirror {shares(step.mirror)}" if step.mirror else "")
        measured = ", ".join(f"{name} {share:.1%}" for name, share in step.settled.share.items())
        count = [str(step.all.requests), str(step.all.lost), str(step.all.wrong)] if step.all.requests else ["", "", ""]
        mark = "[green]ok[/]" if step.ok else "[red]NO[/]"
        latency = [_shown(step.all.p50), _shown(step.all.p99)]
        mirrored = str(step.mirrored) if step.mirrored else ""
        name = f"{number:2} {step.name}"
        shown.add_row(mark, name, wanted, measured, *count, mirrored, *latency, f"{step.seconds:.1f}")
    return shown


def verdict(report: Report) -> str:
    """The last lines: what did not hold, or that all did."""
    problems = [
        f"step {number} {step.name}: {problem}"
        for number, step in enumerate(report.steps, 1)
        for problem in (*step.problems, *step.all.reasons)
    ]
    requests = sum(step.all.requests for step in report.steps)
    starts = report.scoring_starts
    waited = f", {len(starts)} scoring processes started in {sum(starts):.1f} s of it" if starts else ""
    total = f"{requests} requests, {report.lost} lost, {report.wrong} wrong, in {report.seconds:.0f} s{waited}"
    if report.ok:
        return f"ok: {total}"
    return "\n".join(["not ok:", *problems, *([report.stopped] if report.stopped else []), total])


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
