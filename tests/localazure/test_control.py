"""The control port."""

from typing import Any

import httpx2
import pytest

from localazure.control import control_app
from tests.localazure.client import Arm

pytestmark = pytest.mark.anyio


def control(arm: Arm, names: list[str]) -> httpx2.AsyncClient:
    """A client of the control routes."""
    app = control_app(arm.local.arm, arm.clock, arm.serving, lambda: names)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1:8470")


async def test_clock_turns(arm: Arm) -> None:
    """The clock is advanced and put into another mode; health tells which."""
    async with control(arm, []) as client:
        turned = await client.post("/clock", json={"advance": 55, "mode": "recorded"})
        assert turned.json()["now"].startswith("2026-01-02T03:05:00")
        assert (await client.get("/health")).json()["clock"] == "recorded"


@pytest.mark.parametrize("body", [[], {"advance": -1}, {"advance": True}, {"mode": "fast"}, {"skip": 1}])
async def test_wrong_turns_are_refused(arm: Arm, body: Any) -> None:
    """What is no turn of the clock is a 400 that says what one is."""
    async with control(arm, []) as client:
        answer = await client.post("/clock", json=body)
        assert (answer.status_code, "error" in answer.json()) == (400, True)


async def test_counts_and_journal(estate: Arm) -> None:
    """Requests by deployment come from the serving side; the journal has every ARM request."""
    await estate.register()
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    await estate.done("PUT", estate.deployment("blue"), estate.deployment_body())
    async with control(estate, ["diabetes"]) as client:
        counts = await client.get("/counts?endpoint=diabetes")
        assert counts.json() == {"blue": {"live": 3, "mirrored": 1}}
        assert (await client.get("/counts?endpoint=other")).status_code == 404
        journal = (await client.get("/journal")).json()
        assert {"at", "method", "path", "status", "fault"} == set(journal[0])
        blue = [entry["method"] for entry in journal if entry["path"].startswith(estate.deployment("blue"))]
        assert blue == ["PUT", "GET"]
