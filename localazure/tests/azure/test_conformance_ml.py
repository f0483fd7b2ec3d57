"""azure-mgmt-machinelearningservices, the generated client, against the local Azure: PATCH, pages and lists too."""

import ssl
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError

from localazure.testing.client import CONDA
from tests.azure.test_conformance import names
from tests.azure.threaded import GROUP, PLACE, Cloud, bodies, threaded

# the package's own docstrings; where its byte code is not kept they warn
pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence:DeprecationWarning")
WHERE = (GROUP, "ws")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A local Azure with a workspace and what it stands on."""
    with threaded(tmp_path_factory.mktemp("state")) as found:
        headers = {"authorization": f"Bearer {found.token}"}
        verify = ssl.create_default_context(cafile=found.files.ca)
        with httpx2.Client(base_url=found.url, headers=headers, verify=verify, trust_env=False) as http:
            for path, body in bodies(found).items():
                assert http.put(path, params={"api-version": "2023-04-01"}, json=body).is_success
        yield found


@pytest.fixture(scope="module")
def client(cloud: Cloud) -> Any:
    """The generated client."""
    from azure.mgmt.machinelearningservices import MachineLearningServicesMgmtClient

    return cloud.client(MachineLearningServicesMgmtClient)


@pytest.fixture(scope="module")
def assets(client: Any) -> dict[str, str]:
    """Ids of a model, an environment and a code version."""
    from azure.mgmt.machinelearningservices import models

    uri = f"azureml:/{client.workspaces.get(*WHERE).id}/datastores/workspaceblobstore/paths/LocalUpload/ab/model"
    model = models.ModelVersion(properties=models.ModelVersionProperties(model_uri=uri))
    for version in ("1", "2", "3"):
        made = client.model_versions.create_or_update(*WHERE, "m", version, model)
    conda = models.EnvironmentVersionProperties(image="mcr.microsoft.com/base:1", conda_file=CONDA)
    body = models.EnvironmentVersion(properties=conda)
    environment = client.environment_versions.create_or_update(*WHERE, "e", "1", body)
    code = models.CodeVersion(properties=models.CodeVersionProperties(code_uri=uri))
    return {
        "model": made.id,
        "environment_id": environment.id,
        "code": client.code_versions.create_or_update(*WHERE, "c", "1", code).id,
    }


def test_workspace(client: Any) -> None:
    """Read, patched, listed in the group and in the subscription; a missing one is ResourceNotFoundError."""
    from azure.mgmt.machinelearningservices import models

    patch = models.WorkspaceUpdateParameters(tags={"a": "b"}, friendly_name="Mine")
    patched = client.workspaces.begin_update(*WHERE, patch).result()
    assert (patched.tags, patched.friendly_name) == ({"a": "b"}, "Mine")
    assert names(client.workspaces.list_by_resource_group(GROUP)) == ["ws"]
    assert names(client.workspaces.list_by_subscription()) == ["ws"]
    with pytest.raises(ResourceNotFoundError):
        client.workspaces.get(GROUP, "none")


def test_assets(client: Any, assets: dict[str, str]) -> None:
    """Versions are listed in pages, newest first; what they consist of never changes; containers tell the next one."""
    from azure.mgmt.machinelearningservices import models

    assert [each.name for each in client.model_versions.list(*WHERE, "m", top=2)] == ["3", "2", "1"]
    assert client.model_versions.get(*WHERE, "m", "2").properties.provisioning_state == "Succeeded"
    container = client.model_containers.get(*WHERE, "m").properties
    assert (container.latest_version, container.next_version) == ("3", "4")
    other = assets["model"].rpartition("/models/")[0]
    uri = f"azureml:/{other}/datastores/workspaceblobstore/paths/LocalUpload/cd/model"
    body = models.ModelVersion(properties=models.ModelVersionProperties(model_uri=uri))
    with pytest.raises(ResourceExistsError):
        client.model_versions.create_or_update(*WHERE, "m", "1", body)
    client.model_versions.delete(*WHERE, "m", "1")
    with pytest.raises(ResourceNotFoundError):
        client.model_versions.get(*WHERE, "m", "1")
    assert names(client.model_containers.list(*WHERE)) == ["m"]
    assert names(client.environment_containers.list(*WHERE)) == ["e"]
    assert names(client.code_containers.list(*WHERE)) == ["c"]


def test_datastores_and_computes(client: Any) -> None:
    """The workspace's own datastore, its secrets; no compute."""
    assert names(client.datastores.list(*WHERE)) == ["workspaceblobstore"]
    assert client.datastores.list_secrets(*WHERE, "workspaceblobstore").secrets_type == "Sas"
    assert list(client.compute.list(*WHERE)) == []


