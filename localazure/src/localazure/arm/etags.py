"""Entity tags, for the types that Azure shows one of: `etag` in the body, and If-Match and If-None-Match.

Source: the REST reference of each type. A tag is made of the document, so every change of it gives another one.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from localazure.arm.catalog import Reply
from localazure.arm.errors import ArmError
from localazure.store import Record

TYPES = frozenset(
    {
        "microsoft.containerservice/managedclusters",
        "microsoft.containerservice/managedclusters/agentpools",
        "microsoft.insights/components",
        "microsoft.insights/workbooks",
        "microsoft.network/networksecuritygroups",
        "microsoft.network/privatednszones",
        "microsoft.network/privatednszones/virtualnetworklinks",
        "microsoft.network/privateendpoints",
        "microsoft.network/virtualnetworks",
        "microsoft.operationalinsights/workspaces",
    }
)
CHANGES = {"PUT", "PATCH", "DELETE"}


def tag(document: Mapping[str, Any]) -> str:
    """The document's tag, in quotes."""
    text = json.dumps({name: value for name, value in document.items() if name != "etag"}, sort_keys=True)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def check_match(headers: Mapping[str, str], method: str, record: Record | None) -> None:
    """Raises ArmError 412 for a change that presumes another state than there is."""
    if method not in CHANGES:
        return
    has = tag(record.document) if record else None
    wanted, unwanted = _tags(headers.get("if-match")), _tags(headers.get("if-none-match"))
    if wanted and (has is None or not wanted & {"*", has}):
        raise _failed(f"If-Match asks for {', '.join(sorted(wanted))}, it is {has or 'not there'}")
    if unwanted and has is not None and unwanted & {"*", has}:
        raise _failed(f"If-None-Match is {', '.join(sorted(unwanted))}, and the resource is there with {has}")


def with_tag(reply: Reply) -> Reply:
    """An answer that shows a resource, with its tag in the body and in the header `etag`."""
    if reply.status not in {200, 201} or not isinstance(reply.body, dict) or "id" not in reply.body:
        return reply
    own = tag(reply.body)
    return replace(reply, body={**reply.body, "etag": own}, headers={**reply.headers, "etag": own})


def _tags(header: str | None) -> set[str]:
    return {part.strip().removeprefix("W/") for part in (header or "").split(",") if part.strip()}


def _failed(message: str) -> ArmError:
    return ArmError(412, "PreconditionFailed", f"{message}.")
