"""HTTPS as the stand-in sends it, against a server with a certificate of its own."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from localazure.plugin.transport import HttpTransport, TransportError


@dataclass
class Served:
    """A running server: its address, its authority's certificate, and the connections and requests it has had."""

    url: str
    ca_file: str
    connections: set[object] = field(default_factory=set)
    requests: list[tuple[str, str, bytes]] = field(default_factory=list)
    hang_up: bool = False


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server that answers every request with 200 and the body `{}`; `hang_up` closes the connection after it."""
    authority = trustme.CA()
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    state = Served("", str(ca_file))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            state.connections.add(self.client_address)
            state.requests.append((self.command, self.path, body))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.send_header("X-MS-Request-Id", "7")
            self.end_headers()
            self.wfile.write(b"{}")
            self.close_connection = state.hang_up

        do_GET = do_PUT = answer

        def log_message(self, *_: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    state.url = f"https://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.socket.close()


def test_requests_share_a_connection(served: Served) -> None:
    """Method, path, query and body arrive, over one connection; header names come back in lower case."""
    with closing(HttpTransport(served.ca_file)) as transport:
        answer = transport.send("GET", f"{served.url}/a?b=c", {}, None)
        transport.send("PUT", f"{served.url}/d", {"content-type": "application/json"}, b"{1}")
    assert (answer.status, answer.json(), answer.headers["x-ms-request-id"]) == (200, {}, "7")
    assert served.requests == [("GET", "/a?b=c", b""), ("PUT", "/d", b"{1}")]
    assert len(served.connections) == 1


def test_a_connection_that_was_closed_while_idle_is_replaced(served: Served) -> None:
    """The caller does not see it."""
    served.hang_up = True
    with closing(HttpTransport(served.ca_file)) as transport:
        transport.send("GET", f"{served.url}/a", {}, None)
        assert transport.send("GET", f"{served.url}/b", {}, None).status == 200
    assert [path for _, path, _ in served.requests] == ["/a", "/b"]


def test_an_unknown_authority_is_named(served: Served, tmp_path: Path) -> None:
    """The message says which variable to set."""
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    with pytest.raises(TransportError, match=r"not trusted .*SSL_CERT_FILE names the authorities"):
        HttpTransport(str(other)).send("GET", served.url, {}, None)


def test_a_missing_authority_file_is_named(tmp_path: Path) -> None:
    """Not a traceback from the depths of ssl."""
    with pytest.raises(TransportError, match=r"SSL_CERT_FILE=.*missing\.pem can't be read"):
        HttpTransport(str(tmp_path / "missing.pem")).send("GET", "https://127.0.0.1:9", {}, None)


def test_no_answer_names_the_place(served: Served) -> None:
    """Host and path, without the query."""
    with pytest.raises(TransportError, match=r"^GET https://127.0.0.1:1/a: no answer \(.*refused\)$"):
        HttpTransport(served.ca_file).send("GET", "https://127.0.0.1:1/a?code=secret", {}, None)


def test_plain_http_is_refused(served: Served) -> None:
    """A token never leaves in the clear."""
    with pytest.raises(TransportError, match="over https only"):
        HttpTransport(served.ca_file).send("GET", served.url.replace("https", "http"), {}, None)
