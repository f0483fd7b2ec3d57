"""Faults that are injected on purpose: into requests on ARM, into operations, into scoring processes.

A request's fault is found by method, path (a glob, whatever the case, without the query) and count. Adding is strict:
what is no fault is refused with every offending property (`check` of localazure.arm.bodies).
"""

import json
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from pydantic import Field

from localazure.arm.bodies import Body, Text, Whole, check
from localazure.arm.errors import invalid_content
from localazure.arm.operations import OperationFault
from localazure.serving.contract import Disturbance
from localazure.store import Store

CODES = {
    404: "NotFound",
    409: "Conflict",
    412: "PreconditionFailed",
    429: "TooManyRequests",
    500: "InternalServerError",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}
RETRY_AFTER = 5
Method = Literal["*", "GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"]
Seconds = Annotated[float, Field(gt=0, le=86_400, strict=True)]


class RequestFault(Body):
    """What all faults of requests have: which requests, and how many of them (0: all until it is removed)."""

    method: Method = "*"
    path: Text = "*"
    count: Annotated[Whole, Field(ge=0)] = 1

    def matches(self, method: str, path: str) -> bool:
        """Whether a request is one of them."""
        return self.method in {"*", method} and fnmatchcase(path.lower(), self.path.lower())


class Failing(RequestFault):
    """Faults that answer an error: its status, code and message; `retryAfter` in seconds (429 has one anyway)."""

    status: Annotated[Whole, Field(ge=400, le=599)]
    code: Text | None = None
    message: Text = "A fault of the local Azure (localazure fault)."
    retry_after: Annotated[Whole, Field(ge=0)] | None = None

    def body(self) -> dict[str, Any]:
        """ARM's error envelope."""
        return {"error": {"code": self.code or CODES.get(self.status, "Fault"), "message": self.message}}

    def headers(self) -> dict[str, str]:
        """`retry-after`, where there is one."""
        seconds = RETRY_AFTER if self.retry_after is None and self.status == 429 else self.retry_after
        return {} if seconds is None else {"retry-after": str(seconds)}


class Answer(Failing):
    """Answer the error; nothing is applied."""

    action: Literal["answer"]


class Hang(RequestFault):
    """Keep the client waiting for `seconds` of the wall's clock, then go on as usual."""

    action: Literal["hang"]
    seconds: Seconds


class Drop(RequestFault):
    """Close the connection without an answer; nothing is applied."""

    action: Literal["drop"]


class ApplyThenFail(Failing):
    """Apply the request, then answer the error all the same. What is refused for other reasons is refused."""

    action: Literal["apply-then-fail"]
    status: Annotated[Whole, Field(ge=500, le=599)] = 500


class ApplyLate(Failing):
    """Answer the error at once, and apply the request `seconds` of Azure's clock later."""

    action: Literal["apply-late"]
    seconds: Seconds
    status: Annotated[Whole, Field(ge=500, le=599)] = 504


class FailOperation(RequestFault):
    """The operation that the request begins does nothing and ends Failed. It counts operations, not requests."""

    action: Literal["fail-operation"]
    code: Text = "InternalServerError"
    message: Text = "A fault of the local Azure (localazure fault)."


class ScoringFault(Body):
    """What all faults of a deployment's scoring processes have."""

    endpoint: Text
    deployment: Text


class Kill(ScoringFault):
    """Kill one of its processes now; it starts again by itself. This is done once, and not listed."""

    action: Literal["kill"]


class Slow(ScoringFault):
    """Each request takes `milliseconds` longer."""

    action: Literal["slow"]
    milliseconds: Annotated[Whole, Field(ge=1, le=600_000)]


class Err(ScoringFault):
    """A share of the requests, in per cent, is answered with `status` instead of a score."""

    action: Literal["err"]
    percent: Annotated[float, Field(gt=0, le=100, strict=True)]
    status: Annotated[Whole, Field(ge=400, le=599)] = 500


