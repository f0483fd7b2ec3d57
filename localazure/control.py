"""The control port: health, the journal, the clock, requests per deployment. No secrets in any answer."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.arm.app import ArmApp
from localazure.clock import MODES, TurnableClock
from localazure.serving.contract import Serving


def control_app(arm: ArmApp, clock: TurnableClock, serving: Serving, names: Callable[[], list[str]]) -> Starlette:
    """The control routes; `names` are the endpoints that there are."""

    async def health(request: Request) -> Response:
        del request
        return JSONResponse({"status": "ok", "clock": clock.mode.name, "now": clock.now().isoformat()})

    async def journal(request: Request) -> Response:
        del request
        return JSONResponse([asdict(entry) for entry in arm.journal])

    async def turn(request: Request) -> Response:
        try:
            mode, seconds = _turn_request(await request.json())
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"now": clock.turn(seconds, mode).isoformat(), "clock": clock.mode.name})

    async def counts(request: Request) -> Response:
        endpoint = request.query_params.get("endpoint", "")
        if endpoint not in names():
            return JSONResponse(
                {"error": f"endpoint '{endpoint}' is not there (has: {', '.join(names()) or 'none'})"}, 404
            )
        found = await serving.counts(endpoint)
        return JSONResponse({name: asdict(count) for name, count in found.items()})

    return Starlette(
        routes=[
            Route("/health", health, methods=["GET"]),
            Route("/journal", journal, methods=["GET"]),
            Route("/clock", turn, methods=["POST"]),
            Route("/counts", counts, methods=["GET"]),
        ]
    )


def _turn_request(body: Any) -> tuple[Any, float]:
    """`{"advance": seconds, "mode": name}`, each optional."""
    if not isinstance(body, dict) or set(body) - {"advance", "mode"}:
        raise ValueError(f'expected {{"advance": seconds, "mode": name}}, got {json.dumps(body)}')
    seconds, name = body.get("advance", 0), body.get("mode")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise ValueError(f"advance must be seconds, 0 or more, got {json.dumps(seconds)}")
    if name is not None and name not in MODES:
        raise ValueError(f"mode must be one of {', '.join(MODES)}, got {json.dumps(name)}")
    return MODES.get(str(name)), float(seconds)
