"""Judging at the edge: sources, samples, webhook, command, and the record that a step is held against."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError

from ops.gates.metrics import Metrics
from ops.gates.outside import ask_webhook, run_command
from ops.gates.record import record_of
from ops.gates.run import Scene, judge_scene
from ops.gates.samples import Reply, agree, alike, bodies, smoke
from ops.gates.source import SourceError
from ops.gates.traffic_log import TrafficLog
from ops.messages import UserError
from ops.project import Place
from rollout.gates.enforce import guard_gate, judged_deployments
from rollout.gates.looks import Counts, Look
from rollout.gates.recorded import Recorded
from rollout.model import ObservedDeployment, ObservedEndpoint, Step
from settings.configuration import Project
from settings.endpoint import Endpoint
from settings.gates import Agreement, Command, Gates, Sample, Webhook
from settings.load import from_config
from settings.values import HIDDEN

NOW = datetime(2026, 1, 2, 3, 30, tzinfo=UTC)
COLUMNS = ["Requests", "Minute", "DeploymentName", "ResponseCode", "ModelStatusCode", "TotalDurationMs", "Age"]


def log_of(*rows: tuple[Any, ...]) -> TrafficLog:
    """A traffic log that answers these rows."""
    return TrafficLog(
        lambda _: SimpleNamespace(tables=[SimpleNamespace(columns=COLUMNS, rows=list(rows))]), "e", "green"
    )


def at(minute: int) -> datetime:
    """A minute of this hour."""
    return NOW.replace(minute=minute)


def test_rows_become_looks() -> None:
    """By minute, new and old apart, by fault and duration; a name's case does not matter."""
    looks = log_of(
        (3, at(1), "Green", 200, 200, 10, 2),
        (1, at(1), "green", 424, 500, 12, 2),
        (9, at(1), "blue", 200, 200, 11, 2),
        (2, at(1), "blue", 401, None, 1, 2),
    ).looks(0)
    new = Counts({"ok": 3, "error": 1}, {10: 3, 12: 1})
    assert looks == [Look(int(at(1).timestamp()), new, Counts({"ok": 9, "caller": 2}, {11: 9}))]


def test_partial_minutes_are_not_judged() -> None:
    """A minute younger than 5 minutes is not; one that nothing came after waits until it is 15 minutes old."""
    young = log_of((1, at(1), "green", 200, 200, 1, 0), (1, at(20), "green", 200, 200, 1, 0))
    alone = log_of((1, at(1), "green", 200, 200, 1, 1))
    followed = log_of((1, at(1), "green", 200, 200, 1, 1), (1, at(3), "blue", 200, 200, 1, 1))
    assert (young.looks(0), alone.looks(0)) == ([], [])
    assert [look.begin for look in followed.looks(0)] == [int(at(1).timestamp())]
    assert len(log_of((1, at(1), "green", 200, 200, 1, 2)).looks(0)) == 1


def answered(status: int, body: Any) -> HttpResponseError:
    """An error of Log Analytics."""
    response = SimpleNamespace(status_code=status, reason="", text=lambda: json.dumps(body), headers={})
    return HttpResponseError("no", response=response)  # type: ignore[arg-type]


def test_a_table_that_is_not_there_has_no_rows() -> None:
    """Before the first request no table is found; that is no data, and no error."""
    inner = {"code": "SemanticError", "innererror": {"code": "SEM0100", "message": "no table"}}

    def ask(_: str) -> Any:
        raise answered(400, {"error": {"code": "BadArgumentError", "innererror": inner}})

    assert TrafficLog(ask, "e", "green").looks(0) == []


@pytest.mark.parametrize(
    "error", [answered(403, {"error": {"code": "InsufficientAccessError"}}), ServiceRequestError("dns")]
)
def test_a_source_out_of_reach_is_told(error: Exception) -> None:
    """As SourceError, whatever the client raised."""

    def ask(_: str) -> Any:
        raise error

    with pytest.raises(SourceError, match="the traffic log"):
        TrafficLog(ask, "e", "green").looks(0)


def series(average: float, **named: str) -> Any:
    """A time series with one point at 03:01."""
    metadata = [SimpleNamespace(name=SimpleNamespace(value=name), value=value) for name, value in named.items()]
    point = SimpleNamespace(time_stamp=at(1), average=average)
    return SimpleNamespace(metadatavalues=metadata, data=[point])


def test_metrics_become_looks() -> None:
    """Dimensions in any case, nothing of the last three minutes, and more than ten series are asked for."""
    asked: list[dict[str, Any]] = []

    def answer(end: datetime) -> Callable[..., Any]:
        def ask(**query: Any) -> Any:
            asked.append(query)
            found = [
                series(4.0, deployment="Green", statuscode="200", modelstatuscode="200"),
                series(1.0, deployment="green", statuscode="424", modelstatuscode="500"),
                series(9.0, deployment="blue", statuscode="200", modelstatuscode="200"),
            ]
            return SimpleNamespace(
                timespan=f"{end - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}",
                value=[SimpleNamespace(timeseries=found)],
            )

        return ask

    looks = Metrics(answer(at(5)), "green").looks(int(at(0).timestamp()))
    assert looks == [Look(int(at(1).timestamp()), Counts({"ok": 4, "error": 1}), Counts({"ok": 9}))]
    assert asked[0]["top"] == 1000
    assert Metrics(answer(at(4)), "green").looks(0) == []