OfRequests = Answer | Hang | Drop | ApplyThenFail | ApplyLate | FailOperation
OfScoring = Kill | Slow | Err
Fault = OfRequests | OfScoring
KINDS: dict[str, type[Fault]] = {
    "answer": Answer,
    "hang": Hang,
    "drop": Drop,
    "apply-then-fail": ApplyThenFail,
    "apply-late": ApplyLate,
    "fail-operation": FailOperation,
    "kill": Kill,
    "slow": Slow,
    "err": Err,
}


def parse_fault(body: object) -> Fault:
    """A fault by its `action`; raises ArmError 400 that names each property that is wrong."""
    action = body.get("action") if isinstance(body, dict) else None
    if not isinstance(action, str) or action not in KINDS:
        raise invalid_content(f"action must be one of {', '.join(KINDS)}, got {json.dumps(action)}")
    return check(KINDS[action], body)


class Faults:
    """The faults that wait, by number; the oldest that matches a request is taken. They outlive a restart."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._faults = {number: parse_fault(told) for number, told in store.faults().items()}

    def add(self, fault: Fault) -> int:
        """Its number."""
        number = self._store.add_fault(_told(fault))
        self._faults[number] = fault
        return number

    def remove(self, number: int) -> Fault | None:
        """Take it away; what it was."""
        self._store.set_fault(number, None)
        return self._faults.pop(number, None)

    def listed(self) -> list[dict[str, Any]]:
        """All, oldest first, with the number of requests that are left (0: any)."""
        return [self.shown(number) for number in self._faults]

    def shown(self, number: int) -> dict[str, Any]:
        """One of them as JSON."""
        return {"id": number, **_told(self._faults[number])}

    def take(self, method: str, path: str) -> OfRequests | None:
        """The fault that a request meets, counted; those of operations are left to `take_operation`."""
        return self._take(method, path, lambda fault: not isinstance(fault, FailOperation))

    def take_operation(self, method: str, path: str) -> OperationFault | None:
        """How the operation that a request begins is to fail, counted."""
        fault = self._take(method, path, lambda fault: isinstance(fault, FailOperation))
        return {"code": fault.code, "message": fault.message} if isinstance(fault, FailOperation) else None

    def disturbance(self, endpoint: str, deployment: str) -> Disturbance | None:
        """What a deployment's faults add up to: delays together, the largest share of errors; None without any."""
        of_scoring = [fault for fault in self._faults.values() if isinstance(fault, Slow | Err)]
        named = (endpoint.lower(), deployment.lower())
        mine = [fault for fault in of_scoring if (fault.endpoint.lower(), fault.deployment.lower()) == named]
        delay = sum(each.milliseconds for each in mine if isinstance(each, Slow))
        worst = max((each for each in mine if isinstance(each, Err)), key=lambda each: each.percent, default=None)
        errors = (worst.percent, worst.status) if worst else (0, 500)
        return Disturbance(delay, *errors) if mine else None

    def deployments(self) -> set[tuple[str, str]]:
        """Endpoint and deployment of all faults of scoring processes."""
        return {(f.endpoint, f.deployment) for f in self._faults.values() if isinstance(f, Slow | Err)}

    def _take(self, method: str, path: str, wanted: Callable[[OfRequests], bool]) -> OfRequests | None:
        for number, fault in self._faults.items():
            if isinstance(fault, RequestFault) and fault.matches(method, path) and wanted(fault):
                if fault.count == 1:
                    self.remove(number)
                elif fault.count:  # 0: any number
                    self._faults[number] = fault.model_copy(update={"count": fault.count - 1})
                    self._store.set_fault(number, _told(self._faults[number]))
                return fault
        return None


def _told(fault: Fault) -> dict[str, Any]:
    """A fault as JSON; `parse_fault` makes the same of it."""
    return fault.model_dump(by_alias=True, exclude_none=True)
