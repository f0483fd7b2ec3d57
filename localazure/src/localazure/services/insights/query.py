"""What a query of metrics may say: timespan, interval, names, aggregation, filter. Pure; raises ArmError 400."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from localazure.arm.errors import ArmError, bad_request, not_modelled

INTERVALS = {"PT1M": 60, "PT5M": 300, "PT15M": 900, "PT30M": 1800, "PT1H": 3600, "PT6H": 21600, "PT12H": 43200}
INTERVALS |= {"P1D": 86400}
FULL = "FULL"
DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
CONDITION = re.compile(r"\(*\s*(\w+)\s+eq\s+'([^']*)'\s*\)*", re.IGNORECASE)
KNOWN = {"api-version", "timespan", "interval", "metricnames", "aggregation", "top", "$filter", "metricnamespace"}
KNOWN |= {"rollupby", "resulttype", "autoadjusttimegrain", "validatedimensions"}
MOST_NAMES = 20
MOST_POINTS = 60 * 24 * 31


@dataclass(frozen=True, slots=True)
class Query:
    """`begin`, `end` in seconds since 1970, at the borders of `interval` (seconds); `filter`: values by dimension."""

    names: tuple[str, ...]
    begin: int
    end: int
    interval: int
    filter: Mapping[str, tuple[str, ...]]
    top: int
    rolled: tuple[str, ...] = ()

    @property
    def timespan(self) -> str:
        """As the answer has it."""
        return "/".join(
            datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (self.begin, self.end)
        )

    @property
    def grain(self) -> str:
        """The interval as the answer has it."""
        return next((name for name, seconds in INTERVALS.items() if seconds == self.interval), f"PT{self.interval}S")


def parse(query: Mapping[str, str], now: datetime) -> Query:
    """From parameters, names in lower case. Left out: the last hour, PT1M, Average, no filter, ten series."""
    if unknown := sorted(query.keys() - KNOWN):
        raise not_modelled(f"the metrics parameter '{unknown[0]}'")
    if query.get("resulttype", "data").lower() != "data":
        raise not_modelled(f"metrics with resultType '{query['resulttype']}'")
    for aggregation in query.get("aggregation", "Average").split(","):
        if aggregation.strip().lower() != "average":
            raise _bad(f"does not support the aggregation '{aggregation}', supported is: Average")
    begin, end = time_span(query.get("timespan", "PT1H"), now)
    asked = query.get("interval", "PT1M").upper()
    if asked != FULL and asked not in INTERVALS:
        raise _bad(f"has no time grain '{asked}', supported are: {', '.join([*INTERVALS, FULL])}")
    interval = max(60, end - begin) if asked == FULL else INTERVALS[asked]
    begin = begin // 60 * 60 if asked == FULL else begin // interval * interval
    if (end - begin) / interval > MOST_POINTS:
        raise _bad(f"has a timespan of more than {MOST_POINTS} intervals")
    names = tuple(name.strip() for name in query.get("metricnames", "").split(",") if name.strip())
    if not names:
        raise not_modelled("a query of metrics without metricnames")
    if len(names) > MOST_NAMES:
        raise _bad(f"names {len(names)} metrics, at most {MOST_NAMES} at once")
    rolled = tuple(name.strip().lower() for name in query.get("rollupby", "").split(",") if name.strip())
    top = _top(query.get("top", "10"))
    return Query(names, begin, end, interval, _filter(query.get("$filter", "")), top, rolled)


def canonical_filter(query: Query, dimensions: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """The filter with the dimensions' own spelling; raises for one that the metric has not."""
    own = {name.lower(): name for name in dimensions}
    if unknown := [name for name in query.filter if name not in own]:
        known = ", ".join(dimensions) or "none"
        raise _bad(f"has no dimension '{unknown[0]}', supported are: {known}")
    return {own[name]: values for name, values in query.filter.items()}


def canonical_rollup(query: Query, dimensions: Collection[str]) -> tuple[str, ...]:
    """The dimensions that are brought together, as they are spelt here; raises 400 for one that is not split."""
    own = {name.lower(): name for name in dimensions}
    split = {name.lower() for name in query.filter}
    if unknown := [name for name in query.rolled if name not in own or name not in split]:
        raise _bad(f"rolls up by '{unknown[0]}', which the filter does not name")
    return tuple(own[name] for name in query.rolled)


def _filter(text: str) -> dict[str, tuple[str, ...]]:
    """`a eq 'x' and b eq '*'`; `or` stands between values of one dimension."""
    found: dict[str, tuple[str, ...]] = {}
    for part in re.split(r"\s+and\s+", text, flags=re.IGNORECASE) if text.strip() else ():
        conditions = [CONDITION.fullmatch(each.strip()) for each in re.split(r"\s+or\s+", part, flags=re.IGNORECASE)]
        matches = [match for match in conditions if match]
        names = {match[1].lower() for match in matches}
        if len(matches) != len(conditions) or len(names) != 1 or names & found.keys():
            raise _bad(f"has a $filter that can't be read: {text} (expected e.g. deployment eq 'green')")
        found[names.pop()] = tuple(match[2] for match in matches)
    return found


def time_span(text: str, now: datetime) -> tuple[int, int]:
    """`begin/end`, or a duration that ends now, in seconds since 1970. Raises ArmError 400."""
    try:
        if "/" in text:
            begin, end = (int(_moment(part).timestamp()) for part in text.split("/"))
        else:
            match = DURATION.fullmatch(text)
            if match is None or not any(match.groups()):
                raise ValueError(text)
            days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
            end = int(now.timestamp()) + 1
            lasts = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
            begin = end - int(lasts.total_seconds())
    except (ValueError, OverflowError):
        raise _bad(f"has a timespan that can't be read: {text}") from None
    if begin >= end:
        raise _bad(f"has a timespan that ends before it begins: {text}")
    return begin, end


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.strip().replace(" ", "+"))  # a plus that was not escaped
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _top(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise _bad(f"has a top that is no number: {text}")
    return int(text)


def _bad(message: str) -> ArmError:
    return bad_request("BadRequest", f"The query of metrics {message}.")
