"""Requests from a process of its own, so that what they cost is not part of what is measured.

`python -m benchmarks.load URI CONNECTIONS RATE` sends RATE requests a second (0: each connection the next one when it
has the answer to the last) until its input ends, and then prints what became of each as JSON.
"""

import json
import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from dataclasses import astuple, dataclass
from typing import Self
from urllib.parse import urlsplit

BODY = b'{"data": [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]]}'
PATIENCE = 10.0  # seconds for the last answers


@dataclass(frozen=True, slots=True)
class Answer:
    """One request: seconds of the machine's monotonic clock, the status (0: none) and the deployment that answered."""

    sent: float
    answered: float
    status: int
    name: str


class Connection:
    """A keep-alive HTTP/1.1 connection with no more than this needs; opened again when it was closed."""

    def __init__(self, uri: str, selector: selectors.BaseSelector) -> None:
        parts = urlsplit(uri)
        self._address = parts.hostname or "", parts.port or 0
        self._request = BODY.join(
            [
                f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\nauthorization: Bearer first\r\n"
                f"content-type: application/json\r\ncontent-length: {len(BODY)}\r\n\r\n".encode(),
                b"",
            ]
        )
        self._selector = selector
        self._socket: socket.socket | None = None
        self._sent = 0.0
        self._got = b""

    def send(self) -> None:
        """Send the request."""
        self._sent = time.monotonic()
        self._got = b""
        if self._socket is None:
            self._socket = socket.create_connection(self._address)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(self._socket, selectors.EVENT_READ, self)
        self._socket.sendall(self._request)

    def read(self) -> Answer | None:
        """What became of the request, when that is known."""
        assert self._socket is not None
        try:
            got = self._socket.recv(1 << 16)
        except OSError:
            got = b""
        self._got += got
        head, end, body = self._got.partition(b"\r\n\r\n")
        first, *lines = head.decode().lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines) if end else {}
        if got and (not end or len(body) < int(headers["content-length"])):
            return None
        if not got or headers.get("connection") == "close":
            self.close()
        if not got:
            return self.lost()
        name = headers.get("azureml-model-deployment", "nobody")
        return Answer(self._sent, time.monotonic(), int(first.split()[1]), name)

    def lost(self) -> Answer:
        """The request without an answer."""
        return Answer(self._sent, time.monotonic(), 0, "nobody")

    def close(self) -> None:
        """End it."""
        if self._socket:
            self._selector.unregister(self._socket)
            self._socket.close()
            self._socket = None


def send_all(uri: str, connections: int, rate: float) -> list[Answer]:
    """Until the input ends."""
    answers: list[Answer] = []
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin, selectors.EVENT_READ, None)
        idle = deque(Connection(uri, selector) for _ in range(connections))
        due = time.monotonic()
        end: float | None = None
        while end is None or (len(idle) < connections and time.monotonic() < end):
            while end is None and idle and (not rate or due <= time.monotonic()):
                due += 1 / rate if rate else 0
                connection = idle.popleft()
                try:
                    connection.send()
                except OSError:
                    connection.close()
                    answers.append(connection.lost())
                    idle.append(connection)
            wait = due - time.monotonic() if rate and idle else 0.1
            for key, _ in selector.select(max(0.0, wait)):
                if key.data is None:
                    end = time.monotonic() + PATIENCE
                    selector.unregister(sys.stdin)
                elif answer := key.data.read():
                    answers.append(answer)
                    idle.append(key.data)
    missing = connections - len(idle)
    return answers + [Answer(due, due, 0, "nobody")] * missing


class Load:
    """The process: it sends from `with` until `answers` is called."""

    def __init__(self, uri: str, connections: int, rate: float = 0) -> None:
        command = [sys.executable, "-m", "benchmarks.load", uri, str(connections), str(rate)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait()

    def answers(self) -> list[Answer]:
        """End it: what became of each request."""
        told, _ = self._process.communicate()
        return [Answer(*each) for each in json.loads(told)]


def tell() -> None:
    """The process's own part."""
    uri, connections, rate = sys.argv[1:]
    json.dump([astuple(each) for each in send_all(uri, int(connections), float(rate))], sys.stdout)


if __name__ == "__main__":
    tell()
