"""Judging what an endpoint answered: was an answer lost, is it wrong, who gave it. Pure: no clock, no network."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

TOLERANCE = 1e-6
"""How far a prediction may be from the expected one, relative to its size (another BLAS adds in another order)."""

SIGMAS = 4.0
"""How far a measured share may be from the wanted one, in standard deviations of the binomial distribution."""

Verdict = Literal["good", "lost", "wrong"]


class Expected(Protocol):
    """What the answers have to be."""

    def wrong(self, sample: str, deployment: str, models: Collection[str], body: Any) -> str:
        """What is wrong with a deployment's answer, one of whose `models` (`NAME:VERSION`) gave it; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """Of the sample's models: (sample, model reference) to the predictions that this model gives for this sample."""

    known: Mapping[tuple[str, str], Sequence[float]] = field(default_factory=dict)

    def wrong(self, sample: str, deployment: str, models: Collection[str], body: Any) -> str:
        """The answer names its model, and the predictions are that model's."""
        if not isinstance(body, dict):
            return f"{deployment} answered with no object: {str(body)[:200]}"
        model = str(body.get("model"))
        if model not in models:
            return f"{deployment} answered as {model}, and runs {', '.join(sorted(models))}"
        wanted = self.known[sample, model]
        if not is_same(body.get("predictions"), list(wanted)):
            return f"{deployment} answered {str(body.get('predictions'))[:200]}, expected {wanted}"
        return ""


@dataclass(frozen=True, slots=True)
class References:
    """Of any model: (sample, deployment) to what it answered when asked alone. What is not there is not judged."""

    known: dict[tuple[str, str], Any] = field(default_factory=dict)

    def wrong(self, sample: str, deployment: str, models: Collection[str], body: Any) -> str:  # noqa: ARG002
        """The answer is the one that this deployment gave alone."""
        key = (sample, deployment)
        if key not in self.known or is_same(body, self.known[key]):
            return ""
        return f"{deployment} answered {str(body)[:200]}, and alone {str(self.known[key])[:200]}"


@dataclass(frozen=True, slots=True)
class Answer:
    """One request and what came back. Times in seconds of one monotonic clock.

    `status` is None where nothing came back, and `problem` says why; `deployment` is the echoed header
    `azureml-model-deployment`; `body` is the decoded JSON; `named` is the deployment that was asked by name, if any.
    """

    sample: str
    sent: float
    received: float
    status: int | None
    deployment: str | None = None
    body: Any = None
    problem: str = ""
    named: str | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """A time in which the deployments in `live`, each with its model `NAME:VERSION`, may answer.

    `by_name` are those that may answer to their name, whether they have weight or not. While an `up` runs, the phase
    before it and the one after it both hold: the one ends when the `up` ends, the other begins when the `up` begins.
    `ended` is infinite for the last one.
    """

    began: float
    live: Mapping[str, str]
    ended: float = math.inf
    by_name: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a set of answers comes to. Shares are fractions of the answered requests; latencies in milliseconds."""

    requests: int = 0
    lost: int = 0
    wrong: int = 0
    served: Mapping[str, int] = field(default_factory=dict)
    p50: float | None = None
    p99: float | None = None
    reasons: tuple[str, ...] = ()

    @property
    def share(self) -> dict[str, float]:
        """Which fraction of the answers each deployment gave."""
        total = sum(self.served.values())
        return {name: self.served[name] / total for name in sorted(self.served)}


def judge(answer: Answer, phases: Iterable[Phase], expected: Expected) -> tuple[Verdict, str]:
    """The verdict on one answer, and its reason where it is not good.

    Lost: no answer, or a status other than 200. Wrong: from a deployment that had no weight at any time between the
    request and its answer, or that answered to another's name; or not what the model that this deployment runs gives;
    or the answer and the header disagree on who gave it.
    """
    if answer.status is None:
        return "lost", f"no answer: {answer.problem}"
    if answer.status != 200:
        return "lost", f"status {answer.status}: {str(answer.body)[:200]}"
    if answer.deployment is None:
        return "wrong", "the answer does not say which deployment gave it"
    at_the_time = [phase for phase in phases if phase.began <= answer.received and answer.sent <= phase.ended]
    who = answer.deployment
    if answer.named not in {None, who}:
        return "wrong", f"{who} answered to the name {answer.named}"
    pools = [phase.by_name if answer.named else phase.live for phase in at_the_time]
    models = {pool[who] for pool in pools if who in pool}
    if not models:
        return "wrong", f"{who} answered and had no weight"
    problem = expected.wrong(answer.sample, who, models, answer.body)
    return ("wrong", problem) if problem else ("good", "")


def summarise(answers: Sequence[Answer], phases: Sequence[Phase], expected: Expected) -> Summary:
    """Count, judge and time these answers; up to three reasons for what is lost or wrong."""
    verdicts = [judge(answer, phases, expected) for answer in answers]
    counts = Counter(verdict for verdict, _ in verdicts)
    answered = [answer for answer in answers if answer.status == 200]
    latencies = sorted((answer.received - answer.sent) * 1000 for answer in answered)
    reasons = Counter(reason for _, reason in verdicts if reason)
    return Summary(
        requests=len(answers),
        lost=counts["lost"],
        wrong=counts["wrong"],
        served=Counter(answer.deployment or "unknown" for answer in answered),
        p50=quantile(latencies, 0.5),
        p99=quantile(latencies, 0.99),
        reasons=tuple(f"{times} x {reason}" for reason, times in reasons.most_common(3)),
    )


def quantile(ordered: Sequence[float], fraction: float) -> float | None:
    """The smallest value that at least this fraction of the ordered values does not exceed (nearest rank)."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(fraction * len(ordered)) - 1)]


def is_split(served: Mapping[str, int], wanted: Mapping[str, int]) -> bool:
    """Whether these counts can come from a split of the wanted weights (percent).

    Each count within SIGMAS standard deviations of its binomial distribution; a weight of 0 or 100 is met exactly.
    No answers at all meet no split.

    >>> is_split({"blue": 905, "green": 95}, {"blue": 90, "green": 10})
    True
    >>> is_split({"blue": 800, "green": 200}, {"blue": 90, "green": 10})
    False
    """
    total = sum(served.values())
    return total > 0 and all(
        is_share(served.get(name, 0), total, wanted.get(name, 0)) for name in set(served) | set(wanted)
    )


def is_share(count: int, total: int, percent: int) -> bool:
    """Whether `count` of `total` can be a share of `percent`, within SIGMAS standard deviations."""
    fraction = percent / 100
    return abs(count - total * fraction) <= SIGMAS * math.sqrt(total * fraction * (1 - fraction))


def is_same(got: Any, wanted: Any) -> bool:
    """Whether two decoded JSON values are the same, numbers within TOLERANCE.

    >>> is_same({"a": [1.0, "x"]}, {"a": [1.0000001, "x"]})
    True
    """
    if isinstance(wanted, dict):
        return isinstance(got, dict) and got.keys() == wanted.keys() and all(is_same(got[k], wanted[k]) for k in wanted)
    if isinstance(wanted, list):
        is_list = isinstance(got, list) and len(got) == len(wanted)
        return is_list and all(is_same(one, other) for one, other in zip(got, wanted, strict=True))
    if isinstance(wanted, bool) or not isinstance(wanted, int | float):
        return type(got) is type(wanted) and bool(got == wanted)
    is_number = isinstance(got, int | float) and not isinstance(got, bool)
    return is_number and (math.isclose(got, wanted, rel_tol=TOLERANCE) or str(got) == str(wanted) == "nan")
