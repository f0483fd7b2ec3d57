"""The real engine with the stand-in: on a fake ARM inside this process, and installed, on the real local Azure."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2_grpc

from localazure.client import Ready, azure_variables
from localazure.plugin.install import install
from localazure.plugin.provider import Provider
from localazure.plugin.schema import Schema
from tests.azure.test_serve import served
from tests.plugin.engine import Engine, PulumiFailed, environment
from tests.plugin.fake_arm import HOST, SECRET, FakeArm

pytestmark = pytest.mark.slow

ESTATE = """
import pulumi
from pulumi_azure_native import machinelearningservices as ml, resources

config = pulumi.Config()
group = resources.ResourceGroup("group", resource_group_name="rg")
"""
WORKSPACE = """
workspace = ml.Workspace(
    "workspace", workspace_name="ws", resource_group_name=group.name, sku={"name": "Basic"},
    identity={"type": "SystemAssigned"},
)
"""
ENDPOINT = """
traffic = config.get_object("traffic") or {}
endpoint = ml.OnlineEndpoint(
    "diabetes", endpoint_name="diabetes", workspace_name=workspace.name, resource_group_name=group.name,
    identity={"type": "SystemAssigned"},
    properties={"auth_mode": "Key", "traffic": traffic, "mirror_traffic": {}},
)
keys = ml.list_online_endpoint_keys_output(
    endpoint_name=endpoint.name, workspace_name=workspace.name, resource_group_name=group.name
)
pulumi.export("uri", endpoint.properties.scoring_uri)
pulumi.export("key", keys.primary_key)
"""
FULL_WORKSPACE = """
from pulumi_azure_native import applicationinsights, keyvault, operationalinsights, storage

account = storage.StorageAccount(
    "account", account_name="standinaccount", resource_group_name=group.name, kind="StorageV2",
    sku={"name": "Standard_LRS"}, enable_https_traffic_only=True, allow_blob_public_access=False,
)
vault = keyvault.Vault(
    "vault", vault_name="stand-in-vault", resource_group_name=group.name,
    properties={
        "tenant_id": "00000000-0000-0000-0000-000000000001", "sku": {"name": "standard", "family": "A"},
        "enable_rbac_authorization": True,
    },
)
logs = operationalinsights.Workspace(
    "logs", workspace_name="stand-in-logs", resource_group_name=group.name, sku={"name": "PerGB2018"},
)
insights = applicationinsights.Component(
    "insights", resource_name_="stand-in-insights", resource_group_name=group.name, kind="web",
    application_type="web", workspace_resource_id=logs.id,
)
workspace = ml.Workspace(
    "workspace", workspace_name="ws", resource_group_name=group.name, sku={"name": "Basic"},
    identity={"type": "SystemAssigned"}, storage_account=account.id, key_vault=vault.id,
    application_insights=insights.id,
)
"""
STACK_FILE = f"""
config:
  azure-native:location: westeurope
  azure-native:metadataHost: {HOST}
  azure-native:subscriptionId: sub
  azure-native:tenantId: adfs
  azure-native:clientId: client
  azure-native:clientSecret: {SECRET}
