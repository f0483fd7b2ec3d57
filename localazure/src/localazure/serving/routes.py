"""The gateway's routes (RDS), by endpoint: who may call, by name or by weight, and what is mirrored. Pure.

The order of an endpoint's routes is its order of decisions: key, name, weight, none. A token is checked before them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from localazure.serving.contract import Limits, TokenCheck
from localazure.serving.filters import counts_as, per_route
from localazure.serving.front_door import BY_NAME
from localazure.serving.loopback import HOST
from localazure.serving.xds import ROUTES, Document, typed

MILLION = 1_000_000
NO_RATES = Limits(requests_per_second=0, bytes_per_second=0)
PATHS = {"score": "/score", "swagger.json": "/swagger.json"}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a deployment's requests go: an Envoy cluster, with the deployment's request timeout in milliseconds."""

    cluster: str
    timeout_ms: int


@dataclass(frozen=True, slots=True)
class EndpointRoutes:
    """An endpoint's routes: weights are positive and of any sum, mirror shares in per cent; all named in `targets`.

    No `keys`: one of `tokens` is asked for instead.
    """

    endpoint: str
    keys: tuple[str, ...]
    targets: Mapping[str, Target]
    traffic: Mapping[str, int]
    mirror: Mapping[str, int]
    tokens: TokenCheck | None = None
    limits: Limits = NO_RATES
    managed: bool = True


def route_configuration(
    endpoints: Iterable[EndpointRoutes], probe: str, version: str, coming_back: bool = False
) -> Document:
    """All routes, behind one virtual host. GET `probe` (a secret path) answers the version that is in force.

    `coming_back`: what has no route yet may have one soon, so it is 503 and not 404.
    """
    routes: list[Document] = [
        {"match": {"path": probe}, "direct_response": {"status": 200, "body": {"inline_string": version}}}
    ]
    for endpoint in endpoints:
        for name, upstream in PATHS.items():
            routes += _endpoint(endpoint, f"/{endpoint.endpoint}/{name}", upstream)
    missing = (404, "there is no endpoint of this name, or no such path below it")
    routes.append(_refusal({"prefix": "/"}, *((503, "the endpoints are coming back") if coming_back else missing)))
    # CONNECT has no path; without a route of its own it is never answered.
    routes.append(_refusal({"connect_matcher": {}}, 405, "the gateway is no proxy"))
    return typed(
        "config.route.v3.RouteConfiguration",
        name=ROUTES,
        virtual_hosts=[{"name": "gateway", "domains": ["*"], "routes": routes}],
    )


def _endpoint(routes: EndpointRoutes, path: str, upstream: str) -> list[Document]:
    wrong_key = [
        {
            "name": "authorization",
            "string_match": {"exact": f"Bearer {key}"},
            "invert_match": True,
            "treat_missing_header_as_empty": True,
        }
        for key in routes.keys
    ]
    named = {"name": BY_NAME, "present_match": True}
    refused = "the key is missing or wrong, send 'Authorization: Bearer KEY'"
    documents = [
        *([_refusal({"path": path, "headers": wrong_key}, 401, refused)] if wrong_key else []),
        *(
            {
                "match": {"path": path, "headers": [{"name": BY_NAME, "string_match": {"exact": name}}]},
                **_forward(routes.endpoint, name, target, upstream),
            }
            for name, target in sorted(routes.targets.items())
        ),
        _refusal({"path": path, "headers": [named]}, 404, f"the endpoint has no deployment of the name in {BY_NAME}"),
        *_weighted(routes, path, upstream),
        _refusal({"path": path}, 404, "the endpoint has no deployment with a positive weight"),
    ]
    asked = per_route(routes.endpoint, routes.tokens, with_token=not wrong_key, managed=routes.managed)
    return [{"name": routes.endpoint, **document, **asked} for document in documents]


def _weighted(routes: EndpointRoutes, path: str, upstream: str) -> list[Document]:
    """One route per deployment that has a weight, each taking what the ones before it have left.

    Envoy compares all fractions of a request with one random number, so the shares of the routes add up: 90, then 100.
    A list of weighted clusters would have one timeout for all. A mirror's share is in ten-thousandths: it looks at
    other digits of that number than the weights do, so a mirror samples all live deployments alike.
    """
    total = sum(routes.traffic.values())
    mirrors = [
        {
            "cluster": routes.targets[name].cluster,
            "runtime_fraction": {"default_value": {"numerator": share * 100, "denominator": "TEN_THOUSAND"}},
        }
        for name, share in sorted(routes.mirror.items())
        if share
    ]
    documents = []
    below = 0
    for name, weight in sorted(routes.traffic.items()):
        below += weight
        share = {"numerator": below * MILLION // total, "denominator": "MILLION"}
        match = {"path": path, "runtime_fraction": {"default_value": share}}
        documents.append({"match": match, **_forward(routes.endpoint, name, routes.targets[name], upstream, mirrors)})
    return documents


def _forward(endpoint: str, name: str, target: Target, upstream: str, mirrors: Iterable[Document] = ()) -> Document:
    """To the deployment's cluster, without the caller's key; only what the process can't have begun is tried again.

    A dead instance has the fewest requests, so the balancer picks it again and again: of two, three times in four. With
    three attempts to pick another one, one request in 400 was lost until the gateway was told; with 20 it is none.
    """
    return {
        "route": {
            "cluster": target.cluster,
            "prefix_rewrite": upstream,
            "timeout": f"{target.timeout_ms / 1000:.3f}s",
            "retry_policy": {
                "retry_on": "connect-failure,refused-stream,reset-before-request",
                "num_retries": 5,
                "retry_back_off": {"base_interval": "0.025s", "max_interval": "0.25s"},
                "retry_host_predicate": [
                    {
                        "name": "envoy.retry_host_predicates.previous_hosts",
                        "typed_config": typed("extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"),
                    }
                ],
                "host_selection_retry_max_attempts": 20,
            },
            "request_mirror_policies": list(mirrors),
            "rate_limits": counts_as(endpoint),
        },
        "request_headers_to_remove": ["authorization"],
        "response_headers_to_add": [_header(BY_NAME, name)],
    }


def _refusal(match: Document, status: int, message: str) -> Document:
    """The listener words it as the service does."""
    return {"match": match, "direct_response": {"status": status, "body": {"inline_string": message}}}


def _header(name: str, value: str) -> Document:
    return {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}


def scoring_uri(port: int, endpoint: str) -> str:
    """Where clients POST."""
    return f"http://{HOST}:{port}/{endpoint}/score"
