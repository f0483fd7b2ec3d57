"""The runner: it finds what is lost, wrong or badly split, on an endpoint that misbehaves on purpose."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ops.engine import PulumiError
from ops.local.view import Counts
from ops.rehearsal.report import Report
from ops.rehearsal.run import Rehearsal, scoring_starts
from ops.rehearsal.scene import Scene, expected_answers, samples
from ops.rehearsal.screen import Screen
from ops.rehearsal.steps import RehearsalStep, Up

MODELS = {"1.0": "azureml:ridge:aaa", "0.1": "azureml:ridge:bbb"}
SHIFT = RehearsalStep("90/10", ups=(Up({"blue": 90, "green": 10}, put={"safe-rollout:a": "{first}"}),), loaded=True)


class FakeEngine:
    """An engine that says yes, or no at `up`, and changes who answers."""

    config_file = None

    def __init__(self, shift: Callable[[], None], is_refusing: bool = False) -> None:
        self.done: list[str] = []
        self.shift = shift
        self.is_refusing = is_refusing

    def config_set_all(self, values: dict[str, str]) -> None:
        """Remember what was set."""
        self.done.append(f"set {values}")

    def preview(self) -> str:
        """Remember the preview."""
        self.done.append("preview")
        return ""

    def up(self) -> str:
        """Shift."""
        if self.is_refusing:
            raise PulumiError("up", 255, "error: refused")
        self.done.append("up")
        self.shift()
        return " +  azure-native:machinelearningservices:OnlineDeployment diabetes-green created (1m2.5s)\n"


@dataclass
class FakeEndpoint:
    """An endpoint whose `turn` says who answers request n, or a status; `lie` makes blue answer as green."""

    turn: Callable[[int], str | int] = lambda _: "blue"
    lie: bool = False
    seen: Counter[str] = field(default_factory=Counter)
    mirrored: int = 0

    def answer(self, body: bytes) -> tuple[int, str, Any]:
        """Status, deployment and answer."""
        who = self.turn(self.seen.total())
        if isinstance(who, int):
            self.seen["refused"] += 1
            return who, "", {"error": "no"}
        self.seen[who] += 1
        (sample,) = [name for name, request in samples().items() if request == body]
        model = {"blue": "ridge:aaa", "green": "ridge:bbb"}[who]
        gives = "ridge:bbb" if self.lie and who == "blue" and self.seen.total() % 50 == 0 else model
        return 200, who, {"predictions": expected_answers(MODELS)[sample, gives], "model": model}

    def counts(self, endpoint: str) -> Counts:
        """As the gateway counts."""
        live = {name: {"live": self.seen[name], "mirrored": 0} for name in ("blue", "green")}
        live["green"]["mirrored"] = self.mirrored
        return live


@contextmanager
def served(endpoint: FakeEndpoint) -> Iterator[str]:
    """The endpoint on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            status, who, answer = endpoint.answer(self.rfile.read(int(self.headers["content-length"])))
            told = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(told)))
            self.send_header("azureml-model-deployment", who)
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/diabetes/score"
        finally:
            server.shutdown()


def rehearse(endpoint: FakeEndpoint, engine: FakeEngine, steps: list[RehearsalStep], folder: Path) -> Report:
    """Take the steps on the fake endpoint, with 200 requests to a split."""
    report = Report(len(steps))
    with served(endpoint) as url, Screen(Console(quiet=True), len(steps)) as screen:
        scene = Scene(engine, endpoint, samples(), url=url, key="k")  # type: ignore[arg-type]
        scene.use({"models": MODELS, "environment": "azureml:e:1", "code": "azureml:c:1"})
        scene.begin_phase({"blue": 100})
        Rehearsal(scene, screen, report, folder, rate=400, enough=200).run(steps)
    return report


def after(engine: FakeEngine, turn: Callable[[int], str | int]) -> Callable[[int], str | int]:
    """Blue answers until the `up`, then whoever `turn` says."""
    return lambda number: turn(number) if "up" in engine.done else "blue"


