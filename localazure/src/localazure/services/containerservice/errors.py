"""Errors of Microsoft.ContainerService, with the codes that the service gives."""

from localazure.arm.errors import ArmError, bad_request, conflict


def invalid(path: str, message: str) -> ArmError:
    """400 for a value that cannot be."""
    return bad_request("InvalidParameter", f"The value of parameter {path} is invalid. Error details: {message}")


def fixed(path: str) -> ArmError:
    """400 for what was fixed at creation (reported: Azure/azure-cli#24764, Azure/AKS#409)."""
    return bad_request("PropertyChangeNotAllowed", f"Changing property '{path}' is not allowed.")


def new_pool(names: str) -> ArmError:
    """400 for a pool that a cluster's PUT would add (recorded in public: Pulumi's issue 168)."""
    return bad_request(
        "BadRequest",
        f"A new agent pool was introduced ({names}). Adding agent pools to an existing cluster is not allowed through "
        "managed cluster operations. For agent pool specific change, please use per agent pool operations.",
    )


def last_pool() -> ArmError:
    """409 for the deletion of what a cluster cannot be without."""
    return conflict("OperationNotAllowed", "There has to be at least one system agent pool.")
