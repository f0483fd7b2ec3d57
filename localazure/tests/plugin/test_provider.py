"""The gRPC service as the engine speaks to it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from localazure.plugin.install import NotInstalled, install
from localazure.plugin.provider import Provider
from localazure.plugin.schema import Schema
from localazure.plugin.values import from_struct, to_struct
from tests.plugin.fake_arm import HOST, SECRET, FakeArm

URN = "urn:pulumi:dev::p::parent:type$azure-native:machinelearningservices:OnlineEndpoint::diabetes"
NAMES = {"resourceGroupName": "rg", "workspaceName": "ws", "endpointName": "diabetes"}
INPUTS = {**NAMES, "properties": {"authMode": "Key", "traffic": {"blue": 100}}}
CONFIG = {
    "azure-native:config:metadataHost": HOST,
    "azure-native:config:subscriptionId": "sub",
    "azure-native:config:tenantId": "adfs",
    "azure-native:config:clientId": "client",
    "azure-native:config:clientSecret": SECRET,
    "azure-native:config:location": "westeurope",
}


@pytest.fixture
def plugin(schema: Schema, fake: FakeArm) -> Iterator[Any]:
    """A client of the service, not configured yet."""
    server = grpc.server(ThreadPoolExecutor(4))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(schema, lambda _: fake), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)
    server.stop(None).wait()


@pytest.fixture
def configured(plugin: Any) -> Any:
    """A client of the configured service."""
    plugin.Configure(provider_pb2.ConfigureRequest(variables=CONFIG))
    return plugin


def check(plugin: Any, news: dict[str, Any], urn: str = URN) -> Any:
    """The answer of Check for new inputs."""
    return plugin.Check(provider_pb2.CheckRequest(urn=urn, news=to_struct(news), randomSeed=b"seed"))


def test_values_are_asked_for_in_their_plain_form(plugin: Any) -> None:
    """With no support for secrets declared, the engine unwraps and marks them itself."""
    answer = plugin.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    assert not answer.accept_secrets
    assert not answer.accept_outputs


def test_a_missing_setting_fails_the_configuration(plugin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One message names what to set, and nothing is sent anywhere."""
    for name in [name for name in os.environ if name.startswith(("ARM_", "AZURE_"))]:
        monkeypatch.delenv(name)
    with pytest.raises(grpc.RpcError, match=r"missing: azure-native:metadataHost \(or ARM_METADATA_HOSTNAME\)"):
        plugin.Configure(provider_pb2.ConfigureRequest())


def test_check_fills_in_the_location(configured: Any) -> None:
    """The provider's location goes to what has one and names none."""
    assert from_struct(check(configured, INPUTS).inputs)["location"] == "westeurope"
    assert from_struct(check(configured, {**INPUTS, "location": "here"}).inputs)["location"] == "here"


def test_check_names_what_is_wrong(configured: Any) -> None:
    """A failure carries the property's path and the reason."""
    [failure] = check(configured, {**NAMES, "properties": {"authMode": "Key", "traffic": {"blue": "x"}}}).failures
    assert failure.property == "properties.traffic.blue"
    assert failure.reason == "expected an integer, got a string"


def test_an_unknown_type_is_a_clear_error(configured: Any) -> None:
    """Not a traceback: the type's token and where to add it."""
    with pytest.raises(grpc.RpcError, match="azure-native:web:WebApp: the stand-in for azure-native does not model"):
        check(configured, {}, "urn:pulumi:dev::p::azure-native:web:WebApp::x")


def test_the_engine_compares_configurations_itself(plugin: Any) -> None:
    """So that a subscription or a secret that changed in the stack file is used; nothing is replaced for it."""
    answer = plugin.DiffConfig(provider_pb2.DiffRequest(urn=URN))
    assert answer.changes == provider_pb2.DiffResponse.DIFF_UNKNOWN
    assert ([*answer.replaces], answer.deleteBeforeReplace) == ([], False)


