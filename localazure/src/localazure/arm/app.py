"""The HTTP side of Azure Resource Manager: token, api-version, routing to the services, the error envelope."""

import json
import logging
import sqlite3
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import format_datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from localazure.arm import etags
from localazure.arm.catalog import NO_BODY, Call, Catalog, Handler, Reply
from localazure.arm.context import Azure
from localazure.arm.errors import (
    ArmError,
    bad_request,
    invalid_content,
    not_modelled,
    subscription_not_found,
    throttled,
    unsupported_media_type,
)
from localazure.arm.faults import Faults, OfRequests
from localazure.arm.gate import Gate
from localazure.arm.ids import SUBSCRIPTION_TYPE, Target, impossible_name, parse_target
from localazure.arm.inflict import Inflictor
from localazure.arm.operations import OPERATION_FAULT, cannot_store, new_guid, timestamp
from localazure.arm.paging import page
from localazure.arm.throttle import Throttle
from localazure.arm.versions import check_version

LOG = logging.getLogger("localazure.arm")
JOURNAL_LENGTH = 20_000
WRITES = frozenset({"PUT", "PATCH", "POST"})
IN_PATHS = "/()"
JSON = "application/json; charset=utf-8"
TokenCheck = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One request that ARM answered; no header and no body, so no token and no key.

    `status` is 0 where the connection was closed without an answer; `fault` is the action of the fault it met.
    """

    at: str
    method: str
    path: str
    status: int
    fault: str = ""


class ArmApp:
    """Answers every path below `/subscriptions` and `/providers`."""

    def __init__(self, azure: Azure, catalog: Catalog, token_fault: TokenCheck) -> None:
        self._azure = azure
        self._catalog = catalog
        self._token_fault = token_fault
        self.journal: deque[JournalEntry] = deque(maxlen=JOURNAL_LENGTH)
        self.faults = Faults(azure.store)
        self.gate = Gate()
        self.inflictor = Inflictor(azure.clock)
        self._throttle = Throttle(azure.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        request = Request(scope, receive)
        try:
            await request.body()  # it is kept: what is applied late has no connection any more
        except ClientDisconnect:
            return
        fault = self.faults.take(request.method, request.scope["path"])
        reply = await self.inflictor.answer(fault, partial(self._apply, request))
        self._note(request, reply.status if reply else 0, fault)
        if reply is None:
            await _drop(scope, receive)
        else:
            await self._response(request, reply)(scope, receive, send)

    async def _apply(self, request: Request) -> Reply:
        asked = OPERATION_FAULT.set(partial(self.faults.take_operation, request.method, request.scope["path"]))
        try:
            async with self.gate.request():
                return await self._admitted(request)
        except ArmError as error:
            return Reply(error.status, error.body())
        except (OSError, sqlite3.Error) as error:
            LOG.exception("%s %s could not be stored", request.method, printable(request.scope["path"]))
            return Reply(500, ArmError(500, "InternalServerError", cannot_store(error)).body())
        except Exception:
            LOG.exception("%s %s broke", request.method, printable(request.scope["path"]))
            message = "The local Azure failed on this request; its log says why: localazure.log."
            return Reply(500, ArmError(500, "InternalServerError", message).body())
        finally:
            OPERATION_FAULT.reset(asked)

    def _note(self, request: Request, status: int, fault: OfRequests | None) -> None:
        query = request.scope["query_string"].decode(errors="replace")
        path = printable(request.scope["path"]) + (f"?{query}" if query else "")
        now = timestamp(self._azure.clock.now())
        self.journal.append(JournalEntry(now, request.method, path, status, fault.action if fault else ""))
        LOG.info("%s %s -> %s", request.method, path, status)

    def _response(self, request: Request, reply: Reply) -> Response:
        date = format_datetime(self._azure.clock.now(), usegmt=True)
        headers = {"x-ms-request-id": new_guid(), "cache-control": "no-cache", "date": date} | dict(reply.headers)
        if self._azure.clock.hurries:
            headers["x-ms-retry-after-ms"] = "100"
        if reply.body is NO_BODY or request.method == "HEAD":
            return Response(None, reply.status, headers)
        return Response(json.dumps(reply.body), reply.status, headers, JSON)

    async def _admitted(self, request: Request) -> Reply:
        self._authorize(request)
        if (turn := self._throttle.turn(request.method)) is None:
            return await self._answer(request)
        if turn.wait:
            return Reply(429, throttled(turn.kind, self._azure.subscription, turn.wait).body(), turn.headers)
        reply = await self._answer(request)
        return replace(reply, headers={**reply.headers, **turn.headers})

    async def _answer(self, request: Request) -> Reply:
        if (target := parse_target(request.scope["path"])) is None:
            raise not_modelled(f"the path '{request.scope['path']}'")
        query = {name.lower(): value for name, value in request.query_params.items()}
        version = query.get("api-version", "")
        check_version(version, target.id.type if target.action and request.method == "POST" else target.type)
        subscription = target.id.subscription
        if subscription and subscription.lower() != self._azure.subscription.lower():
            raise subscription_not_found(subscription)
        if request.method in WRITES and (name := impossible_name(target.id)) is not None:
            raise bad_request("InvalidResourceName", f"Resource name {name[:300]!r} is invalid.")
        handler, call = self._route(request.method, target, query)
        body = await _json(request) if request.method in WRITES else None
        tagged = target.kind == "resource" and call.type.lower() in etags.TYPES
        if tagged:
            etags.check_match(request.headers, request.method, self._azure.store.get(call.id.text))
        reply = await handler(replace(call, api_version=version, body=body, query=query))
        if request.method == "GET" and isinstance(reply.body, dict) and isinstance(reply.body.get("value"), list):
            reply = replace(
                reply, body=page(reply.body, f"{self._azure.url}{quote(request.scope['path'], safe=IN_PATHS)}", query)
            )
        return etags.with_tag(reply) if tagged else reply

    def _authorize(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token or scheme.lower() != "bearer":
            raise ArmError(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
        if fault := self._token_fault(token):
            raise ArmError(401, "InvalidAuthenticationToken", fault)

    def _route(self, method: str, target: Target, query: Mapping[str, str]) -> tuple[Handler, Call]:
        if target.kind == "collection" and method == "POST":
            kind, handler = self._catalog.find(target.id.type or SUBSCRIPTION_TYPE), None
            if kind is not None:
                actions = {name.lower(): action for name, action in kind.actions.items()}
                handler = actions.get(target.action.lower())
            what = f"the action '{target.action}' on '{target.id.type}'"
            type_name = target.id.type
        else:
            kind = self._catalog.find(target.type)
            is_list = target.kind == "collection"
            handler = None if kind is None else kind.list if is_list and method == "GET" else None
            if kind is not None and not is_list:
                handler = kind.methods.get(method)
            what = f"{method} on {'the list of ' if is_list else ''}'{target.type}'"
            type_name = target.type
        if kind is None:
            raise not_modelled(f"the resource type '{type_name}' ({method})")
        if handler is kind.list and "$filter" in query and not kind.filters:
            raise not_modelled(f"$filter on the list of '{type_name}'")
        if handler is None:
            raise not_modelled(what)
        named = target.id if target.kind == "collection" else replace(target.id, type=kind.name)
        return handler, Call(named, kind.name, "")


def printable(path: str) -> str:
    """A decoded path for a log of lines: control characters are as a URL has them."""
    return "".join(each if each.isprintable() else quote(each) for each in path)


async def _drop(scope: Scope, receive: Receive) -> None:
    """Close the connection without an answer; `abort` is the server's (localazure.run)."""
    scope["state"]["abort"]()
    while (await receive())["type"] != "http.disconnect":
        continue


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


async def _json(request: Request) -> Any:
    raw = await request.body()
    if not raw.strip():
        return None
    media = request.headers.get("content-type", "<null>").partition(";")[0].strip()
    if media.lower() != "application/json":
        raise unsupported_media_type(media)
    try:
        document = json.loads(raw, parse_constant=_no_number)
        if b"\\u" in raw:
            json.dumps(document, ensure_ascii=False).encode()  # half a surrogate pair is no text: nothing could keep it
        return document
    except ValueError as error:
        raise invalid_content(f"the body is no JSON ({error})") from None
    except RecursionError:
        raise invalid_content("the body is nested too deeply") from None
