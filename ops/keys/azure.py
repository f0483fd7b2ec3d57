"""The keys of a workspace's endpoints in Azure, by azure-ai-ml."""

from azure.ai.ml import MLClient
from azure.core.exceptions import ResourceNotFoundError
from azure.identity import DefaultAzureCredential

from ops.keys.model import Key
from ops.register.azure_assets import check_names, told
from ops.workspace import Target


class AzureKeys:
    """The keys of one workspace's endpoints. Every method raises UserError where Azure says no."""

    def __init__(self, target: Target) -> None:
        check_names(target)
        self._target = target
        with told(target):
            where = (target.subscription, target.resource_group, target.workspace)
            self._ml = MLClient(DefaultAzureCredential(), *where, show_progress=False, enable_telemetry=False)

    def auth(self, endpoint: str) -> str | None:
        """How callers sign in; None: no such endpoint."""
        with told(self._target):
            self._ml.workspaces.get(self._target.workspace)  # a missing workspace is another message
            try:
                return str(self._ml.online_endpoints.get(endpoint).auth_mode)
            except ResourceNotFoundError:
                return None

    def regenerate(self, endpoint: str, key: Key) -> None:
        """Replace it, and wait until the new one is in force."""
        with told(self._target):
            self._ml.online_endpoints.begin_regenerate_keys(endpoint, key_type=key.value).result()

    def value(self, endpoint: str, key: Key) -> str:
        """The key itself."""
        with told(self._target):
            both = self._ml.online_endpoints.get_keys(endpoint)
        return str(both.primary_key if key is Key.PRIMARY else both.secondary_key)