def test_diff_tells_kinds_and_replacements(configured: Any) -> None:
    """Detailed kinds are updates, and replacements where the input identifies the resource."""
    new = {**INPUTS, "workspaceName": "other", "properties": {"authMode": "Key", "traffic": {"green": 1}}}
    request = provider_pb2.DiffRequest(urn=URN, old_inputs=to_struct(INPUTS), news=to_struct(new))
    answer = configured.Diff(request)
    kinds = {path: provider_pb2.PropertyDiff.Kind.Name(diff.kind) for path, diff in answer.detailedDiff.items()}
    assert kinds == {
        "workspaceName": "UPDATE_REPLACE",
        "properties.traffic.blue": "DELETE",
        "properties.traffic.green": "ADD",
    }
    assert ([*answer.replaces], [*answer.diffs]) == (["workspaceName"], ["properties", "workspaceName"])
    assert answer.deleteBeforeReplace


def test_no_difference_is_said_so(configured: Any) -> None:
    """The engine then skips the update."""
    answer = configured.Diff(provider_pb2.DiffRequest(urn=URN, old_inputs=to_struct(INPUTS), news=to_struct(INPUTS)))
    assert answer.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_previews_send_nothing(configured: Any, fake: FakeArm) -> None:
    """Creation and update in a preview only compute."""
    configured.Create(provider_pb2.CreateRequest(urn=URN, properties=to_struct(INPUTS), preview=True))
    configured.Update(
        provider_pb2.UpdateRequest(urn=URN, id="i", olds=to_struct({}), news=to_struct(INPUTS), preview=True)
    )
    assert fake.log == []


def test_a_resource_lives_and_dies(configured: Any, fake: FakeArm) -> None:
    """Create, update, read, delete, read."""
    made = configured.Create(provider_pb2.CreateRequest(urn=URN, properties=to_struct(INPUTS)))
    news = {**INPUTS, "properties": {"authMode": "Key", "traffic": {"green": 100}}}
    updated = configured.Update(provider_pb2.UpdateRequest(urn=URN, id=made.id, news=to_struct(news)))
    assert from_struct(updated.properties)["properties"]["traffic"] == {"green": 100}
    read = provider_pb2.ReadRequest(urn=URN, id=made.id, inputs=to_struct(news), properties=updated.properties)
    assert from_struct(configured.Read(read).inputs) == news
    configured.Delete(provider_pb2.DeleteRequest(urn=URN, id=made.id))
    assert configured.Read(read).id == ""


def test_a_half_made_resource_is_told_to_the_engine(configured: Any, fake: FakeArm) -> None:
    """The error's details hold id and properties, so the state has what Azure has."""
    fake.operations.append({"code": "OutOfQuota", "message": "no cores"})
    with pytest.raises(grpc.RpcError, match="OutOfQuota") as raised:
        configured.Create(provider_pb2.CreateRequest(urn=URN, properties=to_struct(INPUTS)))
    trailing = dict(raised.value.trailing_metadata())  # type: ignore[attr-defined]
    partial = provider_pb2.ErrorResourceInitFailed()
    status_pb2.Status.FromString(trailing["grpc-status-details-bin"]).details[0].Unpack(partial)
    assert partial.id.endswith("/onlineEndpoints/diabetes")
    assert from_struct(partial.properties)["properties"]["traffic"] == {"blue": 100}
    assert "OutOfQuota" in partial.reasons[0]


