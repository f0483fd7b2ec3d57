"""The documents by which Envoy routes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localazure.serving.filters import references
from localazure.serving.routes import MILLION, EndpointRoutes, Target, route_configuration
from localazure.serving.statistics import access_log
from localazure.serving.xds import Cluster, Listener, bootstrap, cluster

KEYS = ("first", "second")
TARGETS = {"blue": Target("e/blue/1", 5000), "green": Target("e/green/2", 1500)}


def routes_of(traffic: dict[str, int], mirror: dict[str, int] | None = None) -> list[dict[str, Any]]:
    """The routes of endpoint e's scoring path, in order."""
    endpoint = EndpointRoutes("e", KEYS, TARGETS, traffic, mirror or {})
    document = route_configuration([endpoint], "/probe", "7")
    found = document["virtual_hosts"][0]["routes"]
    assert isinstance(found, list)
    return [route for route in found if route["match"].get("path") == "/e/score"]


def weighted(traffic: dict[str, int], mirror: dict[str, int] | None = None) -> list[dict[str, Any]]:
    """Those routes that go by weight."""
    return [route for route in routes_of(traffic, mirror) if "runtime_fraction" in route["match"]]


def test_the_order_is_key_name_weight_none() -> None:
    """A request is refused without a key first, then named, then weighed, and has no deployment last."""
    statuses = [route.get("direct_response", {}).get("status", 200) for route in routes_of({"blue": 90, "green": 10})]
    assert statuses == [401, 200, 200, 404, 200, 200, 404]


def test_either_key_opens() -> None:
    """The refusal needs both keys to differ, and counts a missing header as a wrong one."""
    matches = routes_of({})[0]["match"]["headers"]
    assert [match["string_match"]["exact"] for match in matches] == ["Bearer first", "Bearer second"]
    assert all(match["invert_match"] and match["treat_missing_header_as_empty"] for match in matches)


def test_named_routes_carry_no_mirror() -> None:
    """A request that names a deployment is never mirrored."""
    named = [route for route in routes_of({"blue": 100}, {"green": 10}) if "route" in route][:2]
    assert [route["route"]["request_mirror_policies"] for route in named] == [[], []]


def test_mirror_goes_with_every_weight() -> None:
    """A mirror's share is of all weighted requests, so each weighted route has the same policy."""
    fraction = {"default_value": {"numerator": 1000, "denominator": "TEN_THOUSAND"}}
    policies = [route["route"]["request_mirror_policies"] for route in weighted({"blue": 100}, {"green": 10})]
    assert policies == [[{"cluster": "e/green/2", "runtime_fraction": fraction}]]


def test_each_deployment_keeps_its_own_timeout_and_says_who_it_is() -> None:
    """Timeout and header are those of the deployment that a route leads to."""
    found = weighted({"blue": 90, "green": 10})
    assert [route["route"]["timeout"] for route in found] == ["5.000s", "1.500s"]
    assert [route["response_headers_to_add"][0]["header"]["value"] for route in found] == ["blue", "green"]


@given(st.dictionaries(st.sampled_from(["blue", "green"]), st.integers(1, 100), min_size=1))
def test_weights_add_up(traffic: dict[str, int]) -> None:
    """The last weighted route takes all that is left, and each takes its share within a millionth."""
    edges = [route["match"]["runtime_fraction"]["default_value"]["numerator"] for route in weighted(traffic)]
    shares = [after - before for before, after in zip([0, *edges], edges, strict=False)]
    expected = [weight * MILLION / sum(traffic.values()) for _, weight in sorted(traffic.items())]
    assert edges[-1] == MILLION
    assert shares == pytest.approx(expected, abs=1)


def test_callers_keys_do_not_reach_the_deployment() -> None:
    """The key is removed from every request that is passed on."""
    forwarded = [route for route in routes_of({"blue": 100}) if "route" in route]
    assert {tuple(route["request_headers_to_remove"]) for route in forwarded} == {("authorization",)}


def test_no_connection_to_a_worker_is_used_twice() -> None:
    """A cluster's connections carry one request, and its limit is that of requests in parallel."""
    document = cluster(Cluster("e/blue/1", (4001, 4002), 4))
    options = document["typed_extension_protocol_options"]["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]
    assert options["common_http_protocol_options"]["max_requests_per_connection"] == 1
    assert document["circuit_breakers"]["thresholds"][0]["max_requests"] == 4


def test_the_listener_is_on_the_loopback_interface_and_alone() -> None:
    """The gateway binds 127.0.0.1 and shares its port with nobody."""
    wanted = Listener(8480, 1000, references("/state/gateway"), access_log())
    document = bootstrap("/run/admin", "/state/gateway", wanted)
    listener = document["static_resources"]["listeners"][0]
    assert listener["address"]["socket_address"] == {"address": "127.0.0.1", "port_value": 8480}
    assert listener["enable_reuse_port"] is False
