"""`rollout register`: upload a model, an environment or code under a version that follows its content."""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from ops.paths import CHECKOUT
from ops.project import FileOption, StackOption, find_place, stack_option
from ops.register.assets import (
    BASE_IMAGE,
    CUSTOM,
    Asset,
    AssetStore,
    ModelType,
    ensure,
    environment_asset,
    folder_asset,
)
from ops.register.project import all_assets, read_assets, to_write
from ops.setup.progress import Progress
from ops.workspace import Target, find_target, point_clients, resource_manager

MODEL, ENVIRONMENT, CODE = "diabetes-ridge", "scoring", "scoring-code"
SCORING = CHECKOUT / "scoring"

app = typer.Typer(help="Upload a model, an environment or code, and print its reference for the stack file.")

Workspace = Annotated[str | None, typer.Option("--workspace", help="A workspace other than the stack file's.")]
Group = Annotated[str | None, typer.Option("--resource-group", help="A resource group other than the stack file's.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(help="The name to register it under.")]
Source = Annotated[Path, typer.Argument(help="What to upload.")]
Description = Annotated[str, typer.Option("--description", help="What it is, for people who look at the workspace.")]


@app.command()
def model(
    name: Name,
    source: Source,
    description: Description = "",
    kind: Annotated[
        ModelType, typer.Option("--type", help="mlflow_model: served as it is, with no code and no environment.")
    ] = CUSTOM,
    stack: StackOption = None,
    config_file: FileOption = None,
    workspace: Workspace = None,
    resource_group: Group = None,
    as_json: Json = False,
) -> None:
    """Register a model: a file, or a folder."""
    asset = folder_asset("model", name, source, description, kind)
    _register(asset, _target(stack, config_file, workspace, resource_group), as_json)


@app.command()
def code(
    name: Name,
    source: Source,
    description: Description = "",
    stack: StackOption = None,
    config_file: FileOption = None,
    workspace: Workspace = None,
    resource_group: Group = None,
    as_json: Json = False,
) -> None:
    """Register a folder of scoring code."""
    target = _target(stack, config_file, workspace, resource_group)
    _register(folder_asset("code", name, source, description), target, as_json)


@app.command()
def environment(
    name: Name,
    source: Source,
    image: Annotated[str, typer.Option("--image", help="The base image that conda's packages go into.")] = BASE_IMAGE,
    description: Description = "",
    stack: StackOption = None,
    config_file: FileOption = None,
    workspace: Workspace = None,
    resource_group: Group = None,
    as_json: Json = False,
) -> None:
    """Register an environment: a conda file on a base image."""
    target = _target(stack, config_file, workspace, resource_group)
    _register(environment_asset(name, source, image, description), target, as_json)


@app.command()
def sample(
    endpoint: Annotated[
        str, typer.Option(help="The endpoint's name in what is printed to be typed next.")
    ] = "diabetes",
    stack: StackOption = None,
    config_file: FileOption = None,
    workspace: Workspace = None,
    resource_group: Group = None,
    as_json: Json = False,
) -> None:
    """Train and register the sample's two ridge models, its environment and its code; print what to type next."""
    place = find_place(stack, config_file)
    option = place.options if stack or config_file else ""  # else the selected stack is meant, by all of them
    with Progress().waiting("training, then registering"):
        store = open_store(_target(stack, config_file, workspace, resource_group))
        registered = register_sample(store, lambda asset, is_new: None if as_json else _say(asset, is_new))
    if as_json:
        typer.echo(json.dumps(registered, indent=2))
        return
    typer.echo(f"\n{next_commands(registered, endpoint, place.project.name, option)}")


@app.command("all")
def all_command(
    stack: StackOption = None,
    config_file: FileOption = None,
    workspace: Workspace = None,
    resource_group: Group = None,
    as_json: Json = False,
) -> None:
    """Register all that the project's assets.yaml names; print the versions to write into the stack file."""
    place = find_place(stack, config_file)
    found = list(all_assets(read_assets(place.root), place.root))
    for asset in found:
        _tell_left_out(asset)
    store = open_store(_target(stack, config_file, workspace, resource_group))
    told = [(asset, ensure(store, asset)) for asset in found]
    if as_json:
        typer.echo(json.dumps([{"reference": asset.reference, "uploaded": is_new} for asset, is_new in told]))
        return
    for asset, is_new in told:
        _say(asset, is_new)
    endpoints = place.value("endpoints") if place.is_there else None
    wanted = to_write(endpoints, {(asset.kind, asset.name): asset for asset in found})
    if wanted:
        lines = [f"  --plaintext {key}={value}" for key, value in wanted.items()]
        typer.echo("\nNext:\n" + " \\\n".join([f"pulumi config set-all{stack_option(place)} --path", *lines]))
    else:
        typer.echo("\nNext: write a new version into the stack file, under deployments: green: {model: azureml:...}")


def register_sample(store: AssetStore, tell: Callable[[Asset, bool], None]) -> dict[str, Any]:
    """Register the sample and return its references: `{"models": {alpha: ref}, "environment": ref, "code": ref}`."""
    from scoring.samples.make import ALPHAS
    from scoring.train import train

    with tempfile.TemporaryDirectory() as scratch:
        models = {}
        for alpha in ALPHAS:
            folder = Path(scratch) / str(alpha) / "model"
            measured = train(alpha, folder)
            description = f"Ridge regression on the diabetes data, alpha {alpha}, held-out R2 {measured['r2']:.3f}"
            models[str(alpha)] = folder_asset("model", MODEL, folder, description)
        env = environment_asset(ENVIRONMENT, SCORING / "environment" / "conda.yaml", BASE_IMAGE)
        scoring_code = folder_asset("code", CODE, SCORING / "code")
        for asset in (*models.values(), env, scoring_code):
            tell(asset, ensure(store, asset))
    references = {alpha: asset.reference for alpha, asset in models.items()}
    return {"models": references, "environment": env.reference, "code": scoring_code.reference}


def next_commands(registered: dict[str, Any], endpoint: str, project: str, option: str) -> str:
    """What deploys the sample's first model as blue, opens its traffic, and makes green of the second one beside it."""
    first, second = registered["models"].values()
    at = f"{project}:endpoints.{endpoint}"
    blue = {**_deployment(f"{at}.deployments.blue", first, registered), f"{at}.traffic.blue": "100"}
    green = _deployment(f"{at}.deployments.green", second, registered)
    ups = f"pulumi up{option}  # makes it\npulumi up{option}  # opens it\nrollout invoke {endpoint}{option}"
    return (
        f"Next, to put the first model behind an endpoint:\n{_set_all(blue, option)}\n{ups}\n\n"
        f"Then the second one beside it, without traffic:\n{_set_all(green, option)}\npulumi up{option}"
    )


def _deployment(path: str, model: str, registered: dict[str, Any]) -> dict[str, str]:
    return {
        f"{path}.model": model,
        f"{path}.environment": registered["environment"],
        f"{path}.code": registered["code"],
        f"{path}.instanceType": "Standard_DS3_v2",
        f"{path}.instanceCount": "1",
    }


def _set_all(values: dict[str, str], option: str) -> str:
    lines = [f"  --plaintext {key}={value}" for key, value in values.items()]
    return " \\\n".join([f"pulumi config set-all --path{option}", *lines])


def open_store(target: Target) -> AssetStore:
    """The workspace's assets in Azure. Raises UserError."""
    arm = resource_manager(os.environ)  # first: azure-ai-ml looks for its cloud while it is imported, and takes seconds
    from ops.register.azure_assets import AzureAssets

    return AzureAssets(target, arm)


def _target(stack: str | None, config_file: Path | None, workspace: str | None, resource_group: str | None) -> Target:
    place = find_place(stack, config_file)
    point_clients(os.environ, place)
    return find_target(os.environ, place, workspace, resource_group)


def _tell_left_out(asset: Asset) -> None:
    if asset.left_out:
        names = ", ".join(asset.left_out)
        typer.echo(f"left out: {names} (tools leave these; a line in .amlignore says that you know)", err=True)


def _register(asset: Asset, target: Target, as_json: bool) -> None:
    _tell_left_out(asset)
    with Progress().waiting(f"registering {asset.name}"):
        is_new = ensure(open_store(target), asset)
    if as_json:
        typer.echo(json.dumps({"reference": asset.reference, "uploaded": is_new}))
    else:
        _say(asset, is_new)


def _say(asset: Asset, is_new: bool) -> None:
    typer.echo(f"{asset.kind:<12} {asset.reference}  ({'registered' if is_new else 'already there'})")