def test_functions_answer_or_say_what_is_missing(configured: Any) -> None:
    """A 404 is an error whose text a program can read; a missing argument is a failure."""
    token = "azure-native:machinelearningservices:getOnlineEndpoint"
    with pytest.raises(grpc.RpcError, match='Status=404 Code="ResourceNotFound"'):
        configured.Invoke(provider_pb2.InvokeRequest(tok=token, args=to_struct(NAMES)))
    [failure] = configured.Invoke(
        provider_pb2.InvokeRequest(tok=token, args=to_struct({**NAMES, "endpointName": None}))
    ).failures
    assert failure.property == "endpointName"
    configured.Create(provider_pb2.CreateRequest(urn=URN, properties=to_struct(INPUTS)))
    answer = configured.Invoke(provider_pb2.InvokeRequest(tok=token, args=to_struct(NAMES)))
    assert from_struct(getattr(answer, "return"))["properties"]["traffic"] == {"blue": 100}


def test_a_cancel_ends_the_waiting(configured: Any, fake: FakeArm) -> None:
    """What was made until then is in the error's details."""
    configured.Cancel(Empty())
    with pytest.raises(grpc.RpcError, match="cancelled while waiting for Azure"):
        configured.Create(provider_pb2.CreateRequest(urn=URN, properties=to_struct(INPUTS)))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PULUMI_HOME with the stand-in."""
    home = tmp_path_factory.mktemp("pulumi-home")
    install(home)
    return home


def test_an_installation_has_the_version_of_the_sdk(home: Path, schema: Schema) -> None:
    """The engine takes a plugin of exactly this version, an executable file with a schema beside it."""
    [folder] = (home / "plugins").iterdir()
    assert folder.name == f"resource-azure-native-v{schema.version}"
    assert os.access(folder / "pulumi-resource-azure-native", os.X_OK)
    assert json.loads((folder / "schema.json").read_text())["sdk"] == schema.version


def test_a_second_installation_changes_nothing(home: Path) -> None:
    """The schema is generated again only when something it comes from has changed."""
    folder = install(home)
    written = (folder / "schema.json").stat().st_mtime_ns
    install(home)
    assert (folder / "schema.json").stat().st_mtime_ns == written
    (folder / "stamp").write_text("other")
    install(home)
    assert (folder / "schema.json").stat().st_mtime_ns != written


def test_an_installation_without_the_sdk_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a traceback."""
    monkeypatch.setattr("localazure.plugin.install._SDK", "pulumi_azure_native_missing")
    with pytest.raises(NotInstalled, match="run `uv sync`"):
        install(tmp_path)


@pytest.mark.slow
def test_the_installed_plugin_serves_from_any_folder_and_stops(
    home: Path, schema: Schema, tmp_path: Path, call_plugin: Callable[[str], Any]
) -> None:
    """It prints its port first, answers, and ends with 0 on SIGINT; a broken PYTHONPATH of the caller is no matter."""
    (tmp_path / "localazure").mkdir()
    (tmp_path / "localazure" / "__init__.py").write_text("raise RuntimeError('the package of another checkout')")
    [program] = (home / "plugins").glob("*/pulumi-resource-azure-native")
    environment = {**os.environ, "PYTHONPATH": "/nowhere"}
    process = subprocess.Popen(
        [program, "127.0.0.1:1"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as lines:
        port = int(lines.readline())
        assert call_plugin(f"127.0.0.1:{port}").version == schema.version
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0


@pytest.fixture
def call_plugin() -> Callable[[str], Any]:
    """Asks the plugin at an address who it is."""

    def ask(address: str) -> Any:
        with grpc.insecure_channel(address) as channel:
            return provider_pb2_grpc.ResourceProviderStub(channel).GetPluginInfo(Empty())  # type: ignore[no-untyped-call]

    return ask


def test_the_command_tells_where_it_installed(tmp_path: Path) -> None:
    """`python -m localazure.plugin install --home DIR` prints the plugin's folder."""
    command = [sys.executable, "-m", "localazure.plugin", "install", "--home", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).parent == tmp_path / "plugins"


def test_a_home_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    """A file where the folder should be: exit code 1, no traceback."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    command = [sys.executable, "-m", "localazure.plugin", "install", "--home", str(blocked)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("the stand-in for azure-native can't be installed: ")
    assert "Traceback" not in done.stderr
