"""What a deployment names: of the workspace or of a registry, with code or without; what can't be served is said."""

from pathlib import Path
from typing import Any

import pytest

from localazure.testing.client import CONDA, LOCATION, Arm

pytestmark = pytest.mark.anyio
REGISTRY = "Microsoft.MachineLearningServices/registries"
MLMODEL = "flavors: {python_function: {env: {conda: conda.yaml}, loader_module: mlflow.sklearn}}\n"


@pytest.fixture
async def made(estate: Arm) -> Arm:
    """An estate with registered assets and an endpoint."""
    await estate.register()
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body())
    return estate


async def refused(arm: Arm, **properties: Any) -> tuple[str, str]:
    """Code and message of a deployment that is refused at once, and is not there afterwards."""
    answer = await arm.call("PUT", arm.deployment("blue"), arm.deployment_body(**properties))
    assert answer.status_code == 400, answer.text
    assert (await arm.call("GET", arm.deployment("blue"))).status_code == 404
    return answer.json()["error"]["code"], answer.json()["error"]["message"]


async def register(arm: Arm, kind: str, name: str, holder: str = "", **properties: Any) -> str:
    """Register version 1; its id."""
    path = f"{holder or arm.workspace}/{kind}/{name}/versions/1"
    answer = await arm.call("PUT", path, {"properties": properties})
    assert answer.status_code == 201, answer.text
    return path


async def model(arm: Arm, kind: str, files: dict[str, str], name: str = "model") -> str:
    """A model version of some files."""
    arm.blobs.files[f"upload-m/{name}"] = {path: text.encode() for path, text in files.items()}
    return await register(arm, "models", name, modelUri=f"{arm.blobs.url}/upload-m/{name}", modelType=kind)


async def test_an_mlflow_model_needs_no_code_and_no_environment(made: Arm) -> None:
    """It is served in the environment that its own folder names, by a script of the local Azure."""
    files = {"MLmodel": MLMODEL, "conda.yaml": "dependencies: [{pip: [mlflow]}]"}
    given = await model(made, "mlflow_model", files)
    body = made.deployment_body(model=given)
    for name in ("codeConfiguration", "environmentId"):
        del body["properties"][name]
    shown = (await made.done("PUT", made.deployment("blue"), body)).json()["properties"]
    assert (shown["provisioningState"], shown["codeConfiguration"], shown["environmentId"]) == ("Succeeded", None, None)
    plan = made.serving.plans["diabetes", "blue"]
    assert (plan.mlflow, plan.conda_file) == (True, files["conda.yaml"])
    assert (plan.code_dir / plan.entry_script).is_file()


async def test_an_mlflow_model_in_an_environment_of_ones_own(made: Arm) -> None:
    """The environment that is named goes before the model's."""
    given = await model(made, "mlflow_model", {"MLmodel": MLMODEL, "conda.yaml": "x"})
    mine = await register(made, "environments", "mine", image="i", condaFile="dependencies: [{pip: [mlflow==3]}]")
    body = made.deployment_body(model=given, codeConfiguration=None, environmentId=mine)
    await made.done("PUT", made.deployment("blue"), body)
    assert made.serving.plans["diabetes", "blue"].conda_file == "dependencies: [{pip: [mlflow==3]}]"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"other.txt": ""}, "has no file MLmodel"),
        ({"MLmodel": "flavors: {sklearn: {}}"}, "no flavour python_function"),
        ({"MLmodel": MLMODEL}, "no file 'conda.yaml'"),
        ({"MLmodel": "flavors: {python_function: {env: ../../x}}"}, "no file '../../x'"),
        ({"MLmodel": "flavors: null"}, "no flavour python_function"),
        ({"MLmodel": "- flavors"}, "no flavour python_function"),
        ({"MLmodel": "flavors: [b"}, "MLmodel is no YAML: "),
        ({"MLmodel": "flavors: {python_function: {env: {virtualenv: python_env.yaml}}}"}, "no file 'conda.yaml'"),
    ],
)
async def test_an_mlflow_model_that_is_none_fails_late(made: Arm, files: dict[str, str], says: str) -> None:
    """What is in the folder is seen when it is copied; the failure says what is missing."""
    body = made.deployment_body(model=await model(made, "mlflow_model", files), codeConfiguration=None)
    del body["properties"]["environmentId"]
    ended = (await made.done("PUT", made.deployment("blue"), body)).json()
    assert ended["status"] == "Failed"
    assert says in ended["error"]["message"]


