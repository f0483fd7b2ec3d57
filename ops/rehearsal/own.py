"""The rehearsal of a project's own stack file: which deployments, which plan, on what, with which requests.

The estate is the smallest that serves, and each deployment has one instance; model, code, environment, variables,
probes, limits, plan and the endpoint's name are the stack file's own.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.messages import UserError
from ops.register.assets import Asset, environment_asset, folder_asset
from ops.register.project import Assets
from settings.deployment import Deployment
from settings.endpoint import Endpoint
from settings.plan import PlanStep
from settings.refusal import Refusal, Refused
from settings.stack import Stack
from settings.values import HIDDEN

PLAN = (PlanStep(mirror=10), PlanStep(traffic=10), PlanStep(traffic=50), PlanStep(traffic=100))
"""Where the stack file has no plan of its own."""
_LEFT_OUT = {"autoscale", "instanceCount", "dataCollector", "appInsights", "egressPublicNetworkAccess", "resources"}
EXPECTED = ".expected.json"
STAND_IN = "encrypted"


@dataclass(frozen=True, slots=True)
class Part:
    """One deployment of the rehearsal: its keys in the stack file, with references to what is registered for it."""

    name: str
    keys: Mapping[str, Any]
    model: str
    assets: tuple[tuple[str, ...], ...]

    @property
    def concurrency(self) -> int:
        """Requests that it takes at once."""
        return int(self.keys.get("requests", {}).get("maxConcurrentPerInstance", 1))


@dataclass(frozen=True, slots=True)
class Own:
    """What is rehearsed: the deployment that serves, the one that takes its place, and by which steps.

    `encrypted` are the variables of which the stack file tells nobody the value: the models get STAND_IN.
    """

    project: str
    endpoint: str
    first: Part
    candidate: Part
    plan: tuple[PlanStep, ...]
    encrypted: tuple[str, ...] = ()

    @property
    def registrations(self) -> list[tuple[str, ...]]:
        """What stands behind `rollout register`, each once."""
        return list(dict.fromkeys([*self.first.assets, *self.candidate.assets]))


def find_own(
    stack: Stack, project: str, assets: Assets, root: Path, endpoint: str | None = None, new: Path | None = None
) -> Own:
    """What a stack file gives to rehearse; `new`: the candidate's model's files. Raises UserError or Refused."""
    name, wanted = _chosen(stack, endpoint)
    first = max(sorted(wanted.deployments), key=lambda each: wanted.traffic.get(each, 0))
    candidate = _candidate(wanted, first)
    spec = {each: wanted.deployments.get(each, wanted.deployments[first]) for each in (first, candidate)}
    sources = _Sources(assets, root, f"endpoints.{name}.deployments")
    parts = [sources.part(each, of, new if each == candidate else None) for each, of in spec.items()]
    if sources.refusals:
        raise Refused(sources.refusals)
    plan = wanted.rollout.steps if wanted.rollout and wanted.rollout.steps else PLAN
    return Own(project, name, parts[0], parts[1], plan, tuple(sorted(sources.encrypted)))


def estate(own: Own, stack: Stack) -> dict[str, Any]:
    """The stack file's `config` before there is an endpoint: the smallest estate, under the project's own names."""
    return {
        "azure-native:location": stack.location,
        f"{own.project}:workspace": {
            "name": stack.workspace.name,
            "resourceGroup": stack.workspace.resource_group,
        },
        f"{own.project}:registry": {"name": "acrrehearsal"},
        f"{own.project}:endpoints": {},
    }


def requests(given: Sequence[Path], root: Path) -> dict[str, Path]:
    """The requests by name: those that are named, else all of scoring/requests. Raises UserError H033."""
    folder = root / "scoring" / "requests"
    found = [*given] or sorted(path for path in folder.glob("*.json") if not path.name.endswith(EXPECTED))
    missing = [str(path) for path in found if not path.is_file()]
    if missing or not found:
        got = f"no such file: {', '.join(missing)}" if missing else f"none named, and none in {folder}"
        cure = "Name a request by --request, for example scoring/requests/sample.json."
        raise UserError("H033", "request", got, "a file with a request's body", cure)
    return {path.stem: path for path in found}


def expected(request: Path) -> Any:
    """The answer that stands beside a request (NAME.expected.json), None where none does. Raises UserError H033."""
    file = request.with_name(f"{request.stem}{EXPECTED}")
    if not file.is_file():
        return None
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError("H033", str(file), f"no JSON ({error})", "the answer as JSON", "Correct it.") from None


def paths(prefix: str, keys: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each leaf of a map by its path, as `pulumi config set --path` takes it: a key of other signs in brackets."""
    for key, value in keys.items():
        plain = key.replace("_", "").replace("-", "").isalnum()
        path = f"{prefix}.{key}" if plain else f"{prefix}[{json.dumps(key, ensure_ascii=False)}]"
        if isinstance(value, Mapping):
            yield from paths(path, value)
        else:
            yield path, value


