"""Which workspace, and which Azure, a command speaks to."""

from pathlib import Path
from typing import Any

import pytest

from ops.messages import UserError
from ops.project import Place, find_place
from ops.workspace import Target, find_target, point_clients, resource_manager
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
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a project, to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def stack_file(folder: Path) -> Place:
    """A stack file with a workspace."""
    return written(folder, STACK_FILE)


def written(folder: Path, text: str) -> Place:
    """A stack file of this text."""
    (folder / "Pulumi.a.yaml").write_text(text, encoding="utf-8")
    return find_place(file=folder / "Pulumi.a.yaml")


def test_the_workspace_is_the_stack_files(stack_file: Place) -> None:
    """Without options the workspace stands in the stack file and the subscription in the environment."""
    assert Target("s-1", "rg-a", "ws-a") == find_target({"ARM_SUBSCRIPTION_ID": "s-1"}, stack_file)
    assert Target("s-2", "rg-a", "ws-a") == find_target({"AZURE_SUBSCRIPTION_ID": "s-2"}, stack_file)


def test_options_win_over_the_stack_file(stack_file: Place, folder: Path) -> None:
    """A named workspace and resource group need no stack file; one of them alone replaces its part."""
    environ = {"ARM_SUBSCRIPTION_ID": "s-1"}
    assert Target("s-1", "rg-b", "ws-b") == find_target(environ, find_place("none"), "ws-b", "rg-b")
    assert Target("s-1", "rg-a", "ws-b") == find_target(environ, stack_file, "ws-b")


def test_no_subscription_says_what_to_type(stack_file: Place) -> None:
    """Without a subscription there is one message with the command for the local Azure and for Azure."""
    with pytest.raises(UserError, match=r"W005 ARM_SUBSCRIPTION_ID: nothing; .*source \.local/env"):
        find_target({}, stack_file)


def test_a_missing_stack_file_is_refused(folder: Path) -> None:
    """The stack file's own message names the file."""
    with pytest.raises(Refused, match=r"Pulumi\.none\.yaml"):
        find_target({"ARM_SUBSCRIPTION_ID": "s-1"}, find_place("none"))


def test_the_stack_files_subscription_wins_over_the_shells(folder: Path) -> None:
    """As for the engine's provider: a shell in another subscription is not asked, and none is needed."""
    place = written(folder, f"{STACK_FILE}  azure-native:subscriptionId: s-7\n")
    assert find_target({"ARM_SUBSCRIPTION_ID": "s-1"}, place) == Target("s-7", "rg-a", "ws-a")
    assert find_target({}, place) == Target("s-7", "rg-a", "ws-a")


def test_an_encrypted_subscription_is_refused(folder: Path) -> None:
    """Nobody is asked in its place: it would be another subscription's answer."""
    place = written(folder, f"{STACK_FILE}  azure-native:subscriptionId: {{secure: v1:A:B}}\n")
    with pytest.raises(UserError, match=r"W019 .*--plaintext"):
        find_target({"ARM_SUBSCRIPTION_ID": "s-1"}, place)


def test_two_names_are_enough_of_an_unfinished_stack_file(folder: Path) -> None:
    """What a deployment is made of is registered before the deployment is written."""
    place = written(folder, f"{STACK_FILE}  safe-rollout:endpoints: {{d: {{deployments: {{blue: {{}}}}}}}}\n")
    assert find_target({"ARM_SUBSCRIPTION_ID": "s-1"}, place) == Target("s-1", "rg-a", "ws-a")


def test_clients_are_pointed_at_the_stack_files_cloud(folder: Path) -> None:
    """Its cloud and tenant, in the provider's words; a local Azure describes its cloud itself."""
    text = f"{STACK_FILE}  azure-native:environment: usgovernment\n  azure-native:tenantId: t-1\n"
    environ: dict[str, str] = {}
    point_clients(environ, written(folder, text))
    assert environ == {
        "AZURE_TENANT_ID": "t-1",
        "AZUREML_CURRENT_CLOUD": "AzureUSGovernment",
        "AZURE_AUTHORITY_HOST": "https://login.microsoftonline.us",
    }
    local = dict(LOCAL)
    point_clients(local, written(folder, text))
    assert local["AZUREML_CURRENT_CLOUD"] == "LocalCloud"


def test_an_unknown_cloud_is_refused(folder: Path) -> None:
    """The words that the provider knows are shown."""
    with pytest.raises(UserError, match=r"W020 .*usgovernment"):
        point_clients({}, written(folder, f"{STACK_FILE}  azure-native:environment: moon\n"))


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
