"""What an endpoint's requests pass before they are routed: its caller's token, its rate, its bandwidth. Pure.

Each is an Envoy filter whose configuration is a file of its own (ECDS), so that it changes with the endpoints while
the listener and its connections stay. A rate and a bandwidth are an endpoint's as a whole, and a route has only a part
of its requests: the rate is counted under a descriptor that all its routes share, and the bandwidth's filter is chosen
by the path's first segment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from localazure.serving.contract import Limits, TokenCheck
from localazure.serving.front_door import CLAIMS, CLOCK, KUBERNETES, LUA, TURNED
from localazure.serving.xds import TYPES, Document, typed, watched

RATE = "extensions.filters.http.local_ratelimit.v3.LocalRateLimit"
COMPOSITE = "extensions.filters.http.composite.v3.Composite"
WITH_MATCHER = "extensions.common.matching.v3.ExtensionWithMatcher"
JWT = "extensions.filters.http.jwt_authn.v3.JwtAuthentication"
TOKENS = "tokens"
KINDS = {TOKENS: (JWT,), "requests": (RATE,), "bandwidth": (COMPOSITE, WITH_MATCHER)}
ANY_RATE = (1 << 32) - 1
ALL = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}


@dataclass(frozen=True, slots=True)
class Admission:
    """What one endpoint asks of its callers: a token (None: none), and how much they may send."""

    endpoint: str
    tokens: TokenCheck | None
    limits: Limits


def references(folder: str) -> dict[str, Document]:
    """The filters as the listener names them, by name; their configuration is in `folder`/NAME.json."""
    return {
        name: {
            "name": name,
            "config_discovery": {
                "config_source": watched(folder, f"{name}.json"),
                "type_urls": [f"{TYPES}.{kind}" for kind in kinds],
            },
        }
        for name, kinds in KINDS.items()
    }


def configurations(admissions: Iterable[Admission]) -> dict[str, Document]:
    """The filters' configurations, by name."""
    admissions = sorted(admissions, key=lambda each: each.endpoint)
    rates = {each.endpoint: each.limits.requests_per_second for each in admissions}
    bandwidths = {each.endpoint: each.limits.bytes_per_second for each in admissions}
    found = {
        TOKENS: _tokens({each.endpoint: each.tokens for each in admissions if each.tokens}),
        "requests": _rate_limit(rates),
        "bandwidth": _bandwidth_limits(bandwidths),
    }
    return {
        name: typed("config.core.v3.TypedExtensionConfig", name=name, typed_config=document)
        for name, document in found.items()
    }


def per_route(endpoint: str, check: TokenCheck | None, *, with_token: bool, managed: bool) -> Document:
    """A route's part: no request without the endpoint's token, if one is asked for; what the Lua filter has to know."""
    configs: Document = {}
    told: Document = {} if managed else {KUBERNETES: True}
    if with_token:
        configs[TOKENS] = typed("extensions.filters.http.jwt_authn.v3.PerRouteConfig", requirement_name=endpoint)
        if check and check.clock:
            configs[LUA] = typed("extensions.filters.http.lua.v3.LuaPerRoute", name=TURNED)
            told[CLOCK] = asdict(check.clock)
    return {"typed_per_filter_config": configs, "metadata": {"filter_metadata": {LUA: told}}}


def _tokens(checks: Mapping[str, TokenCheck]) -> Document:
    """A good token of somebody else's is 403 (its audience), any other fault 401.

    Envoy would allow a minute of skew (0 means that too) and take a token from the query.
    """
    providers = {
        endpoint: {
            "issuer": check.issuer,
            "audiences": list(check.audiences),
            "local_jwks": {"inline_string": check.key_set},
            "clock_skew_seconds": 1,
            "from_headers": [{"name": "authorization", "value_prefix": "Bearer "}],
            "payload_in_metadata": CLAIMS,
        }
        for endpoint, check in checks.items()
    }
    return typed(JWT, providers=providers, requirement_map={name: {"provider_name": name} for name in providers})


def counts_as(endpoint: str) -> list[Document]:
    """A forwarding route's part: which rate its requests are counted under. What a route refuses is not counted."""
    return [{"actions": [{"generic_key": {"descriptor_key": "endpoint", "descriptor_value": endpoint}}]}]


def _rate_limit(limits: Mapping[str, int]) -> Document:
    """One bucket per endpoint that has a limit; the others share one that is never empty."""
    return typed(
        RATE,
        stat_prefix="requests",
        token_bucket=_bucket(ANY_RATE),
        descriptors=[
            {"entries": [{"key": "endpoint", "value": endpoint}], "token_bucket": _bucket(limit)}
            for endpoint, limit in limits.items()
            if limit
        ],
        always_consume_default_token_bucket=False,
        filter_enabled=ALL,
        filter_enforced=ALL,
    )


def _bucket(per_second: int) -> Document:
    return {"max_tokens": per_second, "tokens_per_fill": per_second, "fill_interval": "1s"}


def _bandwidth_limits(limits: Mapping[str, int]) -> Document:
    """One filter per endpoint that has a limit, with a bucket of its own."""
    actions = {
        f"/{endpoint}/": {
            "action": {
                "name": endpoint,
                "typed_config": typed(
                    "extensions.filters.http.composite.v3.ExecuteFilterAction",
                    typed_config={"name": endpoint, "typed_config": _bandwidth_limit(limit)},
                ),
            }
        }
        for endpoint, limit in limits.items()
        if limit
    }
    if not actions:
        return typed(COMPOSITE)
    path = typed("type.matcher.v3.HttpRequestHeaderMatchInput", header_name=":path")
    return typed(
        WITH_MATCHER,
        extension_config={"name": "composite", "typed_config": typed(COMPOSITE)},
        xds_matcher={
            "matcher_tree": {
                "input": {"name": "path", "typed_config": path},
                "prefix_match_map": {"map": actions},
            }
        },
    )


def _bandwidth_limit(per_second: int) -> Document:
    return typed(
        "extensions.filters.http.bandwidth_limit.v3.BandwidthLimit",
        stat_prefix="bandwidth",
        enable_mode="REQUEST_AND_RESPONSE",
        limit_kbps=str(max(1, per_second // 1024)),  # of 1024 bytes
    )
