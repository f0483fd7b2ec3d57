"""Which workspace, and which Azure, a command speaks to."""

from pathlib import Path
from typing import Any

import pytest

from ops.messages import UserError
from ops.register.workspace import Target, find_target, resource_manager
from settings.refusal import Refused

STACK_FILE = """\
config:
  azure-native:location: westeurope
  safe-rollout:workspace: {name: ws-a, resourceGroup: rg-a}
  safe-rollout:registry: {name: acraaaa}
"""
LOCAL = {
    "AZUREML_CURRENT_CLOUD": "LocalCloud",
    "ARM_CLOUD_METADATA_URL": "https://127.0.0.1:1/metadata/endpoints?api-version=2019-05-01",
}
METADATA: list[dict[str, Any]] = [{"name": "LocalCloud", "resourceManager": "https://127.0.0.1:1/"}]


@pytest.fixture
def stack_file(tmp_path: Path) -> Path:
    """A stack file with a workspace."""
    path = tmp_path / "Pulumi.a.yaml"
    path.write_text(STACK_FILE)
    return path


def test_the_workspace_is_the_stack_files(stack_file: Path) -> None:
    """Without options the workspace stands in the stack file and the subscription in the environment."""
    assert Target("s-1", "rg-a", "ws-a") == find_target({"ARM_SUBSCRIPTION_ID": "s-1"}, stack_file)
    assert Target("s-2", "rg-a", "ws-a") == find_target({"AZURE_SUBSCRIPTION_ID": "s-2"}, stack_file)


def test_options_win_over_the_stack_file(stack_file: Path, tmp_path: Path) -> None:
    """A named workspace and resource group need no stack file; one of them alone replaces its part."""
    environ = {"ARM_SUBSCRIPTION_ID": "s-1"}
    assert Target("s-1", "rg-b", "ws-b") == find_target(environ, tmp_path / "none", "ws-b", "rg-b")
    assert Target("s-1", "rg-a", "ws-b") == find_target(environ, stack_file, "ws-b")
    assert Target("s-9", "rg-a", "ws-a") == find_target(environ, stack_file, subscription="s-9")


def test_no_subscription_says_what_to_type(stack_file: Path) -> None:
    """Without a subscription there is one message with the command for the local Azure and for Azure."""
    with pytest.raises(UserError, match=r"W005 ARM_SUBSCRIPTION_ID: nothing; .*source \.local/env"):
        find_target({}, stack_file)


def test_a_missing_stack_file_is_refused(tmp_path: Path) -> None:
    """The stack file's own message names the file."""
    with pytest.raises(Refused, match=r"Pulumi\.none\.yaml"):
        find_target({"ARM_SUBSCRIPTION_ID": "s-1"}, tmp_path / "Pulumi.none.yaml")


def test_the_default_is_the_public_azure() -> None:
    """With nothing set it is Azure's public cloud; its sovereign ones go by their names."""
    assert resource_manager({}) == "https://management.azure.com"
    assert resource_manager({"AZUREML_CURRENT_CLOUD": "AzureChinaCloud"}) == "https://management.chinacloudapi.cn"


def test_a_local_cloud_is_found_by_its_name() -> None:
    """The metadata, a list or a single cloud, tells where a named cloud is managed."""
    assert resource_manager(LOCAL, lambda _: METADATA) == "https://127.0.0.1:1"
    assert resource_manager(LOCAL, lambda _: METADATA[0]) == "https://127.0.0.1:1"


@pytest.mark.parametrize(
    ("environ", "found", "message"),
    [
        (LOCAL, [], "W007 AZUREML_CURRENT_CLOUD: LocalCloud"),
        (LOCAL, [{"name": "Other", "resourceManager": "https://management.azure.com"}], "W007"),
        ({"AZUREML_CURRENT_CLOUD": "LocalCloud"}, METADATA, "W007 .*not set"),
        ({"ARM_CLOUD_METADATA_URL": LOCAL["ARM_CLOUD_METADATA_URL"]}, METADATA, "W006 AZUREML_CURRENT_CLOUD: nothing"),
    ],
)
def test_a_local_cloud_never_becomes_the_public_one(environ: dict[str, str], found: Any, message: str) -> None:
    """What is meant for a local Azure is refused, and does not reach Azure, where the local one is not found."""
    with pytest.raises(UserError, match=message):
        resource_manager(environ, lambda _: found)


def test_metadata_that_can_not_be_read_is_one_message() -> None:
    """A local Azure that does not answer is refused with what to type; plain http too."""
    with pytest.raises(UserError, match=r"W009 .*'rollout local start'"):
        resource_manager(LOCAL)
    with pytest.raises(UserError, match="W008"):
        resource_manager({**LOCAL, "ARM_CLOUD_METADATA_URL": "http://127.0.0.1:1/"})