"""


def project(folder: Path, program: str, stack_file: str) -> None:
    """A Pulumi project with the stack `dev`."""
    (folder / "Pulumi.yaml").write_text("name: stand-in\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_text(stack_file)
    (folder / "__main__.py").write_text(program)
    (folder / "stacks").mkdir()


@pytest.fixture
def faked(schema: Schema, fake: FakeArm, tmp_path: Path) -> Iterator[Engine]:
    """A stack with an endpoint on the fake ARM; the provider runs in this process, the engine attaches to it."""
    project(tmp_path, ESTATE + WORKSPACE + ENDPOINT, STACK_FILE)
    server = grpc.server(ThreadPoolExecutor(8))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(schema, lambda _: fake), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    attached = {"PULUMI_DEBUG_PROVIDERS": f"azure-native:{port}"}
    engine = Engine(tmp_path, environment(tmp_path / "pulumi-home", tmp_path / "stacks", attached))
    engine.init()
    yield engine
    server.stop(None).wait()


def live(fake: FakeArm) -> dict[str, object]:
    """The endpoint as the fake ARM holds it."""
    return next(resource for key, resource in fake.resources.items() if key.endswith("/onlineendpoints/diabetes"))


def test_a_shift_by_hand_is_drift_and_is_put_back(faked: Engine, fake: FakeArm) -> None:
    """Preview and update show weights per deployment; after the update Azure has what the stack says."""
    faked.config(traffic__blue="90", traffic__green="10")
    faked.up()
    faked.preview("--expect-no-changes")
    live(fake)["properties"] = {"authMode": "Key", "traffic": {"blue": 50, "green": 50}, "mirrorTraffic": {}}
    told = faked.preview("--refresh")
    assert "~ blue : 50 => 90" in told
    assert "~ green: 50 => 10" in told
    faked.up("--refresh")
    assert fake.bodies("PUT")[-1]["properties"]["traffic"] == {"blue": 90, "green": 10}


def test_a_half_made_resource_is_mended_by_the_next_update(faked: Engine, fake: FakeArm) -> None:
    """The failed operation's code is shown; the next update does not stumble over what exists."""
    fake.operations += [None, None, {"code": "OutOfQuota", "message": "not enough cores"}]
    with pytest.raises(PulumiFailed, match="OutOfQuota"):
        faked.up()
    faked.up()
    assert len(fake.resources) == 3
    faked.run("destroy", "--yes", "--skip-preview")
    assert fake.resources == {}


def test_keys_are_secrets_in_the_state(faked: Engine) -> None:
    """A stack output made of listKeys is encrypted without the program's doing."""
    faked.up()
    assert faked.outputs("--show-secrets")["key"] == "first"
    assert faked.outputs()["key"] == "[secret]"
    state = json.loads(faked.run("stack", "export"))
    assert '"first"' not in json.dumps(state)


def test_a_wrong_type_stops_the_preview_with_its_path(faked: Engine, fake: FakeArm) -> None:
    """Nothing is sent to ARM but reads."""
    faked.config(traffic__blue="all")
    with pytest.raises(PulumiFailed, match=r"property properties\.traffic\.blue .*expected an integer, got a string"):
        faked.preview()
    assert fake.bodies("PUT") == []


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Engine]:
    """A stack with an estate and an endpoint on the real local Azure, with the stand-in installed."""
    folder, state = tmp_path / "project", tmp_path / "state"
    folder.mkdir()
    project(folder, ESTATE + FULL_WORKSPACE + ENDPOINT, "config:\n  azure-native:location: westeurope\n")
    with served(state) as (_, told):
        home = state / "pulumi-home"
        install(home)
        engine = Engine(folder, environment(home, folder / "stacks", azure_variables(Ready.parse(told))))
        engine.init()
        yield engine


def test_an_estate_lives_on_the_local_azure(local: Engine) -> None:
    """Made, unchanged in preview and refresh, imported by id, unmade."""
    local.up()
    local.preview("--expect-no-changes")
    local.run("refresh", "--preview-only", "--expect-no-changes")
    uri = local.outputs()["uri"]
    assert uri.endswith("/diabetes/score")
    state = json.loads(local.run("stack", "export"))
    [endpoint] = [one for one in state["deployment"]["resources"] if one["type"].endswith(":OnlineEndpoint")]
    local.run("state", "delete", endpoint["urn"], "--yes")
    imported = ["azure-native:machinelearningservices:OnlineEndpoint", "diabetes", endpoint["id"]]
    local.run("import", *imported, "--yes", "--skip-preview", "--generate-code=false", "--protect=false")
    local.up()  # an import holds all that Azure has, with what the program leaves to it
    local.preview("--expect-no-changes")
    assert "Resources:\n    - 8 deleted" in local.run("destroy", "--yes", "--skip-preview")
