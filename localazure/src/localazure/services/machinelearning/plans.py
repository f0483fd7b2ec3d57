"""From documents to what the serving side is asked for: local copies of assets, and plans."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from localazure.arm.errors import ArmError
from localazure.services.machinelearning import limits, mlflow, names
from localazure.services.machinelearning.blobs import blob_of_uri
from localazure.services.machinelearning.context import MachineLearning
from localazure.services.machinelearning.references import asset_of
from localazure.services.machinelearning.workspaces import containers
from localazure.serving.contract import DeploymentPlan, Probe, Reading, RoutePlan
from localazure.store import Record


async def deployment_plan(ml: MachineLearning, deployment: Record) -> DeploymentPlan:
    """The plan of a stored deployment; copies its model and code from the blobs if they are not here yet."""
    endpoint = deployment.above.rsplit("/", 1)[1]
    workspace = ml.azure.store.get(deployment.above.split("/onlineEndpoints/")[0])
    if workspace is None:
        raise ArmError(404, "NotFound", f"The workspace of deployment '{deployment.name}' is gone.")
    properties = deployment.properties
    model_dir = await _model_dir(ml, workspace, properties["model"])
    program = await _program(ml, workspace, properties, model_dir)
    requests = properties["requestSettings"]
    timeout = limits.milliseconds(requests["requestTimeout"], "requestSettings.requestTimeout")
    return DeploymentPlan(
        endpoint=endpoint,
        name=deployment.name,
        instances=deployment.document.get("sku", {}).get(
            "capacity", properties["scaleSettings"].get("minInstances", 1)
        ),
        model_dir=model_dir,
        **program,
        variables=properties["environmentVariables"],
        request_timeout_ms=timeout or 5_000,
        max_concurrent=requests["maxConcurrentRequestsPerInstance"],
        liveness=_probe(properties.get("livenessProbe")),
        readiness=_probe(properties.get("readinessProbe")),
        notes=_notes(deployment),
    )


def route_plan(ml: MachineLearning, endpoint: Record, routed: Mapping[str, Mapping[str, int]]) -> RoutePlan:
    """How the gateway is to route: `routed` is `{traffic, mirror}`, cut to the deployments that serve."""
    children = ml.azure.store.children(endpoint.id, names.DEPLOYMENT)
    serving = {child.name.lower(): child.name for child in children if child.private.get("serving")}
    hidden = {child.name for child in children if child.private.get("hidden")}
    keys = endpoint.private["keys"]

    def cut(weights: Mapping[str, int]) -> dict[str, int]:
        return {serving[name]: weight for name, weight in sorted(weights.items()) if name in serving}

    tokens = ml.token_check(endpoint.name, endpoint.properties["authMode"])
    clock = ml.azure.clock
    reading = Reading(clock.now().timestamp(), time.time(), clock.pace)
    traffic, mirror = (cut(routed.get(name, {})) for name in ("traffic", "mirror"))
    return RoutePlan(
        endpoint=endpoint.name,
        auth=endpoint.properties["authMode"],
        keys=(keys["primaryKey"], keys["secondaryKey"]),
        deployments=tuple(sorted({*serving.values()} - hidden | {*traffic, *mirror})),
        traffic=traffic,
        mirror=mirror,
        tokens=replace(tokens, clock=reading) if tokens else None,
        managed=endpoint.document["kind"] == "Managed",
    )


def _notes(deployment: Record) -> str:
    """What the deployment asks for and does not get."""
    properties = deployment.properties
    collections = (properties.get("dataCollector") or {}).get("collections", {})
    not_done = {
        "no data is collected (dataCollector)": any(
            each.get("dataCollectionMode") == "Enabled" for each in collections.values()
        ),
        "nothing is sent to Application Insights (appInsightsEnabled)": properties["appInsightsEnabled"],
        "the model is where AZUREML_MODEL_DIR says (modelMountPath)": properties["modelMountPath"],
    }
    return "".join(f"local Azure: {what}.\n" for what, asked in not_done.items() if asked)


def _probe(sent: Mapping[str, Any] | None) -> Probe:
    """A probe's settings; what is left out is the service's default."""
    told = {name: value for name, value in (sent or {}).items() if value is not None}
    default = Probe()

    def seconds(name: str, otherwise: float) -> float:
        return limits.milliseconds(told[name], name) / 1000 if name in told else otherwise

    return Probe(
        seconds("initialDelay", default.initial_delay),
        seconds("period", default.period),
        seconds("timeout", default.timeout),
        told.get("successThreshold", default.success_threshold),
        told.get("failureThreshold", default.failure_threshold),
    )


async def _program(
    ml: MachineLearning, workspace: Record, properties: Mapping[str, Any], model_dir: Path
) -> dict[str, Any]:
    """What runs: code and environment, or what serves an MLflow model (in its own environment, if none is named)."""
    environment: Mapping[str, Any] = {}
    if properties["environmentId"]:
        environment = asset_of(ml, workspace, "environments", properties["environmentId"]).properties
    found = {"conda_file": environment.get("condaFile"), "image": environment.get("image") or ""}
    if (configured := properties["codeConfiguration"]) is None:
        found["conda_file"] = found["conda_file"] or await asyncio.to_thread(mlflow.conda_file, model_dir)
        return {**found, "code_dir": mlflow.CODE, "entry_script": mlflow.SCRIPT, "mlflow": True}
    code = asset_of(ml, workspace, "codes", configured["codeId"])
    folder = await _copy(ml, workspace, code, "codeUri", "azureml-codes", is_folder=True)
    return {**found, "code_dir": folder, "entry_script": configured["scoringScript"]}


async def _model_dir(ml: MachineLearning, workspace: Record, reference: str | None) -> Path:
    """The service's layout, `azureml-models/NAME/VERSION/PATH`: a script can tell its version from it."""
    if reference is None:
        empty = ml.assets / str(workspace.properties["workspaceId"]) / "no-model"
        empty.mkdir(parents=True, exist_ok=True)
        return empty
    model = asset_of(ml, workspace, "models", reference)
    return await _copy(ml, workspace, model, "modelUri", "azureml-models", is_folder=False)


async def _copy(ml: MachineLearning, workspace: Record, asset: Record, uri: str, kind: str, *, is_folder: bool) -> Path:
    """A registered version is immutable, so its copy is made once; it appears whole or not at all.

    `is_folder`: the folder's content goes to the top (code); else the last part of the path stays (model).
    """
    name, version = asset.id.split("/")[-3], asset.name
    to = ml.assets / _holder(workspace, asset) / kind / name / version
    if to.exists():
        return to
    container, path = blob_of_uri(asset.properties[uri], containers(ml, workspace))
    to.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=to.parent, prefix=".part-") as folder:
        part = Path(folder) / version
        part.mkdir()
        copy = part / PurePosixPath(path).name
        await ml.blobs.download(container, path, copy)
        if is_folder and copy.is_dir():
            part = copy
        if not to.exists():
            part.rename(to)
    return to


def _holder(workspace: Record, asset: Record) -> str:
    """The folder of the workspace's or the registry's assets."""
    if asset.key.startswith(f"{workspace.key}/"):
        return str(workspace.properties["workspaceId"])
    return f"registry-{asset.key.split('/registries/')[1].partition('/')[0]}"
