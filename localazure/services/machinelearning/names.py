"""Type names and paths of the service, in one place."""

PROVIDER = "Microsoft.MachineLearningServices"
WORKSPACE = f"{PROVIDER}/workspaces"
DATASTORE = f"{WORKSPACE}/datastores"
ENDPOINT = f"{WORKSPACE}/onlineEndpoints"
DEPLOYMENT = f"{ENDPOINT}/deployments"
SKUS = f"{DEPLOYMENT}/skus"
STATUS = f"{PROVIDER}/locations/mfeOperationsStatus"
RESULTS = f"{PROVIDER}/locations/mfeOperationResults"
ASSETS = ("models", "environments", "codes")


def container(kind: str) -> str:
    """Type of an asset's container, e.g. of `models`."""
    return f"{WORKSPACE}/{kind}"


def version(kind: str) -> str:
    """Type of an asset's version."""
    return f"{WORKSPACE}/{kind}/versions"