def sample(**of: Any) -> tuple[str, Sample, bytes]:
    """A sample request."""
    return "one", Sample.model_validate({"request": {"x": 1}, **of}), b"{}"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(200, "green", [1.04]), "pass"),
        (Reply(200, "Green", [1.2]), "fail"),
        (Reply(424, "green"), "fail"),
        (Reply(200, "blue", [1.0]), "error"),
        (Reply(200, "", [1.0]), "error"),
        (Reply(404, "green"), "error"),
        (Reply(None, problem="no route"), "error"),
        (Reply(429, "green"), "inconclusive"),
    ],
)
def test_a_smoke_test_proves_who_answered(reply: Reply, kind: str) -> None:
    """An answer of another deployment, or of nobody that says so, is no answer; a wrong one is a failure."""
    assert smoke(lambda *_: reply, "green", [sample(answer=[1.0], tolerance=0.05)]).kind == kind


def test_answers_agree() -> None:
    """Old and new within the tolerance, but for so many; an old one that fails is not the new one's fault."""
    answers = {"blue": 1.0, "green": 1.2}
    wanted = Agreement.model_validate({"samples": [{"request": 1}], "tolerance": 0.1})

    def score(name: str, _: bytes) -> Reply:
        return Reply(200, name, answers[name])

    assert agree(score, "green", "blue", wanted, [sample()]).kind == "fail"
    assert agree(score, "green", "blue", wanted.model_copy(update={"differing": 1}), [sample()]).kind == "pass"

    def broken(name: str, _: bytes) -> Reply:
        return Reply(424 if name == "blue" else 200, name, 1.0)

    assert agree(broken, "green", "blue", wanted, [sample()]).kind == "cancelled"
    assert not alike({"a": True}, {"a": 1}, 1.0)
    assert not alike([1], [1, 2], 1.0)


def test_a_sample_that_is_no_file_is_told(tmp_path: Path) -> None:
    """With its name, before anything is sent."""
    (tmp_path / "bad.json").write_text("{")
    for name in ("bad.json", "none.json"):
        with pytest.raises(UserError, match=f"G003 {name}"):
            bodies([Sample.model_validate({"file": name})], tmp_path)


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (200, {"verdict": "fail", "reason": "no"}, "fail"),
        (200, {"verdict": "great"}, "error"),
        (200, {}, "error"),
        (200, [], "error"),
        (500, {"verdict": "pass"}, "error"),
    ],
)
def test_a_webhooks_word_is_taken_as_it_is(status: int, answer: Any, kind: str) -> None:
    """One of the five verdicts, or an error; it gets what was judged."""
    got: list[Any] = []

    def serve(request: httpx2.Request) -> httpx2.Response:
        got.append(json.loads(request.content))
        return httpx2.Response(status, json=answer)

    webhook = Webhook.model_validate({"url": "https://example.org/judge"})
    client = httpx2.Client(transport=httpx2.MockTransport(serve))
    assert ask_webhook(webhook, {"new": "green"}, client).kind == kind
    assert got == [{"new": "green"}]
    assert ask_webhook(webhook.model_copy(update={"url": HIDDEN}), {}).kind == "error"


@pytest.mark.parametrize(
    ("argv", "kind"),
    [
        (["sh", "-c", "cat > /dev/null; echo fine"], "pass"),
        (["sh", "-c", "exit 3"], "fail"),
        (["sh", "-c", "exit 4"], "inconclusive"),
        (["sh", "-c", "exit 1"], "error"),
        (["no-such-program"], "error"),
        (["sleep", "9"], "error"),
    ],
)
def test_a_commands_exit_code_is_its_verdict(tmp_path: Path, argv: list[str], kind: str) -> None:
    """0, 3, 4, 6 as rollout's own; anything else, and one that does not end, is an error."""
    command = Command.model_validate({"argv": argv, "timeout": "1s"})
    assert run_command(command, {"new": "green"}, tmp_path).kind == kind


PLAN = {"steps": [{"traffic": 10}, {"traffic": 50}], "gates": {"errors": {"below": 5}, "enforce": True}}


class Fixed:
    """A source with these looks; None: out of reach."""

    def __init__(self, looks: list[Look] | None) -> None:
        self._looks = looks

    def looks(self, since: int) -> list[Look]:
        """Those from `since` on."""
        if self._looks is None:
            raise SourceError("the log: status 403")
        return [look for look in self._looks if look.begin >= since]


