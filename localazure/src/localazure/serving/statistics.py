"""What the gateway counts of its answers: Envoy's own statistics, written by its access log, and read back. Pure.

The access log sees what a client sees: the status after all rewriting, and the whole time from its request's first
byte to its answer's last. Mirrored requests have no client, so they are in none of it.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from localazure.serving.contract import Answers
from localazure.serving.front_door import BY_NAME, MODEL_STATUS
from localazure.serving.xds import Document, typed

SCOPE = "answers"
PREFIX = f"{SCOPE}.count.endpoint."
LATENCY = f"{SCOPE}.latency.endpoint."
REFUSALS = (401, 403, 404, 413)
Key = tuple[str, str]


def access_log() -> Document:
    """The listener's access log. A route's name is that of its endpoint.

    Envoy tells a refused request's deployment too, by the route it would have taken: refusals are left out. (A model's
    own 401 is 424 by then.)
    """
    whose = {"endpoint": "%ROUTE_NAME%", "deployment": f"%RESP({BY_NAME})%"}
    what = {"status": "%RESPONSE_CODE%", "model": f"%RESP({MODEL_STATUS})%"}
    config = typed(
        "extensions.access_loggers.stats.v3.Config",
        stats_scope={"prefix": SCOPE},
        counters=[{"stat": _stat("count", whose | what), "value_fixed": 1}],
        histograms=[
            {
                "stat": _stat("latency", whose),
                "unit": "Microseconds",
                "value_format": "%COMMON_DURATION(DS_RX_BEG:DS_TX_END:us)%",
            }
        ],
    )
    taken = {"and_filter": {"filters": [_not(status) for status in REFUSALS]}}
    return {"name": "envoy.access_loggers.stats", "filter": taken, "typed_config": config}


def _not(status: int) -> Document:
    value = {"default_value": status, "runtime_key": f"status.{status}"}
    return {"status_code_filter": {"comparison": {"op": "NE", "value": value}}}


def _stat(name: str, tags: Mapping[str, str]) -> Document:
    return {"name": name, "tags": [{"name": tag, "value_format": text} for tag, text in tags.items()]}


def read(page: Mapping[str, Any]) -> dict[Key, Answers]:
    """Answers by endpoint and deployment from the admin interface's statistics (JSON, detailed buckets).

    Endpoints' and deployments' names have no dots. Answers that no deployment had a part in are left out.
    """
    statuses: defaultdict[Key, dict[tuple[str, str], int]] = defaultdict(dict)
    latencies: dict[Key, dict[float, int]] = {}
    for stat in page["stats"]:
        if stat.get("name", "").startswith(PREFIX):
            endpoint, _, deployment, _, status, _, model = stat["name"].removeprefix(PREFIX).split(".")
            told = model or (status if status == "200" else "")
            statuses[endpoint, deployment][status, told] = stat["value"]
        for histogram in stat.get("histograms", {}).get("details", []):
            endpoint, _, deployment = histogram["name"].removeprefix(LATENCY).split(".")
            latencies[endpoint, deployment] = {
                (bucket["lower_bound"] + bucket["width"] / 2) / 1000: bucket["count"] for bucket in histogram["totals"]
            }
    return {key: Answers(found, latencies.get(key, {})) for key, found in statuses.items() if all(key)}