@pytest.mark.parametrize(
    "described",
    [
        "flavors: {python_function: {env: conda.yaml, loader_module: mlflow.sklearn, python_version: 3.7.11}}",  # 1.x
        "flavors:\n  python_function:\n    env:\n      conda: conda.yaml\n      virtualenv: python_env.yaml\n",  # 2.x
        "flavors: {python_function: {loader_module: mlflow.lightgbm}}\nsignature: null",
        "\ufeffflavors: {python_function: {env: conda.yaml}}\r\n",
    ],
)
async def test_mlmodel_files_of_several_versions(made: Arm, described: str) -> None:
    """The environment is found as mlflow 1, 2 and 3 write it down, and where nothing is written."""
    files = {"sub/MLmodel": described, "sub/conda.yaml": "dependencies: [{pip: [mlflow]}]", "a.txt": ""}
    body = made.deployment_body(model=await model(made, "mlflow_model", files), codeConfiguration=None)
    del body["properties"]["environmentId"]
    await made.done("PUT", made.deployment("blue"), body)
    assert made.serving.plans["diabetes", "blue"].conda_file == files["sub/conda.yaml"]


async def test_an_mlflow_model_that_is_no_utf_8_says_so(made: Arm) -> None:
    """The failure names the file."""
    made.blobs.files["upload-m/model"] = {"MLmodel": MLMODEL.encode(), "conda.yaml": "name: é".encode("latin-1")}
    given = await register(made, "models", "m", modelUri=f"{made.blobs.url}/upload-m/model", modelType="mlflow_model")
    body = made.deployment_body(model=given, codeConfiguration=None)
    del body["properties"]["environmentId"]
    ended = (await made.done("PUT", made.deployment("blue"), body)).json()
    assert (ended["status"], "'conda.yaml' is no UTF-8" in ended["error"]["message"]) == ("Failed", True)


@pytest.mark.parametrize(
    ("kind", "says"), [("custom_model", "environment's container image"), ("triton_model", "Triton models")]
)
async def test_servers_in_images_are_not_modelled(made: Arm, kind: str, says: str) -> None:
    """A deployment without code that is no MLflow model is told as what it is."""
    code, message = await refused(made, model=await model(made, kind, {}), codeConfiguration=None)
    assert (code, says in message) == ("NotModelledLocally", True)


async def test_an_image_alone_is_not_modelled(made: Arm) -> None:
    """With code or an MLflow model in it: no container is run here."""
    image = await register(made, "environments", "image", image="mcr.microsoft.com/base:1")
    assert (await refused(made, environmentId=image))[0] == "NotModelledLocally"
    given = await model(made, "mlflow_model", {})
    assert (await refused(made, environmentId=image, codeConfiguration=None, model=given))[0] == "NotModelledLocally"


async def test_what_azure_refuses_too_is_a_slip(made: Arm) -> None:
    """Code without an environment, and neither code, environment nor MLflow model, are BadArgument."""
    assert (await refused(made, environmentId=None))[0] == "BadArgument"
    assert (await refused(made, environmentId=None, codeConfiguration=None))[0] == "BadArgument"
    bare = await register(made, "environments", "bare", image="i", condaFile="dependencies: [python=3.11]")
    assert "do not have azureml-inference-server-http" in (await refused(made, environmentId=bare))[1]


@pytest.mark.parametrize(
    ("variables", "code", "says"),
    [
        ({"A=B": "x"}, "BadArgument", "the name 'A=B'"),
        ({"": "x"}, "BadArgument", "the name ''"),
        ({"A\0": "x"}, "BadArgument", "the name 'A\\x00'"),
        ({"A": "a\0b"}, "BadArgument", "environmentVariables.A: the value must not have a NUL"),
        ({"A": "x" * 131_070}, "BadArgument", "environmentVariables.A: name and value are 131070 bytes"),
        ({"A": "${{keyvault:https://v/secrets/s}}"}, "NotModelledLocally", "variable 'A'"),
        ({"A": "${{azureml://connections/c/target}}"}, "NotModelledLocally", "injection of secrets"),
    ],
)
async def test_variables_that_no_process_can_have(made: Arm, variables: dict[str, str], code: str, says: str) -> None:
    """Each is 400 and named, before anything is begun."""
    told = await refused(made, environmentVariables=variables)
    assert (told[0], says in told[1]) == (code, True), told[1]


@pytest.mark.parametrize(
    "script",
    ["", "../score.py", "/etc/passwd", "a/../../x.py", "a//b.py", "C:\\src\\score.py", "s\0.py", "s.py\n", "s" * 256],
)
async def test_a_script_is_a_file_of_the_code(made: Arm, script: str) -> None:
    """What leads elsewhere is 400 at once, and not a container that ends with another error first."""
    code = {"codeId": f"{made.workspace}/codes/a/versions/1", "scoringScript": script}
    told = await refused(made, codeConfiguration=code)
    assert (told[0], "no file of the code's folder" in told[1]) == ("BadArgument", True)


