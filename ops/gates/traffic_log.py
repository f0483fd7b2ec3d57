"""Looks from the traffic log in Log Analytics: a row a request, some minutes late."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from azure.core.exceptions import HttpResponseError

from ops.gates.clients import inner_codes, reaching, whole
from ops.gates.samples import USER_AGENT
from ops.gates.source import SourceError
from rollout.gates.looks import Counts, Fault, Look, fault_of, joined

# Rows come 3 to 10 minutes late (Azure Monitor, log data ingestion time). A minute is whole when it is 5 minutes old
# and rows of two minutes later are there, or when it is 15 minutes old. Ages are those of the server's own clock.
_QUERY = """AmlOnlineEndpointTrafficLog
| where EndpointName =~ '{endpoint}' and isnotempty(DeploymentName) and UserAgent != '{agent}'
| where TimeGenerated >= {since}
| summarize Requests = count() by Minute = bin(TimeGenerated, 1m), DeploymentName, ResponseCode, ModelStatusCode,
    TotalDurationMs, Age = iff(TimeGenerated < bin(ago(15m), 1m), 2, iff(TimeGenerated < bin(ago(5m), 1m), 1, 0))"""
_LATER = 120
_NO_TABLE = "SEM0100"
Ask = Callable[[str], Any]


class TrafficLog:
    """`ask` sends a query and returns the client's result; `new` is the deployment that is judged."""

    def __init__(self, ask: Ask, endpoint: str, new: str) -> None:
        self._ask, self._endpoint, self._new = ask, endpoint, new

    def looks(self, since: int) -> Sequence[Look]:
        """See `Source`. A table that is not there yet has had no row."""
        begin = f"datetime({datetime.fromtimestamp(since, UTC):%Y-%m-%dT%H:%M:%SZ})" if since else "ago(1d)"
        query = _QUERY.format(endpoint=self._endpoint, agent=USER_AGENT, since=begin)
        with reaching("the traffic log"):
            try:
                table = whole(self._ask(query))
            except HttpResponseError as error:
                if error.status_code == 204 or _NO_TABLE in inner_codes(error):
                    return []
                raise
        columns = [str(getattr(column, "name", column)) for column in table.columns]
        return list(_looks((dict(zip(columns, row, strict=True)) for row in table.rows), self._new))


def _looks(rows: Iterable[dict[str, Any]], new: str) -> Iterable[Look]:
    minutes: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        minutes[int(_moment(row["Minute"]).timestamp())].append(row)
    newest = max(minutes, default=0)
    for begin, found in sorted(minutes.items()):
        age = min(int(row["Age"]) for row in found)
        if age == 2 or (age == 1 and begin + _LATER <= newest):
            sides = [
                joined(_counts(row) for row in found if (str(row["DeploymentName"]).lower() == new) is of_new)
                for of_new in (True, False)
            ]
            yield Look(begin, *sides)


def _counts(row: dict[str, Any]) -> Counts:
    requests, model = int(row["Requests"]), row["ModelStatusCode"]
    fault: Fault = fault_of(int(row["ResponseCode"]), None if model is None else int(model))
    timed = {} if fault == "caller" else Counter({int(row["TotalDurationMs"] or 0): requests})
    return Counts({fault: requests}, timed)


def _moment(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if not isinstance(moment, datetime):
        raise SourceError(f"the traffic log gave '{value}' for a time")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
