"""The gateway's configuration as Envoy's documents: bootstrap, clusters (CDS) and the listener's filters. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localazure.serving.front_door import LUA, SCRIPT, SCRIPT_WITH_EXPIRY, SERVER, TURNED, own_answers
from localazure.serving.loopback import HOST

Document = dict[str, Any]

TYPES = "type.googleapis.com/envoy"
ROUTES = "endpoints"


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
    access_logs: tuple[Document, ...]


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
        server_name=SERVER,
        generate_request_id=True,
        always_set_request_id_in_response=True,
        early_header_mutation_extensions=[_forget("x-request-id")],  # a caller's own is never taken over
        use_remote_address=True,  # x-envoy-* request headers of clients are then not believed
        rds={"route_config_name": ROUTES, "config_source": watched(folder, "routes.json")},
        http_filters=[
            {"name": "envoy.filters.http.buffer", "typed_config": buffer},
            *listener.filters.values(),
            {
                "name": LUA,
                "typed_config": typed(
                    "extensions.filters.http.lua.v3.Lua",
                    default_source_code={"inline_string": SCRIPT},
                    source_codes={TURNED: {"inline_string": SCRIPT_WITH_EXPIRY}},
                ),
            },
            {"name": "envoy.filters.http.router", "typed_config": typed("extensions.filters.http.router.v3.Router")},
        ],
        access_log=list(listener.access_logs),
        local_reply_config={"mappers": own_answers(listener.body_bytes)},
    )


def _forget(header: str) -> Document:
    mutation = typed(
        "extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation", mutations=[{"remove": header}]
    )
    return {"name": "envoy.http.early_header_mutation.header_mutation", "typed_config": mutation}


def watched(folder: str, name: str) -> Document:
    """A file of file-based xDS in `folder`, which is read again when one is moved into it."""
    source = {"path": f"{folder}/{name}", "watched_directory": {"path": folder}}
    return {"resource_api_version": "V3", "path_config_source": source}
