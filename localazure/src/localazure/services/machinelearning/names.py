"""Type names and paths of the service, in one place."""

PROVIDER = "Microsoft.MachineLearningServices"
WORKSPACE = f"{PROVIDER}/workspaces"
REGISTRY = f"{PROVIDER}/registries"
DATASTORE = f"{WORKSPACE}/datastores"
ENDPOINT = f"{WORKSPACE}/onlineEndpoints"
DEPLOYMENT = f"{ENDPOINT}/deployments"
SKUS = f"{DEPLOYMENT}/skus"
STATUS = f"{PROVIDER}/locations/mfeOperationsStatus"
RESULTS = f"{PROVIDER}/locations/mfeOperationResults"
ASSETS = {"models": "model", "environments": "environment", "codes": "code", "data": "data"}
REGISTRY_ASSETS = ("models", "environments", "codes")


def container(kind: str, holder: str = WORKSPACE) -> str:
    """Type of an asset's container, e.g. of `models`, in a workspace or a registry."""
    return f"{holder}/{kind}"


def version(kind: str, holder: str = WORKSPACE) -> str:
    """Type of an asset's version."""
    return f"{container(kind, holder)}/versions"
