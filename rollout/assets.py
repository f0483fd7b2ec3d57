"""What deployments are made of: which versions a step has to find in the workspace, and what is said of them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rollout.model import AppliedEndpoint, ObservedEndpoint
from settings.deployment import Deployment
from settings.refusal import Refusal
from settings.stack import Stack

Assets = Mapping[str, str | None]
"""Paths below the workspace (`models/NAME/versions/1`) to descriptions, '' without one; None: it is not there."""
COLLECTIONS = {"model": "models", "environment": "environments", "code": "codes"}
_REFERENCE = re.compile(r"azureml:(?P<name>[^:/]+):(?P<version>[^:/]+)")
_SOURCES = {"model": "FILE_OR_FOLDER", "environment": "CONDA_FILE", "code": "FOLDER"}
_AZURES = "azureml-"
"""How the names begin of environments that Azure itself keeps in each workspace."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked for: `wanted` maps keys of the stack file to paths, `assets` says what is there.

    `in_workspace`: the workspace is there.
    """

    wanted: Mapping[str, str] = field(default_factory=dict)
    assets: Assets = field(default_factory=dict)
    in_workspace: bool = True


def judge_assets(found: Found, workspace: str, project: str, option: str = "") -> list[Refusal]:
    """Why what a step deploys can't be deployed; `option` names the stack in what is to be typed (` --stack dev`)."""
    if not found.in_workspace:
        return list(guard_no_workspace(found.wanted, workspace, project, option))
    missing = ((key, path) for key, path in found.wanted.items() if found.assets.get(path) is None)
    return [refusal for key, path in missing for refusal in guard_asset(key, path, workspace, option)]


def path_of(key: str, reference: str | None) -> str | None:
    """Where a workspace has the version; None where another place does (a registry's assets), or there is none.

    >>> path_of("model", "azureml:diabetes-ridge:1")
    'models/diabetes-ridge/versions/1'
    """
    match = _REFERENCE.fullmatch(reference or "")
    return f"{COLLECTIONS[key]}/{match['name']}/versions/{match['version']}" if match else None


def to_find(stack: Stack, name: str, seen: ObservedEndpoint | None, kept: AppliedEndpoint | None) -> dict[str, str]:
    """Keys of the stack file to paths below the workspace, of what this step deploys newly.

    What the stack makes itself is not asked for, nor what runs already: a version may be archived and serve on.
    """
    made = {f"environments/{image}/versions/{of.version}" for image, of in stack.images.items()}
    found: dict[str, str] = {}
    for deployment, wanted in stack.endpoints[name].deployments.items():
        for key in COLLECTIONS:
            path = path_of(key, getattr(wanted, key))
            if path and path not in made and _is_new(key, wanted, deployment, seen, kept):
                found[f"endpoints.{name}.deployments.{deployment}.{key}"] = path
    return found


def is_new(deployment: str, seen: ObservedEndpoint | None, kept: AppliedEndpoint | None) -> bool:
    """Whether a step makes the deployment: it is not in Azure, as far as read, and was not applied."""
    known = {*seen.deployments, *seen.traffic, *seen.mirror} if seen else set()
    return deployment not in known and not (seen and kept and deployment in kept.deployments)


def guard_asset(key: str, path: str, workspace: str, option: str = "") -> Iterator[Refusal]:
    """R231 A deployment that a step makes or changes is made of what the workspace has.

    Asked by the program of Azure, one GET for each model, environment and code that a step deploys newly. Without it
    an `up` would make all that stands before the deployment, and fail there.

    Source: recorded behaviour, PUT of a deployment with an asset that is not registered.
    Example:
        key: endpoints.diabetes.deployments.blue.model
        path: models/diabetes-ridge/versions/1
        workspace: ws-diabetes
    """
    what = key.rpartition(".")[2]
    _, name, _, version = path.split("/")
    cure = (
        f"Type: rollout register {what} {name} {_SOURCES[what]}{option}; then write here the reference that it prints."
    )
    yield Refusal("R231", key, f"azureml:{name}:{version} is not in {workspace}", "a registered version", cure)


def guard_no_workspace(paths: Mapping[str, str], workspace: str, project: str, option: str = "") -> Iterator[Refusal]:
    """R232 What deployments are made of is registered in a workspace that is there: the estate comes first.

    A preview says it as a warning, and shows what the stack would be; an `up` is refused.

    Source: recorded behaviour, PUT of a deployment with an asset that is not registered.
    Example:
        paths: {endpoints.diabetes.deployments.blue.model: models/diabetes-ridge/versions/1}
        workspace: ws-diabetes
        project: safe-rollout
    """
    wanted = [path for path in paths.values() if not path.split("/")[1].lower().startswith(_AZURES)]
    if not wanted:
        return
    got = f"{workspace} is not there yet, so nothing is registered in it"
    cure = (
        f"'pulumi up' refuses this. First the estate: 'pulumi config rm {project}:endpoints{option}', 'pulumi up'; "
        "then register ('rollout register --help'), and put the endpoints back with the references that it prints."
    )
    yield Refusal("R232", "endpoints", got, "a workspace that has them", cure)


def _is_new(
    key: str, wanted: Deployment, name: str, seen: ObservedEndpoint | None, kept: AppliedEndpoint | None
) -> bool:
    live = seen.deployments.get(name) if seen else None
    return getattr(live, key) != getattr(wanted, key) if live else is_new(name, seen, kept)
