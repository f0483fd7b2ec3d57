"""An endpoint's gate, judged now: look, take in what is new, ask all that the plan asks, and record the verdict."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ops.arm import Arm, open_arm
from ops.gates.outside import ask_webhook, run_command
from ops.gates.record import Record, record_of
from ops.gates.samples import Scorer, agree, bodies, smoke
from ops.gates.source import Source, SourceError
from ops.look import Look, look
from ops.messages import UserError
from ops.project import Place
from ops.workspace import Target, find_target, point_clients
from rollout.gates.enforce import judged_deployments
from rollout.gates.evidence import Evidence, Subject, evidence_from, subject_of
from rollout.gates.judge import judge, take_in
from rollout.gates.looks import joined
from rollout.gates.quantile import summary
from rollout.gates.recorded import Recorded, judged_digest, step_text
from rollout.gates.step import gates_now
from rollout.gates.verdict import Verdict, as_dry_run, together
from settings import names
from settings.gates import Gates
from settings.stack import Stack

if TYPE_CHECKING:
    from rollout.model import ObservedEndpoint

_BASELINE = 600  # seconds before what is new: how slow the old deployment was


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, what it is of, and the evidence behind it."""

    verdict: Verdict
    subject: Subject
    evidence: Evidence
    recorded: Recorded

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        subject = {"endpoint": self.subject.endpoint, "new": self.subject.new, "old": list(self.subject.old)}
        return {**subject, **self.verdict.as_dict(), "judged": self.recorded.judged, "step": self.evidence.step}


@dataclass(frozen=True, slots=True)
class Scene:
    """All that judging one endpoint needs."""

    place: Place
    stack: Stack
    seen: "ObservedEndpoint"
    new: str
    gates: Gates
    source: Source
    score: Callable[[], Scorer]


def judge_now(place: Place, stack: Stack, name: str, anew: bool = False, candidate: str | None = None) -> Judged:
    """Judge and record; `candidate` is who is judged, where it is known. Raises UserError where nothing is to judge."""
    found = look(place, stack, [name]).endpoints[name]
    new, gates = _asked(found, candidate)
    target = find_target(os.environ, place, stack.workspace.name, stack.workspace.resource_group)
    point_clients(os.environ, place)
    assert found.seen is not None
    scene = Scene(
        place, stack, found.seen, new, gates, open_source(target, stack, name, new, gates), _scorer(target, found)
    )
    return judge_scene(scene, name, record_of(place, name), anew)


def judge_scene(scene: Scene, name: str, record: Record, anew: bool = False) -> Judged:
    """Judge with these sources, and record it."""
    subject = subject_of(name, scene.new, judged_deployments(scene.stack.endpoints[name], scene.seen).deployments)
    kept = evidence_from(None if anew else record.evidence, subject)
    step = step_text(scene.seen.split)
    try:
        looks = scene.source.looks(max(0, kept.until - _BASELINE))
        found = take_in(kept, scene.gates, looks, step)
        said = judge(found, scene.gates)
        sides = {"new": joined(look.new for look in looks), "old": joined(look.old for look in looks)}
        shown = {side: summary(counts.durations) for side, counts in sides.items()}
        metrics = replace(said, numbers={**said.numbers, "durations": shown})
    except SourceError as error:
        found, metrics = kept, Verdict("error", str(error))
    verdict = together([metrics, *_others(scene, metrics)])
    if scene.gates.dry_run:
        verdict = as_dry_run(verdict)
    digest = judged_digest(subject, scene.gates, scene.seen.split)
    recorded = Recorded(verdict.kind, verdict.reason, time.time(), digest, verdict.missing, verdict.numbers)
    record.write(found.as_dict(), recorded)
    return Judged(verdict, subject, found, recorded)