@pytest.mark.parametrize("script", ["./score.py", "onlinescoring/score.py", "mein skript.py"])
async def test_a_script_below_the_code(made: Arm, script: str) -> None:
    """In a folder of it, as Microsoft's samples have it."""
    code = {"codeId": f"{made.workspace}/codes/a/versions/1", "scoringScript": script}
    await made.done("PUT", made.deployment("blue"), made.deployment_body(codeConfiguration=code))
    assert made.serving.plans["diabetes", "blue"].entry_script == script


async def test_a_conda_file_is_read_when_it_is_registered(estate: Arm) -> None:
    """A slip is 400 by its place, a package that no index has NotModelledLocally; nothing is kept of either."""
    path = f"{estate.workspace}/environments/e/versions/1"
    for text, code in (("dependencies: [{pip: }]", "BadArgument"), ("dependencies: [r-base]", "NotModelledLocally")):
        answer = await estate.call("PUT", path, {"properties": {"image": "i", "condaFile": text}})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
        assert (await estate.call("GET", path)).status_code == 404


async def test_an_environment_whose_packages_are_not_to_be_had_is_not_registered(estate: Arm) -> None:
    """It is 400 with the reason, and nothing is kept; one that is there already is not asked for again."""
    path = f"{estate.workspace}/environments/e/versions/1"
    body = {"properties": {"image": "i", "condaFile": "dependencies: [{pip: [numpy==9]}]"}}
    estate.serving.not_had = {"numpy==9"}
    answer = await estate.call("PUT", path, body)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "There is no numpy==9.")
    assert (await estate.call("GET", path)).status_code == 404
    estate.serving.not_had = set()
    assert (await estate.call("PUT", path, body)).status_code == 201
    estate.serving.not_had = {"numpy==9"}
    assert (await estate.call("PUT", path, body)).status_code == 200


@pytest.mark.parametrize("files", [{"model": b"1"}, {"model": b"1", "other": b"2"}, {"model/model": b"1"}])
async def test_a_folder_stays_a_folder(made: Arm, files: dict[str, bytes]) -> None:
    """Also one whose only file has its name; a model that is a file is that file."""
    made.blobs.files["upload-m/model"] = files
    given = await register(made, "models", "m", modelUri=f"{made.blobs.url}/upload-m/model")
    await made.done("PUT", made.deployment("blue"), made.deployment_body(model=given))
    top = made.serving.plans["diabetes", "blue"].model_dir
    assert {str(path.relative_to(top)) for path in top.rglob("*") if path.is_file()} == {f"model/{f}" for f in files}


async def test_a_model_that_is_one_file(made: Arm) -> None:
    """It lies at the top, under its own name."""
    made.blobs.files["upload-m/model.pkl"] = {"": b"1"}
    given = await register(made, "models", "m", modelUri=f"{made.blobs.url}/upload-m/model.pkl")
    await made.done("PUT", made.deployment("blue"), made.deployment_body(model=given))
    assert (made.serving.plans["diabetes", "blue"].model_dir / "model.pkl").read_bytes() == b"1"


async def registry(arm: Arm, name: str = "shared") -> str:
    """An empty registry; its id."""
    body = {"location": LOCATION, "properties": {"regionDetails": [{"location": LOCATION}]}}
    answer = await arm.call("PUT", arm.of(REGISTRY, name), body)
    assert answer.status_code == 201, answer.text
    return arm.of(REGISTRY, name)


