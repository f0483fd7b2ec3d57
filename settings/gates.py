"""What a rollout is judged by: the gates of an endpoint's plan, and what one of its steps has otherwise."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from settings.types import Names, Percentage, Shape, Text

_SECONDS = {"s": 1, "m": 60, "h": 3600}
_DURATION = re.compile(r"([1-9]\d{0,5})([smh])")


def _duration(text: str) -> str:
    if _DURATION.fullmatch(text) is None:
        raise ValueError("a duration, for example 90s, 10m or 2h")
    return text


def seconds_of(duration: str) -> int:
    """A duration as the stack file has it, in seconds.

    >>> seconds_of("10m")
    600
    """
    match = _DURATION.fullmatch(duration)
    assert match is not None
    return int(match[1]) * _SECONDS[match[2]]


def _pause(text: str) -> str:
    if text != "approval" and _DURATION.fullmatch(text) is None:
        raise ValueError("a duration, for example 10m, or approval")
    return text


Duration = Annotated[str, Field(description="a duration: `90s`, `10m`, `2h`"), AfterValidator(_duration)]
Pause = Annotated[str, Field(description="a duration (`10m`), or `approval`"), AfterValidator(_pause)]
URL_PATTERN = r"^https?://\S+$"
Tolerance = Annotated[float, Field(ge=1, le=20, strict=False)]


class _Limit(Shape):
    """A limit, a comparison with the old deployment, or both."""

    against_old: Tolerance | None = None
    """How many times the odds of the old deployment are allowed: 1 is no worse at all."""
    dry_run: bool = False
    """It is reported, and decides nothing."""

    @model_validator(mode="after")
    def _some_limit(self) -> Self:
        if self.against_old is None and getattr(self, "below", None) is None:
            raise ValueError("below, againstOld or both, for example {below: 1, againstOld: 1.5}")
        return self


class ShareGate(_Limit):
    """A share of the requests: a limit, a comparison with the old deployment, or both.

    Example:
      {below: 1, againstOld: 1.5, dryRun: false}
    """

    below: Annotated[float, Field(gt=0, lt=100, strict=False)] | None = None
    """The share that it stays below, in percent."""


class LatencyGate(_Limit):
    """A quantile of the duration, first byte in to last byte out.

    Example:
      {below: 300, againstOld: 1.5, dryRun: false}
    """

    below: Annotated[int, Field(gt=0, le=600_000)] | None = None
    """The time that it stays below, in milliseconds."""


class Sample(Shape):
    """A request for one deployment by name: from a file, or as it stands here.

    Example:
      [{file: scoring/samples/one-patient.json, answer: {predictions: [151.3]}, tolerance: 0.001}]
    """

    file: Text | None = None
    """A JSON file of the project."""
    request: Any = None
    """The request itself, instead of a file."""
    answer: Any = None
    """What it has to answer. Left out: any answer with status 200."""
    tolerance: Annotated[float, Field(ge=0, strict=False)] = 0.0
    """How far numbers of the answer may be from it."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.file is None) == (self.request is None):
            raise ValueError("either file or request, for example {file: scoring/samples/one-patient.json}")
        return self


Samples = Annotated[tuple[Sample, ...], Field(strict=False)]


class Agreement(Shape):
    """The same requests to both deployments: their answers agree.

    Example:
      {samples: [{file: scoring/samples/ward.json}], tolerance: 0.5, differing: 1}
    """

    samples: Annotated[tuple[Sample, ...], Field(min_length=1, strict=False)]
    """The requests."""
    tolerance: Annotated[float, Field(ge=0, strict=False)] = 0.0
    """How far numbers of the two answers may be from each other."""
    differing: Annotated[int, Field(ge=0)] = 0
    """How many of the requests may be answered differently."""


class Outside(Shape):
    """Somebody else's judgement, asked by HTTP or by a command."""

    timeout: Duration = "30s"
    """How long it may take. Later it is an error."""
    dry_run: bool = False
    """It is reported, and decides nothing."""


