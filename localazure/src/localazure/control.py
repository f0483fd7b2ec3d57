"""The control port: health, the journal, the clock, requests per deployment, faults, the state as a whole.

The managed identity's tokens are given out here, as its protocol is plain HTTP; no other answer has a secret.
What is wrong with a request is `{"error": text}` with a 4xx status; who may ask at all: `localazure.control_guard`.
"""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from localazure.arm.bodies import check
from localazure.arm.errors import ArmError
from localazure.arm.limits import BodyLimit
from localazure.clock import LONGEST_LAG, LONGEST_TURN, MODES, TurnableClock
from localazure.control_guard import Guard
from localazure.control_json import HANDLERS, MOST, Json, body_of
from localazure.fault_routes import FaultRoutes
from localazure.identity.managed import managed_identity_route
from localazure.server import LocalAzure
from localazure.services.machinelearning.names import ENDPOINT
from localazure.serving.contract import Serving
from localazure.snapshots import SnapshotName, Snapshots

_DURATIONS = ("lag", "absence", "ingestion")


def control_app(
    local: LocalAzure, clock: TurnableClock, serving: Serving, snapshots: Snapshots, secret: str, token: str
) -> Starlette:
    """The control routes of one local Azure; `secret` opens its managed identity, `token` is asked for on writes."""

    async def health(request: Request) -> Response:
        del request
        return Json({"status": "ok", **_told(clock)})

    async def journal(request: Request) -> Response:
        since = _since(request.query_params.get("since"))
        entries = [entry for entry in local.arm.journal if since is None or datetime.fromisoformat(entry.at) >= since]
        return Json([asdict(entry) for entry in entries])

    async def turn(request: Request) -> Response:
        asked = _turn_request(await body_of(request))
        await local.recorder.ship()  # what was served belongs to the time before
        local.azure.store.set_clock(clock.after(asked["seconds"]))  # a full disk is noticed before anything is turned
        clock.turn(**asked)
        async with local.arm.gate.request():
            await local.workers.turned()
        return Json(_told(clock))

    async def mirrored(request: Request) -> Response:
        return Json(local.mirrored.set(await body_of(request)))

    async def counts(request: Request) -> Response:
        endpoint = request.query_params.get("endpoint", "")
        names = [record.name for record in local.azure.store.of_type(ENDPOINT)]
        if endpoint not in names:
            has = ", ".join(names) or "none"
            raise ArmError(404, "NotFound", f"endpoint '{endpoint}' is not there (has: {has})")
        found = await serving.counts(endpoint)
        return Json({name: asdict(count) for name, count in found.items()})

    faults = FaultRoutes(local, serving)
    routes = [
        Route("/health", health, methods=["GET"]),
        Route("/journal", journal, methods=["GET"]),
        Route("/clock", turn, methods=["POST"]),
        Route("/counts", counts, methods=["GET"]),
        Route("/mirrored", mirrored, methods=["POST"]),
        managed_identity_route(local.identity, secret),
        *faults.routes(),
        *_state_routes(snapshots),
    ]
    guards = [Middleware(Guard, token=token), Middleware(BodyLimit, most=MOST)]
    return Starlette(routes=routes, middleware=guards, exception_handlers=HANDLERS)


def _state_routes(snapshots: Snapshots) -> list[Route]:
    async def listed(request: Request) -> Response:
        del request
        return Json(snapshots.names())

    async def take(request: Request) -> Response:
        return Json({"name": snapshots.take(check(SnapshotName, await body_of(request)))}, 201)

    async def restore(request: Request) -> Response:
        return Json({"name": await snapshots.restore(check(SnapshotName, await body_of(request)))})

    async def reset(request: Request) -> Response:
        del request
        await snapshots.reset()
        return Json({})

    return [
        Route("/snapshot", listed, methods=["GET"]),
        Route("/snapshot", take, methods=["POST"]),
        Route("/restore", restore, methods=["POST"]),
        Route("/reset", reset, methods=["POST"]),
    ]


def _since(text: str | None) -> datetime | None:
    """A time of Azure's clock as `/health` gives it; a `+` that came as a space is taken too."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text.replace(" ", "+")).astimezone()
    except (ValueError, OverflowError):
        raise ValueError(f"since must be a time such as 2026-01-02T03:04:05+00:00, got '{text}'") from None


def _told(clock: TurnableClock) -> dict[str, Any]:
    told = {name: getattr(clock, name).total_seconds() for name in _DURATIONS}
    return {"clock": clock.mode.name, "now": clock.now().isoformat(), **told}


def _turn_request(body: Any) -> dict[str, Any]:
    """`advance`, `lag` and `absence` in seconds and `mode`, each optional, as `TurnableClock.turn` takes them."""
    if not isinstance(body, dict) or set(body) - {"advance", "mode", *_DURATIONS}:
        expected = '{"advance": seconds, "mode": name, "lag": seconds, "absence": seconds, "ingestion": seconds}'
        raise ValueError(f"expected {expected}, got {json.dumps(body)}")
    for name, most in (("advance", LONGEST_TURN), *((each, LONGEST_LAG) for each in _DURATIONS)):
        value = body.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise ValueError(f"{name} must be seconds from 0 to {most}, got {json.dumps(value)[:40]}")
    mode = body.get("mode")
    if mode is not None and mode not in MODES:
        raise ValueError(f"mode must be one of {', '.join(MODES)}, got {json.dumps(mode)}")
    more = {name: body.get(name) for name in _DURATIONS}
    return {"seconds": body.get("advance", 0), "mode": MODES.get(str(mode)), **more}
