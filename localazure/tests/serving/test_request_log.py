"""Lines of the gateway's access log and of processes: what they say of a request."""

import json
from pathlib import Path

import pytest

from localazure.serving import request_log
from localazure.serving.request_log import Tail, of_client, of_mirror

LINE = {
    "at": "1000.5",
    "endpoint": "e",
    "deployment": "green",
    "status": 424,
    "model": "500",
    "reason": "model_error",
    "method": "POST",
    "path": "/e/score",
    "protocol": "HTTP/1.1",
    "agent": None,
    "id": "r",
    "client_id": None,
    "received": 3,
    "sent": 4,
    "total": "12500",
    "received_after": "100",
    "answered_after": None,
}


def test_a_clients_request() -> None:
    """Times become milliseconds, what is missing is empty; a refused caller got to no deployment."""
    served = of_client(json.dumps(LINE))
    assert served is not None
    assert (served.status, served.model, served.total, served.agent) == (424, 500, 12.5, "")
    refused = of_client(json.dumps({**LINE, "status": 401, "model": None}))
    assert refused is not None
    assert (refused.deployment, refused.model) == ("", 0)
    assert of_client(json.dumps({**LINE, "endpoint": None})) is None
    assert of_client("{cut") is None


@pytest.mark.parametrize(
    ("model", "total", "expected"),
    [(200, 5, (200, 200)), (500, 5, (424, 500)), (400, 5, (424, 400)), (200, 99, (408, 0))],
)
def test_a_mirrored_request(model: int, total: float, expected: tuple[int, int]) -> None:
    """The status is that which the gateway would have made of it for a client."""
    line = {"at": 1.0, "total": total, "status": model, "method": "POST", "path": "/", "id": "r", "received": 1}
    served = of_mirror(json.dumps(line), "e", "green", 50)
    assert served is not None
    assert (served.status, served.model, served.mirrored) == (*expected, True)
    assert of_mirror("", "e", "green", 50) is None


def test_a_log_that_is_cut_is_not_told_twice(tmp_path: Path) -> None:
    """A process's log keeps its end when it gets long; what comes after that is told."""
    path = tmp_path / "log"
    path.write_text("one\ntwo\n")
    tail = Tail(path, is_cut=True)
    assert list(tail.lines()) == ["one", "two"]
    path.write_text("two\n")
    assert list(tail.lines()) == []
    with path.open("a") as log:
        log.write("three\n")
    assert list(tail.lines()) == ["three"]


def test_only_whole_lines_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is half written comes the next time; a long file is begun anew; none is none."""
    path = tmp_path / "log"
    tail = Tail(path)
    assert list(tail.lines()) == []
    path.write_text("one\ntw")
    assert list(tail.lines()) == ["one"]
    with path.open("a") as log:
        log.write("o\n")
    assert list(tail.lines()) == ["two"]
    monkeypatch.setattr(request_log, "MOST", 4)
    with path.open("a") as log:
        log.write("three\n")
    assert list(tail.lines()) == ["three"]
    assert path.read_text() == ""
    path.write_text("four\n")
    assert list(tail.lines()) == ["four"]
