"""Who may speak to the control port, and what is answered to what is no request of it."""

import sqlite3
from pathlib import Path
from typing import Any

import httpx2
import pytest

from localazure import store
from localazure.arm import limits
from localazure.control_json import MOST
from localazure.serving.contract import ServingError
from localazure.testing.client import Arm
from tests.azure.test_control import TOKEN, WRITES, control

pytestmark = pytest.mark.anyio
EVERY_WRITE = [
    ("POST", "/reset"),
    ("POST", "/restore"),
    ("POST", "/snapshot"),
    ("POST", "/clock"),
    ("POST", "/faults"),
    ("DELETE", "/faults"),
    ("DELETE", "/faults/1"),
]
EVERY_READ = ["/health", "/journal", "/counts?endpoint=a", "/faults", "/snapshot", "/msi/token?resource=a"]
FORM = {"content-type": "text/plain"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (WRITES | {"origin": "https://evil.example"}, 403),
        (WRITES | {"origin": "null"}, 403),
        (WRITES | {"origin": "http://127.0.0.1:8470"}, 403),
        (WRITES | {"sec-fetch-site": "cross-site"}, 403),
        (WRITES | {"host": "attacker.example:8470"}, 403),
        (WRITES | FORM, 415),
        ({"content-type": "application/x-www-form-urlencoded", "x-control-token": TOKEN}, 415),
        ({"content-type": "application/json"}, 403),
        ({"content-type": "application/json", "x-control-token": "guessed"}, 403),
    ],
)
async def test_no_page_writes(arm: Arm, headers: dict[str, str], status: int) -> None:
    """What a web page can send is refused as JSON, and nothing is changed: the group is still there."""
    await arm.call("PUT", arm.group, {"location": "westeurope"})
    async with control(arm) as client:
        client.headers = httpx2.Headers()
        for method, path in EVERY_WRITE:
            answer = await client.request(method, path, headers=headers, content=b"{}")
            assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert (await arm.call("GET", arm.group)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "attacker.example"},
        {"host": "127.0.0.1.attacker.example:8470"},
        {"host": "127.0.0.1@attacker.example"},
        {"host": ""},
        {"host": "0.0.0.0:8470"},
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_no_page_reads(arm: Arm, headers: dict[str, str]) -> None:
    """A rebound name, or a request that a page sent, is told nothing."""
    async with control(arm) as client:
        answers = [await client.get(path, headers=headers) for path in EVERY_READ]
    assert [answer.status_code for answer in answers] == [403] * len(EVERY_READ)


@pytest.mark.parametrize("host", ["127.0.0.1:8470", "localhost:1", "LOCALHOST", "[::1]:8470"])
async def test_this_machine_reads(arm: Arm, host: str) -> None:
    """Under each of its names, without a token."""
    async with control(arm) as client:
        client.headers = httpx2.Headers()
        assert (await client.get("/health", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    ("path", "content", "says"),
    [
        ("/clock", b"[" * 100_000, "nested too deeply"),
        ("/faults", b'{"a":' * 100_000, "nested too deeply"),
        ("/snapshot", b"{", "Expecting property name"),
        ("/clock", b"\xff\xfe{", "decode"),
        ("/clock", b'{"advance": 1e12}', "advance must be seconds from 0 to"),
        ("/clock", b'{"advance": Infinity}', "Infinity is no number of JSON"),
        ("/clock", b'{"lag": 1e300}', "lag must be seconds from 0 to"),
        ("/clock", b'{"advance": ' + b"9" * 5000 + b"}", "4300 digits"),
        ("/snapshot", b'{"name": "\\ud800"}', "up to 64 letters"),
        ("/restore", b'{"name": "\\ud800"}', "There is no snapshot"),
        ("/faults", b'{"action": "\\ud800"}', "action must be one of"),
    ],
)
async def test_what_is_no_request_is_a_json_error(arm: Arm, path: str, content: bytes, says: str) -> None:
    """With 4xx, whatever its bytes are."""
    async with control(arm) as client:
        answer = await client.post(path, content=content)
    assert 400 <= answer.status_code < 500
    assert says in answer.json()["error"]


async def test_the_clock_has_an_end(arm: Arm) -> None:
    """Many long turns end in a refusal, and the clock still works."""
    async with control(arm) as client:
        turns = [await client.post("/clock", json={"advance": 315_000_000}) for _ in range(20)]
        assert {turn.status_code for turn in turns} == {200, 400}
        assert "no further than 2200-01-01" in turns[-1].json()["error"]
        assert (await client.post("/clock", json={"mode": "instant"})).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/reset", 405), ("DELETE", f"/faults/{10**30}", 400), ("PUT", "/clock", 405)],
)
async def test_unknown_routes_are_json_errors(arm: Arm, method: str, path: str, status: int) -> None:
    """So that the command can tell them."""
    async with control(arm) as client:
        answer = await client.request(method, path)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])


@pytest.mark.parametrize(("path", "body"), [("/snapshot", {}), ("/clock", {"advance": 5}), ("/reset", {})])
async def test_a_full_disk_is_told(estate: Arm, path: str, body: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an error of 4xx; nothing is half done, and what was there still answers."""

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    for name in ("save", "set_clock", "load"):
        monkeypatch.setattr(store.Store, name, full)
    before = estate.clock.now()
    async with control(estate) as client:
        answer = await client.post(path, json=body)
    assert (answer.status_code, "disk is full" in answer.json()["error"]) == (409, True)
    assert estate.clock.now() == before
    assert (await estate.call("GET", estate.workspace)).status_code == 200


async def test_a_gateway_that_can_not_be_written_is_told(estate: Arm, monkeypatch: pytest.MonkeyPatch) -> None:
    """With 4xx too, and before anything is stopped."""

    async def full(coming_back: bool) -> None:
        raise ServingError("The gateway's file can't be written: No space left on device.")

    with monkeypatch.context() as patched:
        patched.setattr(estate.serving, "expect", full)
        async with control(estate) as client:
            answer = await client.post("/reset", json={})
    assert (answer.status_code, "No space left" in answer.json()["error"]) == (409, True)
    assert (await estate.call("GET", estate.workspace)).status_code == 200


async def test_a_snapshot_that_fails_leaves_no_file(arm: Arm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of it would take the room that is missing."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="No space"):
        arm.local.azure.store.save(tmp_path / "one.sqlite")
    assert not list(tmp_path.glob("one.*"))


async def test_a_large_body_is_not_read(arm: Arm) -> None:
    """Neither at the control port nor at ARM nor at the token authority, with a length or without one: 413."""
    taken = 0

    async def stream() -> Any:
        nonlocal taken
        for _ in range(1000):
            taken += MOST
            yield b"x" * MOST

    async with control(arm) as client:
        for one, path, most in (
            (client, "/clock", MOST),
            (arm.http, arm.group, limits.MOST),
            (arm.http, "/adfs/oauth2/token", limits.MOST),
        ):
            method = "PUT" if path == arm.group else "POST"
            declared = await one.request(method, path, content=b"x" * (most + 1))
            taken = 0
            chunked = await one.request(method, path, content=stream())
            assert (declared.status_code, chunked.status_code) == (413, 413), path
            assert taken <= most + 2 * MOST


async def test_a_deeply_nested_body_is_refused_by_arm(arm: Arm) -> None:
    """With 400, as any other body that is no JSON."""
    headers = {"content-type": "application/json"}
    answer = await arm.http.put(f"{arm.group}?api-version=2021-04-01", content=b'{"a":' * 100_000, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidRequestContent")
