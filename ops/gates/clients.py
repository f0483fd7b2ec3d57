"""Azure's own clients for metrics and logs, pointed at the Azure that the environment names."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.rest import HttpRequest
from azure.identity import DefaultAzureCredential
from azure.mgmt.monitor import MonitorManagementClient
from azure.monitor.query import LogsQueryClient, LogsQueryPartialResult

from ops.gates.source import SourceError
from ops.workspace import log_analytics, resource_manager


@contextmanager
def reaching(what: str) -> Iterator[None]:
    """What Azure or the way to it says, as SourceError."""
    try:
        yield
    except HttpResponseError as error:
        raise SourceError(f"{what}: {_said(error)}") from error
    except (AzureError, json.JSONDecodeError) as error:
        raise SourceError(f"{what}: {_first_line(str(error))}") from error


def metrics_client(environ: Any, subscription: str) -> MonitorManagementClient:
    """ARM's metrics: a right to read the endpoint is enough."""
    arm = resource_manager(environ)
    return MonitorManagementClient(
        DefaultAzureCredential(), subscription, base_url=arm, credential_scopes=[f"{arm}/.default"], retry_total=2
    )


def logs_client(environ: Any) -> LogsQueryClient:
    """Log Analytics: Log Analytics Reader on the workspace, or a right to read its table."""
    where = log_analytics(environ)
    return LogsQueryClient(DefaultAzureCredential(), endpoint=where, audience=where, retry_total=2)


def customer_id(client: MonitorManagementClient, workspace: str) -> str:
    """The id by which Log Analytics knows a workspace, from its resource id."""
    request = HttpRequest("GET", f"{workspace}?api-version=2023-09-01")
    answer = client._send_request(request)
    answer.raise_for_status()
    return str(answer.json()["properties"]["customerId"])


def whole(result: Any) -> Any:
    """The one table of an answer; a partial one is an error, as what is missing could be the errors."""
    if isinstance(result, LogsQueryPartialResult):
        raise SourceError(f"the traffic log answered a part only: {result.partial_error}")
    return result.tables[0]


def inner_codes(error: HttpResponseError) -> set[str]:
    """All codes of an error of Log Analytics, the innermost too."""
    found: set[str] = set()
    try:
        inside = json.loads(error.response.text()).get("error") if error.response is not None else None
    except (ValueError, AttributeError):
        return found
    while isinstance(inside, dict):
        found.add(str(inside.get("code")))
        inside = inside.get("innererror")
    return found


def _said(error: HttpResponseError) -> str:
    code = error.error.code if error.error is not None else None
    return f"status {error.status_code}{f', {code}' if code else ''}: {_first_line(error.message)}"


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[0][:200].rstrip(".")