def _chosen(stack: Stack, endpoint: str | None) -> tuple[str, Endpoint]:
    able = sorted(name for name, each in stack.endpoints.items() if each.kind == "managed" and each.deployments)
    if endpoint is None and len(able) == 1:
        return able[0], stack.endpoints[able[0]]
    if endpoint in able:
        return str(endpoint), stack.endpoints[str(endpoint)]
    cure = f"Name one by --endpoint: {', '.join(able)}." if able else "Write one into the stack file."
    got = f"{len(able)} that can be rehearsed" if endpoint is None else repr(endpoint)
    raise UserError("H030", "endpoint", got, "one managed endpoint with a deployment", cure)


def _candidate(wanted: Endpoint, first: str) -> str:
    others = [each for each in sorted(wanted.deployments) if each != first]
    named = wanted.rollout.candidate if wanted.rollout else None
    if named and named != first:
        return named
    return others[0] if others else ("green" if first != "green" else "blue")


class _Sources:
    """Finds the local source of each reference; what has none is refused, all at once."""

    def __init__(self, assets: Assets, root: Path, place: str) -> None:
        self._assets, self._root, self._place = assets, root, place
        self.refusals: list[Refusal] = []
        self.encrypted: set[str] = set()

    def part(self, name: str, wanted: Deployment, new: Path | None) -> Part:
        """The deployment with the references that its sources have here."""
        keys = wanted.model_dump(by_alias=True, mode="json", exclude_defaults=True)
        keys = {key: value for key, value in keys.items() if key not in _LEFT_OUT}
        secret = {key for key, value in wanted.variables.items() if value == HIDDEN}
        if secret:
            keys["variables"] |= dict.fromkeys(secret, STAND_IN)
            self.encrypted |= secret
        registered = []
        for key in ("model", "environment", "code"):
            if key not in keys:
                continue
            asset = self._asset(key, f"{self._place}.{name}.{key}", keys[key], new if key == "model" else None)
            if asset:
                keys[key] = asset.reference
                registered.append(_typed(asset))
        if wanted.model is None and wanted.code is None:
            cure = "A server of your own, in an image, runs on Azure alone: this machine starts no containers."
            self._refuse("H032", f"{self._place}.{name}.model", "missing, and no code", "a model or a script", cure)
        return Part(name, keys, str(keys.get("model", "")).removeprefix("azureml:"), tuple(registered))

    def _asset(self, key: str, place: str, reference: str, new: Path | None) -> Asset | None:
        name = reference.split(":")[1]
        if reference.startswith("azureml://"):
            cure = f"Register a copy of it, and name that: rollout register {key} NAME SOURCE"
            self._refuse("H031", place, reference, "an asset of the project's own: this one is in a registry", cure)
            return None
        if key == "model" and name in self._assets.models:
            model = self._assets.models[name]
            return folder_asset("model", name, new or self._root / model.path, model.description, model.type)
        if key == "environment" and name in self._assets.environments:
            environment = self._assets.environments[name]
            return environment_asset(name, self._root / environment.conda, environment.image)
        if key == "code" and name in self._assets.code:
            return folder_asset("code", name, self._root / self._assets.code[name].path)
        section = key if key == "code" else f"{key}s"
        cure = f"Write it there, for example: {section}: {{{name}: {{path: ...}}}}"
        self._refuse("H031", place, reference, f"a name under {section} in assets.yaml", cure)
        return None

    def _refuse(self, code: str, place: str, got: str, wanted: str, cure: str) -> None:
        self.refusals.append(Refusal(code, place, got, wanted, cure))


def _typed(asset: Asset) -> tuple[str, ...]:
    """What a person types behind `rollout register`."""
    typed = [asset.kind, asset.name, str(asset.source)]
    if asset.kind == "model":
        typed += ["--type", asset.type]
    if asset.kind == "environment":
        typed += ["--image", asset.image]
    return tuple(typed)
