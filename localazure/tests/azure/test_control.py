"""The control port."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from localazure.control import control_app
from localazure.snapshots import Snapshots
from localazure.testing.client import Arm

pytestmark = pytest.mark.anyio
SECRET = "of the managed identity"
TOKEN = "of the control port"
WRITES = {"content-type": "application/json", "x-control-token": TOKEN}


def control(arm: Arm) -> httpx2.AsyncClient:
    """A client of the control routes."""
    snapshots = Snapshots(arm.state / "snapshots", arm.local, arm.serving)
    app = control_app(arm.local, arm.clock, arm.serving, snapshots, SECRET, TOKEN)
    transport = httpx2.ASGITransport(app)
    return httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8470", headers=WRITES)


async def test_clock_turns(arm: Arm) -> None:
    """The clock is advanced and put into another mode; health tells which."""
    async with control(arm) as client:
        turned = await client.post("/clock", json={"advance": 55, "mode": "recorded"})
        assert turned.json()["now"].startswith("2026-01-02T03:05:00")
        assert (await client.get("/health")).json()["clock"] == "recorded"


async def test_the_gateway_is_told_of_a_turn(estate: Arm) -> None:
    """Endpoints that take tokens judge them by the clock as it is after the turn."""
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body(authMode="AMLToken"))
    await estate.done("PUT", estate.endpoint("keys"), estate.endpoint_body())

    def reading() -> tuple[float, float]:
        tokens = estate.serving.routes["diabetes"].tokens
        assert tokens is not None
        assert tokens.clock is not None
        return tokens.clock.azure, tokens.clock.pace

    async with control(estate) as client:
        before, _ = reading()
        await client.post("/clock", json={"advance": 90_000})
        after, pace = reading()
        assert (after - before >= 90_000, pace) == (True, 0)
        await client.post("/clock", json={"mode": "x60"})
        assert reading()[1] == 60
    assert estate.serving.routes["keys"].tokens is None


@pytest.mark.parametrize("body", [[], {"advance": -1}, {"advance": True}, {"mode": "fast"}, {"skip": 1}])
async def test_wrong_turns_are_refused(arm: Arm, body: Any) -> None:
    """What is no turn of the clock is a 400 that says what one is."""
    async with control(arm) as client:
        answer = await client.post("/clock", json=body)
        assert (answer.status_code, "error" in answer.json()) == (400, True)


async def test_counts_and_journal(estate: Arm) -> None:
    """Requests by deployment come from the serving side; the journal has every ARM request."""
    await estate.register()
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    await estate.done("PUT", estate.deployment("blue"), estate.deployment_body())
    async with control(estate) as client:
        counts = await client.get("/counts?endpoint=diabetes")
        assert counts.json() == {"blue": {"live": 3, "mirrored": 1}}
        assert (await client.get("/counts?endpoint=other")).status_code == 404
        journal = (await client.get("/journal")).json()
        assert {"at", "method", "path", "status", "fault"} == set(journal[0])
        blue = [entry["method"] for entry in journal if entry["path"].startswith(estate.deployment("blue"))]
        assert blue == ["PUT", "GET"]


async def test_journal_since(arm: Arm) -> None:
    """Only what came at a time or later, by the clock that `/health` tells."""
    await arm.call("GET", arm.group)
    arm.clock.turn(10)
    async with control(arm) as client:
        now = (await client.get("/health")).json()["now"]
        await arm.call("PUT", arm.group, {"location": "westeurope"})
        entries = (await client.get("/journal", params={"since": now})).json()
        assert [(entry["method"], entry["status"]) for entry in entries] == [("PUT", 201)]
        assert (await client.get("/journal?since=yesterday")).status_code == 400


async def test_snapshot_and_restore(estate: Arm, tmp_path: Path) -> None:
    """What was there comes back, what came later is gone, what runs follows; an operation under way then goes on."""
    await estate.register()
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    await estate.done("PUT", estate.deployment("blue"), estate.deployment_body())
    await estate.call("PUT", estate.endpoint(), estate.endpoint_body({"blue": 100}))
    async with control(estate) as client:
        assert (await client.post("/snapshot", json={"name": "base"})).json() == {"name": "base"}
        await estate.turn()
        await estate.done("PUT", estate.deployment("green"), estate.deployment_body())
        await estate.done("PUT", estate.endpoint("other"), estate.endpoint_body())
        await estate.done("PUT", estate.endpoint(), estate.endpoint_body({"green": 100}))
        assert (await client.post("/restore", json={"name": "base"})).json() == {"name": "base"}
        assert (await client.get("/snapshot")).json() == ["base"]
    assert (await estate.call("GET", estate.endpoint("other"))).status_code == 404
    assert (await estate.call("GET", estate.endpoint())).json()["properties"]["provisioningState"] == "Updating"
    await estate.turn()
    assert (await estate.call("GET", estate.endpoint())).json()["properties"]["traffic"] == {"blue": 100}
    assert set(estate.serving.plans) == {("diabetes", "blue")}
    assert estate.serving.routes["diabetes"].traffic == {"blue": 100}
    assert (tmp_path / "snapshots" / "base.sqlite").stat().st_mode & 0o777 == 0o600


async def test_restored_assets_have_their_own_content(estate: Arm) -> None:
    """A version that was registered anew after the snapshot leaves no copy behind."""
    async with control(estate) as client:
        await client.post("/snapshot", json={})
        for content in (b"one", b"two"):
            estate.blobs.files["upload-ab12/code"] = {"score.py": content}
            await estate.register()
            await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
            await estate.done("PUT", estate.deployment("blue"), estate.deployment_body())
            served = estate.serving.plans["diabetes", "blue"].code_dir / "score.py"
            assert served.read_bytes() == content
            assert (await client.post("/restore", json={"name": "1"})).status_code == 200


async def test_reset(estate: Arm) -> None:
    """Nothing is left but the ids; a token from before is still good."""
    await estate.register()
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    async with control(estate) as client:
        await client.post("/faults", json={"action": "answer", "status": 500})
        assert (await client.post("/reset")).status_code == 200
        assert (await client.get("/faults")).json() == (await client.get("/journal")).json() == []
    assert estate.local.azure.store.subtree(estate.subscription) == []
    assert estate.serving.routes == {}
    await estate.make_estate()


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("/restore", {"name": "none"}, 404, "There is no snapshot 'none' (has: none)."),
        ("/restore", {}, 404, "There is no snapshot"),
        ("/snapshot", {"name": "../up"}, 400, "up to 64 letters"),
        ("/snapshot", {"title": "x"}, 400, "Could not find member 'title'"),
    ],
)
async def test_wrong_snapshots_are_refused(arm: Arm, path: str, body: Any, status: int, says: str) -> None:
    """What is no name, or no snapshot, is said to be none."""
    async with control(arm) as client:
        answer = await client.post(path, json=body)
    assert (answer.status_code, says in answer.json()["error"]) == (status, True)
