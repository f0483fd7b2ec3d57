"""Takes the rehearsal's steps, one after the other, and measures each."""

import json
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.engine import interrupt
from ops.local.view import Counts
from ops.messages import UserError
from ops.rehearsal.answers import Answer, Summary, is_split, summarise
from ops.rehearsal.checks import since
from ops.rehearsal.load import IN_FLIGHT, SteadyLoad
from ops.rehearsal.report import Report, StepReport
from ops.rehearsal.scene import Scene
from ops.rehearsal.screen import Screen
from ops.rehearsal.steps import RehearsalStep, Up

PATIENCE = 30.0
"""Seconds within which a steady load has sent the requests that a split is measured from."""

_DEPLOYMENT = re.compile(r":OnlineDeployment \S+ (?:created|updated) \((?:(\d+)m)?([\d.]+)s\)")


@dataclass
class Rehearsal:
    """A rehearsal on a scene. `rate` is in requests a second; `enough` requests measure a split.

    `in_flight` is how many requests may wait for their answers at once.
    """

    scene: Scene
    screen: Screen
    report: Report
    folder: Path
    rate: float
    enough: int
    in_flight: int = IN_FLIGHT
    _traffic: Mapping[str, int] = field(default_factory=dict)
    _load: SteadyLoad | None = None

    def run(self, steps: Sequence[RehearsalStep]) -> None:
        """Take all steps. What does not hold goes to the report; raises UserError where a step can't be taken."""
        with ExitStack() as stack:
            for number, step in enumerate(steps, 1):
                self.screen.step(number, step.name)
                self.report.at = f"at step {number} ({step.name}): "
                if step.loaded and self._load is None:
                    self._load = stack.enter_context(self._steady_load())
                if not step.loaded and self._load is not None:
                    stack.close()
                    self._load = None
                    self.screen.load(str)
                self._take(step)
        self.report.at = ""

    def _steady_load(self) -> SteadyLoad:
        load = SteadyLoad(self.scene.url, self.scene.key, self.scene.samples, self.rate, self.in_flight)
        self.screen.load(lambda: f"{load.count} requests")
        return load

    def _take(self, step: RehearsalStep) -> None:
        began = time.monotonic()
        first = len(self.scene.asked)
        problems: list[str] = []
        took = self._act(step, problems)
        settled, at_rest = time.monotonic(), self._counts(step)
        if step.loaded:
            self._dwell(settled)
        self.scene.seen = since(at_rest, self._counts(step))
        problems += step.check(self.scene) if step.check else []
        asked = self.scene.asked[first:]
        answers = [*asked, *self._between(began)]
        calm = [*asked, *self._between(settled)]
        report = StepReport(
            name=step.name,
            traffic=self._traffic,
            mirror=step.mirror,
            all=self._judged(answers),
            settled=self._judged(calm),
            mirrored=sum(of["mirrored"] for of in self.scene.seen.values()),
            mirrorable=sum(of["live"] for of in self.scene.seen.values()) if step.mirror else 0,
            seconds=took,
            problems=(*problems, *self._split(step, calm)),
        )
        self.report.steps.append(report)
        self._tell(report)

    def _act(self, step: RehearsalStep, problems: list[str]) -> float:
        """Do what the step does; returns the seconds that its `up`s took, or the action."""
        began = time.monotonic()
        if step.action == "register":
            self._register()
        elif step.action == "destroy":
            self.screen.doing("pulumi destroy --run-program")
            self.scene.engine.destroy()
            self._traffic = {}
        elif step.action == "up":
            return sum(self._up(up, problems) for up in step.ups)
        return time.monotonic() - began

    def _up(self, up: Up, problems: list[str]) -> float:
        engine = self.scene.engine
        self._edit(up)
        self.screen.doing("pulumi preview --diff")
        engine.preview()
        self.screen.doing("pulumi up")
        began = time.monotonic()
        self.scene.begin_phase(up.traffic)
        said = engine.up()
        self.scene.end_phase()
        self.report.scoring_starts += scoring_starts(said)
        took = time.monotonic() - began
        self._traffic = up.traffic
        problems += up.check(self.scene) if up.check else []
        return took

    def _edit(self, up: Up) -> None:
        values = {key: value.format(**self.scene.references) for key, value in up.put.items()}
        if values:
            pairs = " ".join(f"--plaintext {shlex.quote(f'{_short(key)}={value}')}" for key, value in values.items())
            self.screen.doing(f"pulumi config set-all --path {pairs}")
            self.scene.engine.config_set_all(values)
        for key, value in up.text.items():
            self.screen.doing(f"pulumi config set --path --type string {_short(key)} {shlex.quote(value)}")
            self.scene.engine.run("config", "set", "--path", "--type", "string", key, value)
        if up.remove:
            self.screen.doing(f"pulumi config rm-all --path {' '.join(_short(key) for key in up.remove)}")
            self.scene.engine.run("config", "rm-all", "--path", *up.remove)

    def _register(self) -> None:
        """`rollout register ...` as a person would type it, in an environment that points at the local Azure."""
        for what in self.scene.registrations:
            for reference in self.scene.use(self._registered(what)):
                self.screen.detail(f"  {reference}")

    def _registered(self, what: Sequence[str]) -> Any:
        typed = " ".join(["rollout register", *what])
        self.screen.doing(typed)
        command = [str(Path(sys.executable).with_name("rollout")), "register", *what, "--json"]
        command += ["--config-file", str(self.scene.engine.config_file)]
        log = self.folder / "register.log"
        with log.open("w") as said:
            process = subprocess.Popen(
                command,
                cwd=self.scene.engine.project,
                env=dict(self.scene.engine.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                start_new_session=True,
            )
            try:
                told, _ = process.communicate()
            except BaseException:
                interrupt(process)
                raise
        if process.returncode != 0:
            cure = log.read_text(encoding="utf-8").strip()
            raise UserError("H003", typed, f"exit code {process.returncode}", cure=cure)
        return json.loads(told)

    def _dwell(self, since_when: float) -> None:
        """Let the load go on until enough requests have come back to measure the split."""
        until = time.monotonic() + PATIENCE
        while len(self._between(since_when)) < self.enough and time.monotonic() < until:
            time.sleep(0.1)

    def _between(self, began: float) -> list[Answer]:
        return [answer for answer in self._load.answers if answer.sent >= began] if self._load else []

    def _judged(self, answers: Sequence[Answer]) -> Summary:
        return summarise(answers, self.scene.phases, self.scene.expected)

    def _split(self, step: RehearsalStep, calm: Sequence[Answer]) -> list[str]:
        if not step.loaded:
            return []
        served = self._judged(calm).served
        if is_split(served, self._traffic) and len(calm) >= self.enough:
            return []
        return [f"measured {dict(served)} of {len(calm)} requests, wanted {dict(self._traffic)} percent"]

    def _counts(self, step: RehearsalStep) -> Counts:
        return self.scene.counts() if step.loaded else {}

    def _tell(self, step: StepReport) -> None:
        shares = ", ".join(f"{name} {share:.1%}" for name, share in step.settled.share.items())
        counted = f"{step.all.requests} requests, {step.all.lost} lost, {step.all.wrong} wrong; {shares}"
        self.screen.done(f": {counted}" if step.all.requests else "", ok=step.ok)
        for problem in (*step.problems, *step.all.reasons):
            self.screen.tell(f"   {problem}", style="red")


def scoring_starts(said: str) -> list[float]:
    """The seconds that Pulumi gives for each deployment that it made or changed: nearly all a wait for its processes.

    >>> scoring_starts(" +  azure-native:machinelearningservices:OnlineDeployment diabetes-blue created (13s)")
    [13.0]
    """
    return [60 * int(minutes or 0) + float(seconds) for minutes, seconds in _DEPLOYMENT.findall(said)]


def _short(key: str) -> str:
    return key.partition(":")[2]