def test_endpoints_and_deployments(client: Any, assets: dict[str, str]) -> None:
    """Created, patched, scaled, listed in pages and by what they are, their keys, SKUs and logs; deleted."""
    from azure.mgmt.machinelearningservices import models

    endpoints, deployments = client.online_endpoints, client.online_deployments
    properties = models.OnlineEndpointProperties(auth_mode="Key")
    identity = models.ManagedServiceIdentity(type="SystemAssigned")
    for name in ("one", "two", "three"):
        body = models.OnlineEndpoint(location=PLACE, identity=identity, properties=properties, tags={"n": name})
        endpoints.begin_create_or_update(*WHERE, f"{name}-endpoint", body).result()
    assert len(list(endpoints.list(*WHERE, count=1))) == 3
    assert names(endpoints.list(*WHERE, name="two-endpoint")) == names(endpoints.list(*WHERE, tags="n=two"))
    patch = models.PartialMinimalTrackedResourceWithIdentity(tags={"a": "b"})
    assert endpoints.begin_update(*WHERE, "one-endpoint", patch).result().tags == {"a": "b"}

    runs = models.ManagedOnlineDeployment(
        model=assets["model"],
        environment_id=assets["environment_id"],
        code_configuration=models.CodeConfiguration(code_id=assets["code"], scoring_script="score.py"),
        instance_type="Standard_DS3_v2",
    )
    sku = models.Sku(name="Default", capacity=1)
    for name in ("blue", "green"):
        body = models.OnlineDeployment(location=PLACE, properties=runs, sku=sku)
        deployments.begin_create_or_update(*WHERE, "one-endpoint", name, body).result()
    assert [each.name for each in deployments.list(*WHERE, "one-endpoint", order_by="CreatedAtAsc", top=1)] == [
        "blue",
        "green",
    ]
    scale = models.PartialMinimalTrackedResourceWithSku(sku=models.PartialSku(capacity=3), tags={"c": "d"})
    scaled = deployments.begin_update(*WHERE, "one-endpoint", "blue", scale).result()
    assert (scaled.sku.capacity, scaled.tags) == (3, {"c": "d"})
    assert [each.capacity.maximum for each in deployments.list_skus(*WHERE, "one-endpoint", "blue")] == [50]
    logs = deployments.get_logs(*WHERE, "one-endpoint", "blue", models.DeploymentLogsRequest(tail=10))
    assert "line 5" in logs.content

    before = endpoints.list_keys(*WHERE, "one-endpoint")
    again = models.RegenerateEndpointKeysRequest(key_type="Primary")
    endpoints.begin_regenerate_keys(*WHERE, "one-endpoint", again).result()
    after = endpoints.list_keys(*WHERE, "one-endpoint")
    assert (before.primary_key != after.primary_key, before.secondary_key == after.secondary_key) == (True, True)
    with pytest.raises(HttpResponseError, match="it has no tokens"):
        endpoints.get_token(*WHERE, "one-endpoint")
    deployments.begin_delete(*WHERE, "one-endpoint", "green").result()
    assert names(deployments.list(*WHERE, "one-endpoint")) == ["blue"]
    for name in ("one", "two", "three"):
        endpoints.begin_delete(*WHERE, f"{name}-endpoint").result()
    assert names(endpoints.list(*WHERE)) == []
