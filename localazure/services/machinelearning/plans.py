"""From documents to what the serving side is asked for: local copies of assets, and plans."""

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from localazure.arm.errors import ArmError
from localazure.arm.ids import parse_id
from localazure.services.machinelearning import limits, names
from localazure.services.machinelearning.blobs import blob_of_uri
from localazure.services.machinelearning.context import MachineLearning
from localazure.services.machinelearning.errors import asset_not_found
from localazure.services.machinelearning.workspaces import containers
from localazure.serving.contract import DeploymentPlan, Probe, Reading, RoutePlan
from localazure.store import Record


def asset_of(ml: MachineLearning, workspace: Record, kind: str, reference: str) -> Record:
    """The registered version that a deployment names by its id; raises ArmError 400."""
    parsed = parse_id(reference)
    record = ml.azure.store.get(reference) if parsed and parsed.type.lower() == names.version(kind).lower() else None
    if record is None or not record.key.startswith(f"{workspace.key}/"):
        raise asset_not_found(kind[:-1], reference)
    return record


def check_assets(ml: MachineLearning, workspace: Record, properties: Mapping[str, Any]) -> None:
    """Model, environment and code that the deployment names are registered; raises ArmError 400."""
    asset_of(ml, workspace, "codes", properties["codeConfiguration"]["codeId"])
    asset_of(ml, workspace, "environments", properties["environmentId"])
    if properties.get("model"):
        asset_of(ml, workspace, "models", properties["model"])


async def deployment_plan(ml: MachineLearning, deployment: Record) -> DeploymentPlan:
    """The plan of a stored deployment; copies its model and code from the blobs if they are not here yet."""
    endpoint = deployment.above.rsplit("/", 1)[1]
    workspace = ml.azure.store.get(deployment.above.split("/onlineEndpoints/")[0])
    if workspace is None:
        raise ArmError(404, "NotFound", f"The workspace of deployment '{deployment.name}' is gone.")
    properties = deployment.properties
    environment = asset_of(ml, workspace, "environments", properties["environmentId"]).properties
    code = asset_of(ml, workspace, "codes", properties["codeConfiguration"]["codeId"])
    requests = properties["requestSettings"]
    timeout = limits.milliseconds(requests["requestTimeout"], "requestSettings.requestTimeout")
    return DeploymentPlan(
        endpoint=endpoint,
        name=deployment.name,
        instances=deployment.document.get("sku", {}).get(
            "capacity", properties["scaleSettings"].get("minInstances", 1)
        ),
        code_dir=await _copy(ml, workspace, code, "codeUri", "azureml-codes", is_folder=True),
        entry_script=properties["codeConfiguration"]["scoringScript"],
        model_dir=await _model_dir(ml, workspace, properties["model"]),
        conda_file=environment.get("condaFile"),
        image=environment.get("image") or "",
        variables=properties["environmentVariables"],
        request_timeout_ms=timeout or 5_000,
        max_concurrent=requests["maxConcurrentRequestsPerInstance"],
        liveness=_probe(properties.get("livenessProbe")),
        readiness=_probe(properties.get("readinessProbe")),
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
    to = ml.assets / str(workspace.properties["workspaceId"]) / kind / name / version
    if to.exists():
        return to
    container, path = blob_of_uri(asset.properties[uri], containers(ml, workspace))
    to.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=to.parent, prefix=".part-") as folder:
        part = Path(folder) / version
        await ml.blobs.download(container, path, part if is_folder else part / PurePosixPath(path).name)
        if not is_folder:
            _unfold(part / PurePosixPath(path).name)
        if not to.exists():
            part.rename(to)
    return to


def _unfold(folder: Path) -> None:
    """A model that is one file: `model.pkl/model.pkl` becomes `model.pkl`."""
    if [child.name for child in folder.iterdir()] != [folder.name] or (folder / folder.name).is_dir():
        return
    held = folder.rename(folder.with_name(".held"))
    (held / folder.name).rename(folder)
    held.rmdir()
