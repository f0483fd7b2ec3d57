"""What a deployment names, and whether the local Azure can serve it: told before anything is begun."""

import re
from collections.abc import Mapping
from typing import Any

from localazure.arm.errors import bad_request, not_modelled
from localazure.arm.ids import parse_id
from localazure.services.machinelearning import names
from localazure.services.machinelearning.context import MachineLearning
from localazure.services.machinelearning.errors import asset_not_found, over_limit
from localazure.services.machinelearning.registries import asset_of_registry, is_reference
from localazure.serving import conda
from localazure.serving.contract import CondaError
from localazure.store import Record

INJECTED = re.compile(r"\$\{\{\s*(keyvault:|azureml://connections/)", re.IGNORECASE)
LONGEST_PATH = 255
LONGEST = (1 << 17) - 1  # bytes of `NAME=value`, with the NUL at its end: Linux starts no process with more


def asset_of(ml: MachineLearning, workspace: Record, kind: str, reference: str) -> Record:
    """The registered version that a deployment names by its id, or of a registry; raises ArmError 400."""
    if is_reference(reference):
        return asset_of_registry(ml.azure, kind, reference)
    parsed = parse_id(reference)
    record = ml.azure.store.get(reference) if parsed and parsed.type.lower() == names.version(kind).lower() else None
    if record is None or not record.key.startswith(f"{workspace.key}/"):
        raise asset_not_found(names.ASSETS[kind], reference)
    return record


def check_servable(ml: MachineLearning, workspace: Record, properties: Mapping[str, Any]) -> None:
    """Its assets are registered, and can be served here; its variables can be a process's. Raises ArmError 400."""
    model = asset_of(ml, workspace, "models", properties["model"]) if properties.get("model") else None
    environment = None
    if properties.get("environmentId"):
        environment = asset_of(ml, workspace, "environments", properties["environmentId"]).properties
    check_variables(properties.get("environmentVariables", {}))
    if (code := properties.get("codeConfiguration")) is None:
        _check_without_code(model, environment)
        return
    asset_of(ml, workspace, "codes", code["codeId"])
    _check_script(code["scoringScript"])
    if environment is None:
        raise bad_request("BadArgument", "A deployment with a codeConfiguration needs properties.environmentId.")
    if environment.get("condaFile") is None:
        raise not_modelled(
            "environments that are an image alone (there is no container runtime); register one with a conda file"
        )
    try:
        conda.needs_server(conda.parse(environment["condaFile"]))
    except CondaError as error:
        raise over_limit(error.message) from None


def _check_without_code(model: Record | None, environment: Mapping[str, Any] | None) -> None:
    kind = model.properties["modelType"] if model else ""
    if kind == "mlflow_model":
        if environment is not None and environment.get("condaFile") is None:
            raise not_modelled(
                "an MLflow model in an image (there is no container runtime); leave the environment out, "
                "or give one with a conda file"
            )
    elif kind == "triton_model":
        raise not_modelled("Triton models: their server is a container image (there is no container runtime)")
    elif environment is not None:
        raise not_modelled(
            "a deployment without a codeConfiguration whose model is not of type mlflow_model: its server is the "
            "environment's container image (there is no container runtime)"
        )
    else:
        raise bad_request(
            "BadArgument",
            "A deployment needs an environmentId and a codeConfiguration, or a model of type mlflow_model.",
        )


def _check_script(script: str) -> None:
    """A file below the code's folder. On Azure the container finds none, or another one than was meant."""
    parts = script.removeprefix("./").split("/")
    if (
        any(part in {"", ".", ".."} for part in parts)
        or "\\" in script
        or not script.isprintable()
        or len(script) > 255
    ):
        raise over_limit(
            f"codeConfiguration.scoringScript {script[:300]!r} is no file of the code's folder: write score.py, or "
            "onlinescoring/score.py."
        )


def check_variables(variables: Mapping[str, str]) -> None:
    """Names and values that no process can have are 400, by name; so are injected secrets, which are not modelled."""
    for name, value in variables.items():
        if not name or "=" in name or "\0" in name:
            raise over_limit(f"environmentVariables: the name {name!r} must not be empty and has no '=' and no NUL.")
        if "\0" in value:
            raise over_limit(f"environmentVariables.{name}: the value must not have a NUL.")
        if len(f"{name}={value}".encode()) >= LONGEST:
            raise over_limit(f"environmentVariables.{name}: name and value are {LONGEST - 1} bytes at most together.")
        if INJECTED.search(value):
            raise not_modelled(f"the injection of secrets (the variable '{name}' asks for one)")
