"""Errors of Microsoft.Network, with the codes that the service gives."""

from collections.abc import Sequence

from localazure.arm.errors import ArmError, bad_request
from localazure.store import Record


def in_use(code: str, record: Record, users: Sequence[Record]) -> ArmError:
    """400 for the deletion of what others stand on, e.g. code `InUseSubnetCannotBeDeleted`."""
    by = ", ".join(user.id for user in users)
    return bad_request(code, f"'{record.id}' is in use by {by} and cannot be deleted.")


def no_such(path: str, reference: str) -> ArmError:
    """400 for an id in a body that names nothing."""
    return bad_request(
        "InvalidResourceReference",
        f"Resource {reference} referenced by {path} was not found. "
        "Please make sure that the referenced resource exists.",
    )


def bad_format(message: str) -> ArmError:
    """400 for a value that cannot be."""
    return bad_request("InvalidRequestFormat", message)