@pytest.mark.parametrize("end", ["versions/1", "labels/latest"])
async def test_assets_of_a_registry_are_found_by_its_name(made: Arm, end: str) -> None:
    """Model, environment and code of a local registry are served like the workspace's own."""
    holder = await registry(made)
    where = "azureml://registries/shared"
    for kind, properties in {
        "models": {"modelUri": f"{made.blobs.url}/upload-r/model"},
        "environments": {"image": "i", "condaFile": CONDA},
        "codes": {"codeUri": f"{made.blobs.url}/upload-r/code"},
    }.items():
        await register(made, kind, "r", holder, **properties)
    code = {"codeId": f"{where}/codes/r/{end}", "scoringScript": "score.py"}
    named = {"model": f"{where}/models/r/{end}", "environmentId": f"{where}/environments/r/{end}"}
    body = made.deployment_body(**named, codeConfiguration=code)
    shown = (await made.done("PUT", made.deployment("blue"), body)).json()["properties"]
    assert (shown["provisioningState"], shown["model"]) == ("Succeeded", named["model"])
    plan = made.serving.plans["diabetes", "blue"]
    assert plan.model_dir.parts[-4:] == ("registry-shared", "azureml-models", "r", "1")
    assert isinstance(plan.code_dir, Path)
    listed = (await made.call("GET", f"{holder}/models/r/versions")).json()["value"]
    assert [each["id"] for each in listed] == [f"{holder}/models/r/versions/1"]
    uploads = await made.call("POST", f"{holder}/models/r/versions/2/startPendingUpload", {})
    assert uploads.json()["blobReferenceForConsumption"]["blobUri"].startswith(made.blobs.url)


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("azureml://registries/azureml/environments/sklearn-1.5/versions/9", "NotModelledLocally"),
        ("AZUREML://REGISTRIES/azureml/ENVIRONMENTS/x/LABELS/latest", "NotModelledLocally"),
        ("azureml://registries/../environments/e/versions/1", "NotModelledLocally"),
        ("azureml://registries//environments/e/versions/1", "BadArgument"),
        ("azureml://registries/shared/environments/e/versions/1/", "BadArgument"),
        ("azureml://registries/shared/environments/e/versions/../../e/versions/1", "BadArgument"),
        ("azureml:e:1", "BadArgument"),
        ("azureml:e@latest", "BadArgument"),
        ("azureml://environments/e/versions/1", "BadArgument"),
        ("https://x/y", "BadArgument"),
        ("azureml://registries/shared/environments/none/versions/1", "BadArgument"),
        ("azureml://registries/shared/environments/e/labels/other", "BadArgument"),
        ("azureml://registries/shared/models/e/versions/1", "BadArgument"),
        ("azureml://registries/shared/environments/e", "BadArgument"),
    ],
)
async def test_registries_that_are_not_here_are_told_as_such(made: Arm, reference: str, code: str) -> None:
    """Microsoft's own registries are not modelled; a local one that has not this asset is a slip."""
    await register(made, "environments", "e", await registry(made), image="i", condaFile=CONDA)
    told = await refused(made, environmentId=reference)
    assert (told[0], reference in told[1]) == (code, True)


async def test_data_assets_are_kept(estate: Arm) -> None:
    """As the SDK registers them before a deployment that collects data; a version never changes."""
    path = f"{estate.workspace}/data/e-blue-model_inputs/versions/1"
    uri = f"azureml:/{estate.workspace}/datastores/workspaceblobstore/paths/modelDataCollector/e/blue/model_inputs"
    body = {"properties": {"dataType": "uri_folder", "dataUri": uri}}
    assert (await estate.call("PUT", path, body)).status_code == 201
    assert (await estate.call("GET", path)).json()["properties"]["dataUri"] == uri
    other = {"properties": {"dataType": "uri_folder", "dataUri": f"{uri}2"}}
    assert (await estate.call("PUT", path, other)).status_code == 409


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["3", "1"]),
        ({"listViewType": "ArchivedOnly"}, ["2"]),
        ({"listViewType": "all", "$orderBy": "createdtime asc"}, ["1", "2", "3"]),
        ({"$orderBy": "createdtime desc", "$top": "1"}, ["3"]),
        ({"tags": "team=a"}, ["1"]),
        ({"tags": "team"}, ["3", "1"]),
    ],
)
async def test_versions_are_listed_as_asked(estate: Arm, query: dict[str, str], expected: list[str]) -> None:
    """Archived ones apart, by tag, by version, and in the order asked for."""
    path = f"{estate.workspace}/models/m/versions"
    for version, team in (("1", "a"), ("2", "b"), ("3", "b")):
        properties = {
            "modelUri": f"{estate.blobs.url}/upload-m/m",
            "tags": {"team": team},
            "isArchived": version == "2",
        }
        await estate.call("PUT", f"{path}/{version}", {"properties": properties})
        estate.clock.turn(1)
    listed = (await estate.call("GET", path, **query)).json()["value"]
    assert [each["name"] for each in listed] == expected


@pytest.mark.parametrize("query", [{"listViewType": "some"}, {"$orderBy": "name"}, {"$orderBy": "createdtime up"}])
async def test_a_list_that_nobody_knows_is_refused(estate: Arm, query: dict[str, str]) -> None:
    """A word that is none of the list's is 400, with those that are."""
    answer = await estate.call("GET", f"{estate.workspace}/models", **query)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidQueryParameter")