def open_source(target: Target, stack: Stack, endpoint: str, new: str, gates: Gates) -> Source:
    """The traffic log, or ARM's metrics."""
    from ops.gates import clients
    from ops.gates.metrics import Metrics
    from ops.gates.traffic_log import TrafficLog

    client = clients.metrics_client(os.environ, target.subscription)
    if gates.source == "metrics":
        endpoint_id = f"{target.path}/onlineEndpoints/{endpoint}"
        return Metrics(lambda **asked: client.metrics.list(endpoint_id, **asked), new)
    group = target.path.partition("/providers/")[0]
    workspace = f"{group}/providers/Microsoft.OperationalInsights/workspaces/{names.log_analytics(stack.workspace)}"

    def ask(query: str) -> Any:
        logs = clients.logs_client(os.environ)
        return logs.query_workspace(clients.customer_id(client, workspace), query, timespan=None)

    return TrafficLog(ask, endpoint, new)


def open_scorer(target: Target, name: str, body: Mapping[str, Any]) -> Scorer:
    """Asks an endpoint, signed in as its callers are. Raises UserError where no key or token can be had."""
    mode = str(body["properties"]["authMode"])
    with open_arm(target) as arm:
        token = _azure_token() if mode == "AADToken" else _own_token(arm, name, mode)
    return Scorer(str(body["properties"]["scoringUri"]), token)


def _others(scene: Scene, metrics: Verdict) -> list[Verdict]:
    """Samples, webhook and command, each only where the plan has it."""
    gates, root, new = scene.gates, scene.place.root, scene.new
    found = []
    if gates.smoke:
        found.append(smoke(scene.score(), new, bodies(gates.smoke, root)))
    if gates.agreement:
        old = max(sorted(scene.seen.traffic.keys() - {new}), key=lambda name: scene.seen.traffic[name], default="")
        samples = bodies(gates.agreement.samples, root)
        compared = agree(scene.score(), new, old, gates.agreement, samples) if old else None
        found.append(compared or Verdict("inconclusive", "agreement: no other deployment is live"))
    judged = {"endpoint": scene.seen.id, "new": new, "step": step_text(scene.seen.split), **metrics.as_dict()}
    if gates.webhook:
        said = ask_webhook(gates.webhook, judged)
        found.append(as_dry_run(said) if gates.webhook.dry_run else said)
    if gates.command:
        said = run_command(gates.command, judged, root)
        found.append(as_dry_run(said) if gates.command.dry_run else said)
    return found


def _asked(found: Look, candidate: str | None) -> tuple[str, Gates]:
    """The deployment that is judged, and by what."""
    path = f"endpoints.{found.name}"
    if found.seen is None or found.wanted is None:
        raise UserError("G001", path, "Azure shows no such endpoint", cure="Make it with 'pulumi up'.")
    plan = found.wanted.rollout
    if plan is None or plan.gates is None:
        cure = "Write for example gates: {errors: {below: 1, againstOld: 1.5}} under rollout."
        raise UserError("G002", f"{path}.rollout.gates", "none", "gates to judge by", cure)
    candidate = candidate or found.way.candidate
    if candidate is None or candidate not in found.seen.deployments:
        why = found.way.why or f"{candidate} is not there yet"
        raise UserError("G005", f"{path}.rollout", why, "a deployment that comes in", "Nothing is judged without one.")
    gates = gates_now(plan, found.seen, candidate)
    assert gates is not None
    return candidate, gates


def _scorer(target: Target, found: Look) -> Callable[[], Scorer]:
    return lambda: open_scorer(target, found.name, found.body)


def _own_token(arm: Arm, name: str, mode: str) -> str:
    action, key = ("listKeys", "primaryKey") if mode == "Key" else ("token", "accessToken")
    answer = arm.ask("POST", f"/onlineEndpoints/{name}/{action}")
    if answer.is_error:
        cure = "Your role needs the action onlineEndpoints/listKeys, or onlineEndpoints/token."
        raise UserError("G006", f"endpoints.{name}", f"{action}: status {answer.status_code}", "a key", cure)
    return str(answer.json()[key])


def _azure_token() -> str:
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential().get_token("https://ml.azure.com/.default").token
