"""Looks from ARM's metrics: counts by status a minute or two late, no durations.

RequestsPerMinute is asked as Average, the only aggregation that is documented; whether several front ends are added up
or averaged is open (docs/live.md), so counts may be too small by one factor, for old and new alike.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ops.gates.clients import reaching
from rollout.gates.looks import Counts, Fault, Look, fault_of, joined

METRIC = "RequestsPerMinute"
DIMENSIONS = ("deployment", "statusCode", "modelStatusCode")
SETTLED = timedelta(minutes=3)  # the newest minutes are partial (Azure Monitor, troubleshoot metrics)
_FILTER = " and ".join(f"{name} eq '*'" for name in DIMENSIONS)
_SERIES = 1000  # 10 otherwise, and the rest is cut off without a word
_LONGEST = timedelta(days=1)
Ask = Callable[..., Any]


class Metrics:
    """`ask` is `MonitorManagementClient.metrics.list` of the endpoint; `new` is the deployment that is judged."""

    def __init__(self, ask: Ask, new: str) -> None:
        self._ask, self._new = ask, new

    def looks(self, since: int) -> Sequence[Look]:
        """See `Source`. What time it is Azure tells: by the timespan of its answer."""
        with reaching("the metrics"):
            answer = self._get(None)
            begin, end = (datetime.fromisoformat(part) for part in str(answer.timespan).split("/"))
            wanted = datetime.fromtimestamp(since, UTC) if since else end - _LONGEST
            if wanted < begin:
                wanted = max(wanted, end - _LONGEST)
                answer = self._get(f"{wanted:%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}")
        return self._looks(answer, since, int((end - SETTLED).timestamp()) // 60 * 60)

    def _get(self, timespan: str | None) -> Any:
        return self._ask(
            timespan=timespan,
            interval="PT1M",
            metricnames=METRIC,
            aggregation="Average",
            filter=_FILTER,
            top=_SERIES,
        )

    def _looks(self, answer: Any, since: int, until: int) -> list[Look]:
        sides: defaultdict[tuple[int, bool], list[Counts]] = defaultdict(list)
        for series in answer.value[0].timeseries:
            # Azure may give a dimension's name in lower case.
            named = {str(each.name.value).lower(): str(each.value) for each in series.metadatavalues}
            of_new = named["deployment"].lower() == self._new
            for point in series.data:
                begin = int(point.time_stamp.timestamp())
                if point.average and since <= begin < until:
                    sides[begin, of_new].append(_counts(named, point.average))
        minutes = sorted({begin for begin, _ in sides})
        return [Look(begin, *(joined(sides[begin, of_new]) for of_new in (True, False))) for begin in minutes]


def _counts(named: dict[str, str], average: float) -> Counts:
    status, model = named["statuscode"], named["modelstatuscode"]
    if not status.isdecimal():
        return Counts()
    fault: Fault = fault_of(int(status), int(model) if model.isdecimal() else None)
    return Counts(Counter({fault: round(average)}))