class Webhook(Outside):
    """POST of what is judged as JSON; the answer is JSON with `verdict` and `reason`.

    Example:
      {url: "https://judge.example.org/diabetes", timeout: 30s, dryRun: false}
    """

    url: Annotated[Text, Field(pattern=URL_PATTERN)]
    """Where it is asked."""


class Command(Outside):
    """A program without a shell; exit code 0 pass, 3 fail, 4 inconclusive, 6 cancelled, any other one error.

    Example:
      {argv: [python, judge.py], timeout: 5m, dryRun: false}
    """

    argv: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    """The program and its arguments."""


class Gates(Shape):
    """What has to be shown before the next step.

    Example:
      {requests: 300, falseAlarmPercent: 5, source: trafficLog, dryRun: false, enforce: true, validFor: 30m}
    """

    errors: ShareGate | None = None
    """What users see fail: 424 (but for a model's own 4xx), 408 and 5xx."""
    throttled: ShareGate | None = None
    """Answers 429: capacity."""
    refused: ShareGate | None = None
    """The model's own 4xx."""
    p50: LatencyGate | None = None
    """The median duration."""
    p90: LatencyGate | None = None
    """90 of 100 requests are faster."""
    p95: LatencyGate | None = None
    """95 of 100 requests are faster."""
    p99: LatencyGate | None = None
    """99 of 100 requests are faster."""
    requests: Annotated[int, Field(ge=0)] = 0
    """The least that the new deployment answers in a step."""
    smoke: Samples = ()
    """Requests that it has to answer before anything else counts."""
    agreement: Agreement | None = None
    """Requests that both deployments have to answer alike."""
    webhook: Webhook | None = None
    """Somebody else's verdict, by HTTP."""
    command: Command | None = None
    """Somebody else's verdict, by a program."""
    false_alarm_percent: Percentage = 5.0
    """How many good rollouts may be stopped, all metrics and looks together."""
    source: Literal["trafficLog", "metrics"] = "trafficLog"
    """The traffic log has each request. Metrics have only counts by status, but come sooner."""
    dry_run: bool = False
    """The gates are reported, and decide nothing."""
    enforce: bool = False
    """Plain `pulumi up` asks for a recorded pass too."""
    valid_for: Duration = "30m"
    """How long a recorded verdict counts."""

    @property
    def metrics(self) -> dict[str, ShareGate | LatencyGate]:
        """Those that are set, by name."""
        return {name: gate for name in METRICS if (gate := getattr(self, name)) is not None}

    @property
    def is_judging(self) -> bool:
        """Whether anything can be found by it."""
        return bool(self.metrics or self.smoke or self.agreement or self.webhook or self.command)


class StepGates(Shape):
    """What one step has otherwise; a metric stands for the whole metric. What is left out is as in the plan.

    Example:
      {dryRun: true}
    """

    errors: ShareGate | None = None
    """What users see fail: 424 (but for a model's own 4xx), 408 and 5xx."""
    throttled: ShareGate | None = None
    """Answers 429: capacity."""
    refused: ShareGate | None = None
    """The model's own 4xx."""
    p50: LatencyGate | None = None
    """The median duration."""
    p90: LatencyGate | None = None
    """90 of 100 requests are faster."""
    p95: LatencyGate | None = None
    """95 of 100 requests are faster."""
    p99: LatencyGate | None = None
    """99 of 100 requests are faster."""
    dry_run: bool = False
    """This step's gates are reported, and decide nothing."""

    def over(self, gates: Gates) -> Gates:
        """The plan's gates, as this step has them."""
        return gates.model_copy(update={name: getattr(self, name) for name in self.model_fields_set})


SHARES: Names = ("errors", "throttled", "refused")
QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
METRICS: Names = (*SHARES, *QUANTILES)
