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


Duration = Annotated[str, AfterValidator(_duration)]
Pause = Annotated[str, AfterValidator(_pause)]
Tolerance = Annotated[float, Field(ge=1, le=20, strict=False)]


class _Limit(Shape):
    """`against_old`: how many times the odds of the old deployment are allowed (1: no worse at all)."""

    against_old: Tolerance | None = None
    dry_run: bool = False

    @model_validator(mode="after")
    def _some_limit(self) -> Self:
        if self.against_old is None and getattr(self, "below", None) is None:
            raise ValueError("below, againstOld or both, for example {below: 1, againstOld: 1.5}")
        return self


class ShareGate(_Limit):
    """A share of the requests; `below` in percent."""

    below: Annotated[float, Field(gt=0, lt=100, strict=False)] | None = None


class LatencyGate(_Limit):
    """A quantile of the duration, first byte in to last byte out; `below` in milliseconds."""

    below: Annotated[int, Field(gt=0, le=600_000)] | None = None


class Sample(Shape):
    """A request for one deployment by name, from a JSON `file` of the project or as it stands here.

    `answer` is what it has to answer, numbers within `tolerance`; without it any answer with status 200 will do.
    """

    file: Text | None = None
    request: Any = None
    answer: Any = None
    tolerance: Annotated[float, Field(ge=0, strict=False)] = 0.0

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.file is None) == (self.request is None):
            raise ValueError("either file or request, for example {file: scoring/samples/one-patient.json}")
        return self


Samples = Annotated[tuple[Sample, ...], Field(strict=False)]


class Agreement(Shape):
    """The same requests to both deployments: their answers agree, numbers within `tolerance`, but for `differing`."""

    samples: Annotated[tuple[Sample, ...], Field(min_length=1, strict=False)]
    tolerance: Annotated[float, Field(ge=0, strict=False)] = 0.0
    differing: Annotated[int, Field(ge=0)] = 0


class Outside(Shape):
    """Somebody else's judgement, asked by HTTP or by a command."""

    timeout: Duration = "30s"
    dry_run: bool = False


class Webhook(Outside):
    """POST of what is judged as JSON; the answer is JSON with `verdict` and `reason`."""

    url: Annotated[Text, Field(pattern=r"^https?://\S+$")]


class Command(Outside):
    """A program without a shell; exit code 0 pass, 3 fail, 4 inconclusive, 6 cancelled, any other one error."""

    argv: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]


class Gates(Shape):
    """What has to be shown before the next step.

    `errors`: 424 (but for a model's own 4xx), 408 and 5xx. `throttled`: 429. `refused`: the model's own 4xx.
    `requests`: the least that the new deployment answers in a step. `false_alarm_percent`: how many good rollouts may
    be stopped, all metrics and looks together. `source`: the traffic log has each request, metrics have only counts
    by status. `enforce`: plain `pulumi up` asks them too, and takes a verdict for `valid_for`.
    """

    errors: ShareGate | None = None
    throttled: ShareGate | None = None
    refused: ShareGate | None = None
    p50: LatencyGate | None = None
    p90: LatencyGate | None = None
    p95: LatencyGate | None = None
    p99: LatencyGate | None = None
    requests: Annotated[int, Field(ge=0)] = 0
    smoke: Samples = ()
    agreement: Agreement | None = None
    webhook: Webhook | None = None
    command: Command | None = None
    false_alarm_percent: Percentage = 5.0
    source: Literal["trafficLog", "metrics"] = "trafficLog"
    dry_run: bool = False
    enforce: bool = False
    valid_for: Duration = "30m"

    @property
    def metrics(self) -> dict[str, ShareGate | LatencyGate]:
        """Those that are set, by name."""
        return {name: gate for name in METRICS if (gate := getattr(self, name)) is not None}

    @property
    def is_judging(self) -> bool:
        """Whether anything can be found by it."""
        return bool(self.metrics or self.smoke or self.agreement or self.webhook or self.command)


class StepGates(Shape):
    """What one step has otherwise; a metric stands for the whole metric. What is left out is as in the plan."""

    errors: ShareGate | None = None
    throttled: ShareGate | None = None
    refused: ShareGate | None = None
    p50: LatencyGate | None = None
    p90: LatencyGate | None = None
    p95: LatencyGate | None = None
    p99: LatencyGate | None = None
    dry_run: bool = False

    def over(self, gates: Gates) -> Gates:
        """The plan's gates, as this step has them."""
        return gates.model_copy(update={name: getattr(self, name) for name in self.model_fields_set})


SHARES: Names = ("errors", "throttled", "refused")
QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
METRICS: Names = (*SHARES, *QUANTILES)
