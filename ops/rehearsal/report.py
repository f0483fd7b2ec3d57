"""What a rehearsal measured: as a table for people, as JSON for programs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.box import HEAVY_HEAD
from rich.table import Table

from ops.rehearsal.answers import Summary
from rollout.words import shares

WIDE = 100
"""Columns from which the closing table has all that was measured."""


@dataclass(frozen=True, slots=True)
class StepReport:
    """One step: what was wanted, what was measured. `seconds` is what its `up` took (or its own action).

    `all` counts every request of the step; `settled` those sent after its last `up` had ended, from which the split is
    measured. `mirrored` are the copies that deployments got in that time, of `mirrorable` requests: those that the
    endpoint answered meanwhile while a mirror was on, none of which named a deployment.
    """

    name: str
    traffic: Mapping[str, int]
    mirror: Mapping[str, int]
    all: Summary
    settled: Summary
    mirrored: int
    seconds: float
    problems: tuple[str, ...] = ()
    mirrorable: int = 0

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
            "mirrorable": self.mirrorable,
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
    scoring_starts: list[float] = field(default_factory=list)
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


def table(report: Report, width: int = WIDE) -> Table:
    """The closing table; the measured share of each deployment with the wanted one in brackets.

    On a narrow screen it has no frame and no times, and no shares: the steps' own lines have said them.
    """
    is_wide = width >= WIDE
    frame: dict[str, Any] = {"box": HEAVY_HEAD} if is_wide else {"box": None, "padding": (0, 1, 0, 0)}
    shown = Table("", "step", title="The rehearsal", title_justify="left", **frame)
    if is_wide:
        shown.add_column("share of the answers, measured (wanted)")
    for heading in ("requests", "lost", "wrong", "mirrored"):
        shown.add_column(heading, justify="right")
    for heading in ("p50/p99 ms", "up s") if is_wide else ():
        shown.add_column(heading, justify="right")
    for number, step in enumerate(report.steps, 1):
        counts = [str(step.all.requests), str(step.all.lost), str(step.all.wrong)] if step.all.requests else [""] * 3
        copies = f"{step.mirrored} of {step.mirrorable}" if step.mirrorable else str(step.mirrored or "")
        known = step.all.p50 is not None and step.all.p99 is not None
        times = f"{step.all.p50:.1f}/{step.all.p99:.1f}" if known else ""
        shown.add_row(
            "[green]ok[/]" if step.ok else "[red]NO[/]",
            f"{number:2} {step.name}",
            *([_split(step)] if is_wide else []),
            *counts,
            copies,
            *([times, f"{step.seconds:.1f}"] if is_wide else []),
        )
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
    waited = f", of which {sum(starts):.0f} s waiting for scoring processes" if starts else ""
    total = f"{requests} requests, {report.lost} lost, {report.wrong} wrong, in {report.seconds:.0f} s{waited}"
    if report.ok:
        return f"ok: {total}"
    if report.stopped and not report.steps:
        return report.stopped
    return "\n".join(["not ok:", *problems, *([report.stopped] if report.stopped else []), total])


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _split(step: StepReport) -> str:
    measured, wanted = step.settled.share, step.traffic
    parts = [f"{name} {measured.get(name, 0):.1%} ({wanted.get(name, 0)})" for name in sorted({*measured, *wanted})]
    mirror = [f"mirror {shares(step.mirror)}"] if step.mirror else []
    return ", ".join([*(parts if measured else [shares(wanted)]), *mirror]) if wanted else ""