@pytest.mark.parametrize(
    ("turn", "lie", "lost", "wrong", "said"),
    [
        (lambda n: "green" if n % 10 == 0 else "blue", False, False, False, ""),
        (lambda n: 503 if n % 60 == 0 else ("green" if n % 10 == 5 else "blue"), False, True, False, "status 503"),
        (lambda n: "green" if n % 10 == 0 else "blue", True, False, True, "blue answered ["),
        (lambda _: "blue", False, False, False, "wanted {'blue': 90, 'green': 10} percent"),
        (lambda n: "green" if n % 2 else "blue", False, False, False, "wanted {'blue': 90, 'green': 10} percent"),
    ],
    ids=["good", "lost", "wrong", "no split", "another split"],
)
def test_what_an_endpoint_does_wrong_is_found(
    turn: Callable[[int], str | int], lie: bool, lost: bool, wrong: bool, said: str, tmp_path: Path
) -> None:
    """Lost requests, answers of another model and a wrong split each make the report not ok, with the reason."""
    endpoint = FakeEndpoint(lie=lie)
    engine = FakeEngine(lambda: None)
    endpoint.turn = after(engine, turn)
    report = rehearse(endpoint, engine, [SHIFT], tmp_path)
    (step,) = report.steps
    assert (step.all.lost > 0, step.all.wrong > 0) == (lost, wrong)
    assert report.ok is not bool(said)
    assert said in " ".join([*step.problems, *step.all.reasons])
    assert step.all.requests >= step.settled.requests >= 200


def test_an_answer_of_a_deployment_without_weight_is_wrong(tmp_path: Path) -> None:
    """After the `up` that takes green's traffic away, green must not answer."""
    endpoint, engine = FakeEndpoint(), FakeEngine(lambda: None)
    endpoint.turn = after(engine, lambda n: "green" if n % 20 == 0 else "blue")
    report = rehearse(endpoint, engine, [RehearsalStep("back", ups=(Up({"blue": 100}),), loaded=True)], tmp_path)
    assert report.steps[0].settled.wrong > 0
    assert "green answered and had no weight" in report.steps[0].all.reasons[0]


def test_every_edit_is_previewed_before_its_up(tmp_path: Path) -> None:
    """The keys are set with the registered references, then comes the preview, then the `up`."""
    endpoint, engine = FakeEndpoint(), FakeEngine(lambda: None)
    report = rehearse(endpoint, engine, [RehearsalStep("two", ups=(SHIFT.ups[0], Up({"blue": 100})))], tmp_path)
    edited = "set {'safe-rollout:a': 'azureml:ridge:aaa'}"
    assert engine.done == [edited, "preview", "up", "preview", "up"]
    assert report.scoring_starts == [62.5, 62.5]


def test_a_check_that_does_not_hold_is_reported_and_the_rehearsal_goes_on(tmp_path: Path) -> None:
    """Copies that were counted since the last `up` are the step's, and what a check finds is its problem."""
    endpoint = FakeEndpoint()
    steps = [
        RehearsalStep("checked", action="score", check=lambda _: ["no good"]),
        RehearsalStep("mirrored", ups=(Up({"blue": 100}),), loaded=True, check=lambda scene: [str(scene.seen)]),
        RehearsalStep("calm", ups=(Up({"blue": 100}),)),
    ]

    def copy() -> None:
        endpoint.mirrored += 7

    report = rehearse(endpoint, FakeEngine(copy), steps, tmp_path)
    checked, mirrored, calm = report.steps
    assert checked.problems == ("no good",)
    assert "'mirrored': 0" in mirrored.problems[0]
    assert calm.all.requests == 0
    assert not report.ok


def test_a_step_that_the_engine_refuses_stops_the_rehearsal(tmp_path: Path) -> None:
    """The engine's error goes up with the step's number, and the load is stopped."""
    report = Report(1)
    with pytest.raises(PulumiError, match="E001 pulumi up"):
        report = rehearse(FakeEndpoint(), FakeEngine(lambda: None, is_refusing=True), [SHIFT], tmp_path)
    assert not report.ok
    assert "steady-load" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (" +  azure-native:machinelearningservices:OnlineDeployment diabetes-blue created (13s)", [13.0]),
        (" ~  azure-native:machinelearningservices:OnlineDeployment d-b updated (0.31s) [diff: ~sku]", [0.31]),
        (" +  azure-native:machinelearningservices:OnlineDeployment diabetes-blue creating (2s)", []),
        (" ~  azure-native:machinelearningservices:OnlineEndpoint diabetes updated (0.31s)", []),
    ],
)
def test_the_wait_for_scoring_is_read_from_what_pulumi_says(said: str, seconds: list[float]) -> None:
    """Deployments that were made or changed count, with Pulumi's own seconds."""
    assert scoring_starts(said) == seconds
