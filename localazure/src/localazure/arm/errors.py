"""Errors in the form Azure Resource Manager gives them.

ArmError                an HTTP answer other than success: status, code, message, details
OperationFailed         an asynchronous operation ends Failed: code, message and what its status carries
"""

from collections.abc import Mapping, Sequence
from typing import Any


class ArmError(Exception):
    """An answer `{"error": {code, message[, details][, additionalInfo]}}` with an HTTP status."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Sequence[Mapping[str, Any]] = (),
        more: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = tuple(details)
        self.more = tuple(more)

    def body(self) -> dict[str, Any]:
        """The JSON envelope; `details` and `additionalInfo` (`more`) only where there are any."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = [dict(detail) for detail in self.details]
        if self.more:
            error["additionalInfo"] = [dict(each) for each in self.more]
        return {"error": error}


class OperationFailed(Exception):
    """The real work of an operation failed; `error` is what its status answers under `error`."""

    def __init__(self, code: str, message: str, **more: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.error: dict[str, Any] = {"code": code, "message": message, **more}


def resource_not_found(type_name: str, names: Sequence[str], group: str) -> ArmError:
    """The gateway's 404, e.g. `The Resource 'Microsoft.X/as/a1/bs/b1' under resource group 'g' was not found.`."""
    provider, *types = type_name.split("/")
    path = "/".join(f"{kind}/{name}" for kind, name in zip(types, names, strict=False))
    return ArmError(
        404,
        "ResourceNotFound",
        f"The Resource '{provider}/{path}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    )


def group_not_found(group: str) -> ArmError:
    """404 of a resource group."""
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")


def parent_not_found(verb: str, type_name: str, parent: str) -> ArmError:
    """404 of a nested resource whose parent is not there."""
    kind = type_name.split("/", 1)[1]
    return ArmError(
        404,
        "ParentResourceNotFound",
        f"Failed to perform '{verb}' on resource(s) of type '{kind}', "
        f"because the parent resource '{parent}' could not be found.",
    )


def subscription_not_found(subscription: str) -> ArmError:
    """404 of a subscription other than the local one."""
    return ArmError(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")


def throttled(kind: str, subscription: str, seconds: int) -> ArmError:
    """429 for who asks too often."""
    message = (
        f"Number of '{kind}' requests for subscription '{subscription}' exceeded the limit. "
        f"Please try again after '{seconds}' seconds."
    )
    return ArmError(429, "SubscriptionRequestsThrottled", message)


def not_modelled(what: str) -> ArmError:
    """400 for what Azure may have and the local Azure has not: it refuses, and names it."""
    return ArmError(
        400,
        "NotModelledLocally",
        f"The local Azure does not model {what}. localazure/DEVIATIONS.md lists what it does.",
    )


def not_modelled_because(message: str) -> ArmError:
    """400 of the same code, where one sentence has to say more."""
    return ArmError(400, "NotModelledLocally", f"{message} localazure/DEVIATIONS.md lists what is modelled.")


def invalid_content(message: str, details: Sequence[Mapping[str, Any]] = ()) -> ArmError:
    """400 for a body that is no JSON, has an unknown property or a value of the wrong type."""
    return ArmError(
        400,
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: {message}",
        details,
    )


def conflict(code: str, message: str) -> ArmError:
    """409."""
    return ArmError(409, code, message)


def unsupported_media_type(media: str) -> ArmError:
    """415, in the words that users report (Azure/azure-cli#10143)."""
    message = f"The content media type '{media}' is not supported. Only 'application/json' is supported."
    return ArmError(415, "UnsupportedMediaType", message)


def bad_request(code: str, message: str) -> ArmError:
    """400."""
    return ArmError(400, code, message)
