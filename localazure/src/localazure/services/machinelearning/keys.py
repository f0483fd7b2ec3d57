"""Keys, tokens and logs: what an endpoint's and a deployment's POST actions answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from localazure.arm.bodies import Body, Text, Whole, check
from localazure.arm.errors import bad_request
from localazure.arm.operations import Operation
from localazure.services.machinelearning import endpoints
from localazure.services.machinelearning.context import MachineLearning
from localazure.store import Record

TOKEN_LASTS = timedelta(hours=24)
TOKEN_FRESH = timedelta(hours=12)
TokenMaker = Callable[[str, timedelta], str]
DEFAULT_TAIL = 5000
INSTANCE_STATUS = (
    "Instance status:\nSystemSetup: Succeeded\nUserContainerImagePull: Succeeded\nModelDownload: Succeeded\n"
    "UserContainerStart: Succeeded\n\nContainer logs:\n"
)


class Regenerate(Body):
    """Which key is made anew. A key sent along is checked for its form only: the service makes its own (facts)."""

    key_type: Literal["Primary", "Secondary"]
    key_value: Text | None = None


class Logs(Body):
    """How much of which container's log."""

    container_type: Literal["InferenceServer", "StorageInitializer", "ModelDataCollector"] | None = None
    tail: Annotated[Whole, Field(ge=1)] | None = None


def list_keys(endpoint: Record) -> dict[str, str]:
    """Both keys; refused for token endpoints (open)."""
    _wants(endpoint, "Key", "keys")
    return dict(endpoint.private["keys"])


def regenerate(ml: MachineLearning, endpoint: Record, body: object, version: str) -> Operation:
    """Make one key anew; it is in force when the operation has ended."""
    sent = check(Regenerate, body)
    _wants(endpoint, "Key", "keys")
    endpoints.not_busy(endpoint)
    name = f"{sent.key_type.lower()}Key"
    endpoint.private["keys"] = {**endpoint.private["keys"], name: endpoints.new_key()}
    return endpoints.start(ml, endpoint, "regenerate", version)


def token(ml: MachineLearning, endpoint: Record, make: TokenMaker) -> dict[str, Any]:
    """A token of an AMLToken endpoint: good for 24 hours, to be refreshed after 12 (recorded).

    Both are told by the wall's clock: clients compare them with their own.
    """
    _wants(endpoint, "AMLToken", "tokens")
    clock = ml.azure.clock
    now = clock.now()
    return {
        "accessToken": make(endpoint.name, TOKEN_LASTS),
        "tokenType": "Bearer",
        "expiryTimeUtc": int(clock.on_wall(now + TOKEN_LASTS).timestamp()),
        "refreshAfterTimeUtc": int(clock.on_wall(now + TOKEN_FRESH).timestamp()),
    }


def logs(ml: MachineLearning, deployment: Record, body: object) -> dict[str, str]:
    """The container's log; before it, on managed compute, the state of the instances (recorded)."""
    sent = check(Logs, body if body is not None else {})
    endpoint = deployment.above.rsplit("/", 1)[1]
    tail = sent.tail if sent.tail is not None else DEFAULT_TAIL
    if sent.container_type not in {None, "InferenceServer"}:
        text = ""  # there is one container here
    elif deployment.private.get("serving"):
        text = ml.serving.logs(endpoint, deployment.name, tail)
    else:
        text = "\n".join(str(deployment.private.get("log", "")).splitlines()[-tail:])
    head = INSTANCE_STATUS if deployment.document["kind"] == "Managed" and deployment.private.get("serving") else ""
    return {"content": f"{head}{text}\n"}


def _wants(endpoint: Record, mode: str, what: str) -> None:
    if (has := endpoint.properties["authMode"]) != mode:
        raise bad_request("BadRequest", f"The endpoint '{endpoint.name}' has authMode {has}: it has no {what}.")
