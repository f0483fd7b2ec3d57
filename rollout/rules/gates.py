"""Rules for what a rollout is judged by, before its first step."""

from collections.abc import Iterator

from rollout.case import Case
from rollout.gates.foresight import Prospect, prospect
from rollout.gates.metrics import fails_at, tests_of
from settings.gates import QUANTILES, seconds_of
from settings.refusal import Refusal

HARM = 0.02
ENOUGH = 0.9


def gates_judge_something(case: Case) -> Iterator[Refusal]:
    """R114 Gates have something to judge: a metric, a smoke test, an agreement, a webhook or a command.

    A plan without gates waits for a person; one with gates that find nothing would believe itself guarded.

    Source: Flagger #1581 (a metric that nobody reads passed in silence).
    Example:
        endpoint:
          deployments: {blue: {}, green: {}}
          traffic: {blue: 100}
          rollout: {steps: [{traffic: 10}], gates: {requests: 300}}
    """
    plan = case.wanted.rollout
    if plan and plan.gates and not plan.gates.is_judging:
        cure = "Write for example gates: {errors: {below: 1, againstOld: 1.5}}, or take gates out."
        yield Refusal("R114", case.at("rollout", "gates"), "nothing that judges", "at least one metric", cure)
    for index, step in enumerate(plan.steps if plan and not plan.gates else ()):
        if step.gates or step.requests:
            path = case.at("rollout", "steps", str(index))
            cure = "Write rollout.gates; a step says what it has otherwise."
            yield Refusal("R114", path, "gates of a step alone", "gates of the plan beside them", cure)


def durations_have_their_log(case: Case) -> Iterator[Refusal]:
    """R116 Quantiles of durations are judged by the traffic log, which has each request; metrics have no counts.

    Source: Azure Monitor, supported metrics (RequestLatency_P99 is a value a minute).
    Example:
        endpoint:
          deployments: {blue: {}, green: {}}
          traffic: {blue: 100}
          rollout: {steps: [{traffic: 10}], gates: {source: metrics, p99: {below: 300}}}
    """
    gates = case.wanted.rollout.gates if case.wanted.rollout else None
    for metric in sorted(gates.metrics.keys() & QUANTILES.keys()) if gates and gates.source == "metrics" else ():
        path = case.at("rollout", "gates", metric)
        yield Refusal("R116", path, "judged by metrics", "the traffic log", "Write source: trafficLog.")


def gates_have_their_log(case: Case) -> Iterator[Refusal]:
    """R117 Gates that are judged by the traffic log have one: on managed compute, and sent to Log Analytics.

    Azure has no such log of a Kubernetes endpoint.

    Source: Azure ML, monitor online endpoints (AmlOnlineEndpointTrafficLog).
    Example:
        stack: {watching: {diagnostics: {logAnalytics: false}}}
        endpoint:
          deployments: {blue: {}, green: {}}
          traffic: {blue: 100}
          rollout: {steps: [{traffic: 10}], gates: {errors: {below: 1}}}
    """
    gates = case.wanted.rollout.gates if case.wanted.rollout else None
    if not gates or not gates.metrics or gates.source != "trafficLog":
        return
    path = case.at("rollout", "gates")
    if case.wanted.kind == "kubernetes":
        cure = "Write source: metrics, or judge by smoke, agreement, webhook or command alone."
        yield Refusal("R117", path, "the traffic log of a Kubernetes endpoint", "another source", cure)
    elif not case.stack.watching.diagnostics.log_analytics:
        cure = "Write diagnostics: {logAnalytics: true} under watching, or source: metrics under gates."
        yield Refusal("R117", path, "judged by the traffic log, which goes nowhere", "diagnostics.logAnalytics", cure)


def steps_see_enough(case: Case) -> Iterator[Refusal]:
    """A118 A step lasts long enough for its gate to find a new deployment that fails 2 percent of its requests.

    Reckoned from `load.requestsPerSecond`, the share and the pause, where the old deployment fails none; exact. What
    later steps find is not counted: their requests are users'.

    Source: docs/gates.md; a pause is a number of requests.
    Example:
        endpoint:
          deployments: {blue: {}, green: {}}
          traffic: {blue: 100}
          load: {requestsPerSecond: 1, secondsPerRequest: 0.1}
          rollout:
            steps: [{mirror: 10, pause: 15m}, {traffic: 50, requests: 900}]
            gates: {errors: {againstOld: 1}}
    """
    plan, load = case.wanted.rollout, case.wanted.load
    if not plan or not plan.gates or not load or not plan.gates.errors or not plan.gates.errors.against_old:
        return
    limit = fails_at(plan.gates, tests_of(plan.gates))
    for index, step in enumerate(plan.steps):
        share = (step.mirror or step.traffic or 0) / 100
        per_minute = load.requests_per_second * 60 * share
        pause = seconds_of(step.pause) / 60 if step.pause and step.pause != "approval" else 0.0
        minutes = max(pause, (step.requests or 0) / per_minute if per_minute else 0.0)
        if not minutes or not per_minute or step.traffic == 100:
            continue  # nothing is seen, or nothing is left to compare with
        old_to_new = (1 if step.mirror else 1 - share) / share
        seen = prospect(minutes * per_minute, per_minute, old_to_new, plan.gates.errors.against_old, HARM, limit)
        if seen.chance < ENOUGH:
            what = f"{step.mirror} % mirror" if step.mirror else f"{step.traffic} % traffic"
            yield _advice(case, index, f"{what} for {minutes:,.0f} min at {load.requests_per_second:g} request/s", seen)


def _advice(case: Case, index: int, what: str, seen: Prospect) -> Refusal:
    got = (
        f"{what} sees {seen.requests:,} requests of the new one: an error share of {HARM:.0%} is found in "
        f"{100 * seen.chance:.0f} of 100 rollouts"
    )
    needs = f"{seen.needed:,} requests, {seen.minutes:,.0f} min (then in {100 * ENOUGH:.0f} of 100)"
    cure = f"Write requests: {seen.needed}, or a longer pause, or a larger share."
    return Refusal("A118", case.at("rollout", "steps", str(index)), got, needs, cure)


RULES = (gates_judge_something, durations_have_their_log, gates_have_their_log)
ADVICE = (steps_see_enough,)
