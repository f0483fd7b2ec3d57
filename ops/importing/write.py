"""The stack file and the engine's state, with an endpoint that others made."""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ops.engine import Engine
from ops.importing.read import Shown
from rollout.carried import leaves

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_AZURE_ML = "azure-native:machinelearningservices"
_COMPONENT = "safe-rollout:components:Endpoint"
# Texts that `pulumi config set --path` takes for something else.
_NOT_TEXT = re.compile(r"true|false|null|~|[-+]?[0-9][0-9a-fA-FxXoOeE._:+-]*|\{.*|\[.*", re.IGNORECASE | re.DOTALL)


def write_config(engine: Engine, project: str, name: str, config: Mapping[str, Any]) -> None:
    """Write what is under `endpoints.NAME` into the stack file, by the engine, which keeps comments and order."""
    plain, texts = dict[str, str](), dict[str, str]()
    for path, value in leaves(config):
        key = f"{project}:{path_of(('endpoints', name, *path))}"
        if isinstance(value, str) and _NOT_TEXT.fullmatch(value):
            texts[key] = value
        else:
            plain[key] = value if isinstance(value, str) else json.dumps(value)
    engine.config_set_all(plain)
    for key, value in texts.items():
        engine.config_set_text(key, value)


def path_of(keys: Sequence[str | int]) -> str:
    """A path as `pulumi config set --path` reads it.

    >>> path_of(("endpoints", "iris", "tags", "a.b", 0))
    'endpoints.iris.tags["a.b"][0]'
    """
    text = ""
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
        elif _PLAIN.fullmatch(key):
            text += f".{key}" if text else key
        else:
            escaped = key.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
    return text


def take_over(engine: Engine, name: str, shown: Shown, *, protect: bool) -> None:
    """Take the endpoint and its deployments into the state, under the names that the program gives them."""
    with tempfile.TemporaryDirectory(prefix="rollout-import-") as folder:
        file = Path(folder) / "import.json"
        file.write_text(json.dumps({"resources": [*resources(name, shown)]}, indent=2), encoding="utf-8")
        engine.take_over(file, protect=protect)
    state = engine.export()
    ids = {str(one["id"]) for one in (shown.endpoint, *shown.deployments.values())}
    for resource in state["deployment"]["resources"]:
        if resource.get("id") in ids and resource.get("inputs"):
            say_as_the_program(str(resource["type"]), resource["inputs"])
    engine.import_state(state)


def say_as_the_program(type_: str, inputs: Any) -> None:
    """Write imported inputs as the program says the same: to Azure they are one, to the engine each is a change.

    azure-native leaves empty maps out of what it imports (provider/pkg/convert/responseToSdkInputs.go,
    removeEmptyCollections); Azure names the data that a collector writes, and keeps a word in the case it was sent.
    """
    inputs.setdefault("tags", {})
    properties = inputs["properties"]
    for key in ("traffic", "mirrorTraffic") if type_.endswith(":OnlineEndpoint") else ("environmentVariables",):
        properties.setdefault(key, {})
    collector = properties.get("dataCollector") or {}
    if "rollingRate" in collector:
        collector["rollingRate"] = str(collector["rollingRate"]).capitalize()
    for collection in (collector.get("collections") or {}).values():
        collection.pop("dataId", None)


def resources(name: str, shown: Shown) -> Iterator[dict[str, Any]]:
    """The entries of the engine's import file: the component first, as the others name it for their parent."""
    common = {"version": version("pulumi-azure-native"), "parent": "component"}
    yield {"type": _COMPONENT, "name": "component", "logicalName": name, "component": True}
    endpoint = {"type": f"{_AZURE_ML}:OnlineEndpoint", "name": "endpoint", "logicalName": name}
    yield {**endpoint, "id": shown.endpoint["id"], **common}
    for each, body in shown.deployments.items():
        entry = {"type": f"{_AZURE_ML}:OnlineDeployment", "name": f"deployment-{each}", "id": body["id"]}
        yield {**entry, "logicalName": f"{name}-{each}", **common}