@pytest.fixture
def scene(tmp_path: Path) -> Callable[[list[Look] | None], Scene]:
    """Green at 10 percent, judged by these looks."""
    deployment = {
        "model": "azureml:m:1",
        "environment": "azureml:e:1",
        "code": "azureml:c:1",
        "instanceType": "Standard_DS3_v2",
    }
    config = {
        "azure-native:location": "westeurope",
        "safe-rollout:workspace": {"name": "ws-diabetes", "resourceGroup": "rg-diabetes"},
        "safe-rollout:registry": {"name": "acrdiabetes"},
        "safe-rollout:endpoints": {
            "diabetes": {"deployments": {"blue": deployment, "green": deployment}, "rollout": PLAN}
        },
    }
    stack = from_config(config)
    seen = ObservedEndpoint(
        traffic={"blue": 90, "green": 10},
        proven=("blue",),
        deployments={"blue": ObservedDeployment(), "green": ObservedDeployment(), "idle": ObservedDeployment()},
    )
    place = Place(Project("safe-rollout", {}), tmp_path, tmp_path / "Pulumi.dev.yaml", "dev")
    plan = stack.endpoints["diabetes"].rollout
    assert plan is not None
    assert plan.gates is not None
    gates: Gates = plan.gates

    def made(looks: list[Look] | None) -> Scene:
        return Scene(place, stack, seen, "green", gates, Fixed(looks), lambda: pytest.fail("no sample is asked"))

    return made


def good(many: int) -> list[Look]:
    """So many minutes without an error."""
    return [Look(60 * minute, Counts({"ok": 30}), Counts({"ok": 270})) for minute in range(many)]


def test_evidence_goes_on_in_the_record(scene: Callable[[list[Look] | None], Scene]) -> None:
    """Two calls see each minute once; a source that fails keeps what was seen, and its verdict is error."""
    made = scene(good(2))
    first = judge_scene(made, "diabetes", record_of(made.place, "diabetes"))
    assert (first.verdict.kind, first.evidence.requests) == ("inconclusive", 60)
    broken = judge_scene(scene(None), "diabetes", record_of(made.place, "diabetes"))
    assert (broken.verdict.kind, broken.evidence.requests) == ("error", 60)
    last = judge_scene(scene(good(9)), "diabetes", record_of(made.place, "diabetes"))
    assert (last.verdict.kind, last.evidence.requests) == ("pass", 270)
    anew = judge_scene(scene(good(1)), "diabetes", record_of(made.place, "diabetes"), anew=True)
    assert anew.evidence.requests == 30


def test_a_step_needs_a_pass_that_is_its_own(scene: Callable[[list[Look] | None], Scene]) -> None:
    """Fresh, a pass, of these revisions and this split; going back and the first share need none."""
    made = scene(good(9))
    recorded = judge_scene(made, "diabetes", record_of(made.place, "diabetes")).recorded
    wanted, live = made.stack.endpoints["diabetes"], judged_deployments(made.stack.endpoints["diabetes"], made.seen)
    live = ObservedEndpoint(traffic=live.traffic, proven=("blue",), deployments=live.deployments)
    forward = Step({"blue": 50, "green": 50}, {})

    def lacks(
        step: Step = forward, of: ObservedEndpoint = live, by: Recorded | None = recorded, later: float = 0
    ) -> list[str]:
        return [one.got for one in guard_gate("diabetes", wanted, of, step, by, recorded.at + later)]

    assert lacks() == []
    assert lacks(later=31 * 60) == ["the recorded verdict is 31 min old, and holds for 30m"]
    assert lacks(by=None) == ["no verdict is recorded"]
    other = {**live.deployments, "green": ObservedDeployment(model="azureml:m:2")}
    changed = ObservedEndpoint(traffic=live.traffic, proven=("blue",), deployments=other)
    assert "other revisions" in lacks(of=changed)[0]
    held = Recorded("inconclusive", "too few", recorded.at, recorded.judged, "9 more requests")
    assert lacks(by=held) == ["the verdict is inconclusive: too few (9 more requests)"]
    assert lacks(step=Step({"blue": 100}, {}), by=None) == []
    begins = ObservedEndpoint(traffic={"blue": 100}, proven=("blue",), deployments=live.deployments)
    assert lacks(step=Step({"blue": 90, "green": 10}, {}), of=begins, by=None) == []
    lax = Endpoint.model_validate(
        wanted.model_dump(by_alias=True) | {"rollout": {**PLAN, "gates": {"errors": {"below": 5}}}}
    )
    assert guard_gate("diabetes", lax, live, forward, None, 0.0) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"verdict": "pass"}', '{"verdict": "great", "at": 1, "judged": "x"}'])
def test_a_record_that_cannot_be_read_is_none(scene: Callable[[list[Look] | None], Scene], text: str) -> None:
    """Nothing is believed of it."""
    place = scene([]).place
    record = record_of(place, "diabetes")
    record.path.parent.mkdir()
    record.path.write_text(text)
    assert record_of(place, "diabetes").recorded is None
