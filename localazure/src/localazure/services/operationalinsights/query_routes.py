"""The Log Analytics query API: `POST /v1/workspaces/GUID/query`, or with a workspace's resource id in its place.

Source: Azure Monitor Logs query API (v1), its errors page included.
"""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.arm.context import Azure
from localazure.arm.errors import ArmError
from localazure.identity.keys import TokenKeys
from localazure.services.insights.mirrored import Mirrored
from localazure.services.insights.query import time_span
from localazure.services.operationalinsights.kql_text import QueryError
from localazure.services.operationalinsights.logs import Logs
from localazure.services.operationalinsights.models import TYPE
from localazure.services.operationalinsights.shipping import Shipper
from localazure.store import Record

PUBLIC_AUDIENCE = "https://api.loganalytics.io"


class QueryApi:
    """Answers queries of who has a token for it."""

    def __init__(self, azure: Azure, keys: TokenKeys, shipper: Shipper, logs: Logs, mirrored: Mirrored) -> None:
        self._azure, self._keys, self._shipper, self._logs, self._mirrored = azure, keys, shipper, logs, mirrored

    def routes(self) -> list[Route]:
        """Its one route."""
        return [Route("/v1/{of:path}/query", self.query, methods=["POST"])]

    async def query(self, request: Request) -> Response:
        """200 with tables, or an error of the API's form."""
        if (refused := self._refused(request)) is not None:
            return refused
        workspace = self._workspace(request.path_params["of"])
        if workspace is None:
            return _error(404, "PathNotFoundError", "The requested path does not exist")
        try:
            body = json.loads(await request.body())
            query, span = str(body["query"]), body.get("timespan")
        except (ValueError, KeyError, TypeError, AttributeError):
            return _error(400, "BadArgumentError", "The request had some invalid properties")
        self._shipper.ship()
        return self._answer(workspace, query, span)

    def _answer(self, workspace: Record, query: str, span: Any) -> Response:
        now = self._azure.clock.now()
        delay = self._azure.clock.ingestion.total_seconds()
        mirrored = self._mirrored.shown_in("logs")
        try:
            within = time_span(str(span), now) if span else None
            found = self._logs.query(query, workspace.id.lower(), now, delay, within, mirrored)
        except QueryError as error:
            inner = {"code": error.number, "message": error.message}
            return _error(400, "BadArgumentError", "The request had some invalid properties", error.code, inner)
        except ArmError as error:
            return _error(400, "BadArgumentError", error.message)
        return JSONResponse(found.document())

    def _refused(self, request: Request) -> Response | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token or scheme.lower() != "bearer":
            message = "Authentication failed. The 'Authorization' header is missing."
            return _error(401, "AuthenticationFailed", message)
        if fault := self._keys.fault(token, (self._azure.url, PUBLIC_AUDIENCE)):
            return _error(403, "InvalidAuthenticationToken", f"The access token is invalid. {fault}")
        return None

    def _workspace(self, of: str) -> Record | None:
        """By its customer id, or by its resource id."""
        kind, _, name = of.strip("/").partition("/")
        if kind == "workspaces":
            found = self._azure.store.of_type(TYPE)
            return next((each for each in found if each.properties["customerId"].lower() == name.lower()), None)
        record = self._azure.store.get("/" + of.strip("/"))
        return record if record is not None and record.type.lower() == TYPE.lower() else None


def _error(status: int, code: str, message: str, inner: str = "", innermost: dict[str, Any] | None = None) -> Response:
    error: dict[str, Any] = {"message": message, "code": code}
    if inner:
        text = {"SyntaxError": "A syntax error occurred.", "SemanticError": "A semantic error occurred."}
        error["innererror"] = {"code": inner, "message": text.get(inner, "Not modelled."), "innererror": innermost}
    return JSONResponse({"error": error}, status)
