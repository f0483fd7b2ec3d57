"""The gateway's configuration as Envoy's documents: bootstrap, clusters (CDS) and the listener's filters. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localazure.serving.loopback import HOST

Document = dict[str, Any]

TYPES = "type.googleapis.com/envoy"
BY_NAME = "azureml-model-deployment"  # header: which deployment is asked for; which one has answered
MODEL_STATUS = "ms-azureml-model-error-statuscode"
ROUTES = "endpoints"

LUA = "envoy.filters.http.lua"
CLOCK = "clock"
CLAIMS = "claims"
TURNED = "tokens expire by a clock"

# "If your model container returns a non-200 response, Azure returns a 424" (how-to-troubleshoot-online-endpoints).
# Only answers of a deployment have the time header; the gateway's own have none. Those have the route's headers, also
# where a caller was refused before the route was taken.
MODEL_ERRORS = f"""
function envoy_on_response(response)
  local headers = response:headers()
  local status = headers:get(":status")
  if headers:get("x-envoy-upstream-service-time") then
    headers:remove("x-envoy-upstream-service-time")
    if status ~= "200" then
      headers:replace(":status", "424")
      headers:replace("{MODEL_STATUS}", status)
      headers:replace("ms-azureml-model-error-reason", "model_error")
    end
  elseif status == "401" or status == "403" then
    headers:remove("{BY_NAME}")
  end
end
"""
EXPIRY = f"""
function envoy_on_request(request)
  local clock = request:metadata():get("{CLOCK}")
  local seen = clock and request:streamInfo():dynamicMetadata():get("envoy.filters.http.jwt_authn")
  local ends = seen and seen.{CLAIMS}.exp
  if ends and ends <= clock.azure + (os.time() - clock.wall) * clock.pace then
    request:respond({{[":status"] = "401"}}, "the token has expired")
  end
end
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One revision of a deployment's instances. `ports` are theirs on 127.0.0.1; `max_requests` are those in parallel.

    A cluster never changes under its name: a change is a new cluster, so that the old one can be seen to drain.
    """

    name: str
    ports: tuple[int, ...]
    max_requests: int


def typed(kind: str, **fields: Any) -> Document:
    """A message inside an Any."""
    return {"@type": f"{TYPES}.{kind}", **fields}


def discovery(version: str, resources: Iterable[Document]) -> Document:
    """A DiscoveryResponse, as a file of file-based xDS holds it."""
    return {"version_info": version, "resources": list(resources)}


def address(port: int) -> Document:
    """A TCP address on the loopback interface."""
    return {"address": {"socket_address": {"address": HOST, "port_value": port}}}


def cluster(wanted: Cluster) -> Document:
    """Its Envoy cluster: fewest requests first, each on a connection of its own, and an overflow answered at once.

    gunicorn's sync workers close the connection after each answer; a pooled connection could be closed just as a
    request is written to it, so none is used twice. A connection whose request was refused at the limit would be left
    over and keep a worker waiting for it: an idle one ends after 50 ms.
    """
    limit = wanted.max_requests
    return typed(
        "config.cluster.v3.Cluster",
        name=wanted.name,
        type="STATIC",
        connect_timeout="1s",
        lb_policy="LEAST_REQUEST",
        load_assignment={
            "cluster_name": wanted.name,
            "endpoints": [{"lb_endpoints": [{"endpoint": address(port)} for port in wanted.ports]}],
        },
        circuit_breakers={
            "thresholds": [
                {
                    "max_connections": 1 << 20,
                    "max_pending_requests": limit,
                    "max_requests": limit,
                    "max_retries": 1 << 20,
                },
            ]
        },
        typed_extension_protocol_options={
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": typed(
                "extensions.upstreams.http.v3.HttpProtocolOptions",
                common_http_protocol_options={"max_requests_per_connection": 1, "idle_timeout": "0.050s"},
                explicit_http_config={"http_protocol_options": {}},
            ),
        },
    )


@dataclass(frozen=True, slots=True)
class Listener:
    """What the gateway's listener does to every request: `filters` in their order, after a limit of its body."""

    port: int
    body_bytes: int
    filters: Mapping[str, Document]
    access_log: Document


def bootstrap(admin_socket: str, folder: str, listener: Listener) -> Document:
    """Envoy's own file: admin interface on a unix socket, a listener on 127.0.0.1, the rest from `folder`."""
    return {
        "node": {"id": "gateway", "cluster": "local-azure"},
        "admin": {"address": {"pipe": {"path": admin_socket, "mode": 0o600}}},
        "stats_flush_on_admin": True,  # histograms are brought together when they are asked for
        "dynamic_resources": {"cds_config": watched(folder, "clusters.json")},
        "static_resources": {
            "listeners": [
                {
                    "name": "gateway",
                    **address(listener.port),
                    "enable_reuse_port": False,  # else a second gateway could share the port unnoticed
                    "filter_chains": [
                        {
                            "filters": [
                                {
                                    "name": "envoy.filters.network.http_connection_manager",
                                    "typed_config": _connection_manager(folder, listener),
                                }
                            ]
                        }
                    ],
                }
            ]
        },
    }


def _connection_manager(folder: str, listener: Listener) -> Document:
    buffer = typed("extensions.filters.http.buffer.v3.Buffer", max_request_bytes=listener.body_bytes)
    return typed(
        "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix="gateway",
        generate_request_id=False,  # the inference server makes its own
        use_remote_address=True,  # x-envoy-* request headers of clients are then not believed
        rds={"route_config_name": ROUTES, "config_source": watched(folder, "routes.json")},
        http_filters=[
            {"name": "envoy.filters.http.buffer", "typed_config": buffer},
            *listener.filters.values(),
            {
                "name": LUA,
                "typed_config": typed(
                    "extensions.filters.http.lua.v3.Lua",
                    default_source_code={"inline_string": MODEL_ERRORS},
                    source_codes={TURNED: {"inline_string": MODEL_ERRORS + EXPIRY}},
                ),
            },
            {"name": "envoy.filters.http.router", "typed_config": typed("extensions.filters.http.router.v3.Router")},
        ],
        access_log=[listener.access_log],
        local_reply_config={
            "mappers": [
                _asked(":method", "CONNECT", 405, "the gateway is no proxy"),
                _asked(":path", "*", 404, "there is no such path"),
                _flagged("UT", 408, "the deployment did not answer within its request timeout"),
                _flagged("UO", 429, "more requests in parallel than 2 x maxConcurrentRequestsPerInstance x instances"),
                _worded(429, "more requests a second than the endpoint's limit"),
                _worded(413, f"the request's body is longer than {listener.body_bytes} bytes"),
                *(_worded(status, "%LOCAL_REPLY_BODY%") for status in (401, 403, 404, 503)),
            ]
        },
    )


def _flagged(flag: str, status: int, message: str) -> Document:
    """Envoy's own answer with this response flag, as the service gives it."""
    return {"filter": {"response_flag_filter": {"flags": [flag]}}, "status_code": status, **_error(status, message)}


def _asked(header: str, value: str, status: int, message: str) -> Document:
    """Envoy's own answer to such a request, which reaches no route."""
    matched = {"header": {"name": header, "string_match": {"exact": value}}}
    return {"filter": {"header_filter": matched}, "status_code": status, **_error(status, message)}


def _worded(status: int, message: str) -> Document:
    """Envoy's own answer with this status, in the service's form."""
    value = {"default_value": status, "runtime_key": f"status.{status}"}
    return {"filter": {"status_code_filter": {"comparison": {"op": "EQ", "value": value}}}, **_error(status, message)}


def _error(status: int, message: str) -> Document:
    return {"body_format_override": {"json_format": {"error": {"code": str(status), "message": message}}}}


def watched(folder: str, name: str) -> Document:
    """A file of file-based xDS in `folder`, which is read again when one is moved into it."""
    source = {"path": f"{folder}/{name}", "watched_directory": {"path": folder}}
    return {"resource_api_version": "V3", "path_config_source": source}
