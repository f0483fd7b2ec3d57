"""Raw configuration to settings: everything that is wrong is said at once, each with its path."""

import difflib
import reprlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from settings.attachment import OBJECT_NAME_PATTERN, QUANTITY_PATTERN
from settings.autoscale import TIME_PATTERN, ZONE_PATTERN
from settings.cluster import (
    LABEL_PATTERN,
    LABEL_VALUE_PATTERN,
    POOL_PATTERN,
    TAINT_PATTERN,
    VERSION_PATTERN,
)
from settings.images import ENVIRONMENT_PATTERN, IMAGE_PATTERN
from settings.refusal import Refusal, Refused
from settings.stack import ADOPT_PATTERN, Stack
from settings.training import COMPUTE_PATTERN
from settings.types import (
    ASSET_PATTERN,
    GROUP_PATTERN,
    HOST_PATTERN,
    OBJECT_ID_PATTERN,
    REGION_PATTERN,
    SIZE_PATTERN,
    TAG_PATTERN,
)
from settings.workspace import (
    IDENTITY_PATTERN,
    PORTS_PATTERN,
    REGISTRY_PATTERN,
    RESOURCE_PATTERN,
    WORKSPACE_PATTERN,
)

Wanted = TypeVar("Wanted", bound=BaseModel)

EXAMPLES = {
    "location": "azure-native:location: westeurope",
    "workspace": "safe-rollout:workspace: {name: ws-fraud-dev, resourceGroup: rg-fraud-dev}",
    "registry": "safe-rollout:registry: {name: acrfrauddev, sku: standard}",
    "endpoints": "safe-rollout:endpoints: {diabetes: {deployments: {...}, traffic: {blue: 90, green: 10}}}",
    "overwrite": "overwrite: {traffic: {blue: 50, green: 50}}",
    "adopt": "safe-rollout:adopt: [endpoints.diabetes]",
    "traffic": "traffic: {blue: 90, green: 10}",
    "mirror": "mirror: {green: 10}",
    "model": "model: azureml:diabetes-ridge:1",
    "environment": "environment: azureml:scoring:3",
    "code": "code: azureml:scoring-code:9f2c41",
    "instanceType": "instanceType: Standard_DS3_v2",
    "resourceGroup": "resourceGroup: rg-fraud-dev",
    "instanceCount": "instanceCount: 3",
    "autoscale": "autoscale: {min: 3, max: 9}",
    "steps": "steps: [{mirror: 10}, {traffic: 10}, {traffic: 50}, {traffic: 100}]",
    "isolation": "isolation: managedVnet",
    "network": "network: {addressSpace: [10.20.0.0/16], subnets: {endpoints: 10.20.0.0/24}, endpointSubnet: endpoints}",
    "addressSpace": "addressSpace: [10.20.0.0/16]",
    "subnets": "subnets: {endpoints: 10.20.0.0/24}",
    "outboundRules": "outboundRules: {pypi: {type: fqdn, host: pypi.org}}",
    "inferenceCluster": "safe-rollout:inferenceCluster: {name: aks-inference, purpose: devTest}",
    "inferenceCluster.network": "network: overlay",
    "inferenceCluster.purpose": "purpose: fastProd",
    "identities.purpose": "purpose: endpoint",
    "cpu": "cpu: 500m",
    "memory": "memory: 2Gi",
    "start": "start: '20:00'",
    "end": "end: '06:00'",
    "utcOffset": "utcOffset: '+01:00'",
    "systemPool": "systemPool: {size: Standard_D4s_v5, min: 3}",
    "userPools": "userPools: {models: {size: Standard_D8s_v5, min: 3, max: 12}}",
    "instanceTypes": "instanceTypes: {small: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: 500m, memory: 2Gi}}}",
    "horizontalPodAutoscaler": "autoscale: {min: 3, max: 9}, under the deployment: the router scales the replicas",
    "training": "safe-rollout:training: {cpu: {size: Standard_DS3_v2, maxNodes: 4}}",
    "images": "safe-rollout:images: {scoring-image: {image: acrfrauddev.azurecr.io/scoring@sha256:...}}",
    "identities": "safe-rollout:identities: {scoring: {purpose: endpoint}}",
    "actionGroup": "actionGroup: {shortName: oncall, emails: {oncall: oncall@example.org}}",
    "emails": "emails: {oncall: oncall@example.org}",
    "schedules": "schedules: {night: {start: '20:00', end: '06:00', min: 1, max: 2}}",
    "load": "load: {requestsPerSecond: 20, secondsPerRequest: 0.1}",
}
# What a pattern means, in words, by the pattern's own text.
_PATTERNS = {
    ASSET_PATTERN: "azureml:NAME:VERSION, or azureml://registries/REGISTRY/TYPE/NAME/versions/VERSION",
    REGION_PATTERN: "a region in lower case without spaces",
    GROUP_PATTERN: "1 to 90 letters, digits, dots, dashes, underscores and parentheses, with no dot at the end",
    WORKSPACE_PATTERN: "3 to 33 letters, digits, dashes and underscores, a letter or digit first",
    COMPUTE_PATTERN: "3 to 32 letters, digits and dashes, a letter first",
    IDENTITY_PATTERN: "1 to 24 lower-case letters, digits and dashes",
    HOST_PATTERN: "a host's name, such as pypi.org or *.example.org, with no https:// and no path",
    SIZE_PATTERN: "a size of Azure's machines, such as Standard_D8s_v5",
    TAG_PATTERN: "1 to 128 characters, none of < > % & \\ ? /",
    OBJECT_NAME_PATTERN: "a name of Kubernetes: lower-case letters, digits and dashes",
    ENVIRONMENT_PATTERN: "letters, digits, dashes and underscores, a letter or digit first",
    RESOURCE_PATTERN: "the id of a resource: /subscriptions/...",
    PORTS_PATTERN: "ports such as 443 or 80,8080-8090",
    TAINT_PATTERN: "a taint such as sku=gpu:NoSchedule",
    LABEL_PATTERN: "a label of Kubernetes, such as team or example.org/team",
    LABEL_VALUE_PATTERN: "the value of a label: 63 letters, digits, dots, dashes and underscores at most",
    VERSION_PATTERN: "a version of Kubernetes, such as 1.33 or 1.33.5",
    OBJECT_ID_PATTERN: "an object id of Microsoft Entra, such as 33333333-3333-3333-3333-333333333333",
    IMAGE_PATTERN: "REGISTRY/REPOSITORY@sha256: and 64 hexadecimal digits",
    POOL_PATTERN: "1 to 12 lower-case letters and digits, a letter first",
    QUANTITY_PATTERN: "a quantity as Kubernetes writes it, such as 500m, 2 or 1.5Gi",
    ZONE_PATTERN: "a time zone as Windows calls it, such as W. Europe Standard Time or UTC, and not Europe/Berlin",
    TIME_PATTERN: "a time of day such as 06:30",
    ADOPT_PATTERN: "resourceGroup, storage, keyVault, logAnalytics, applicationInsights, registry, workspace, "
    "inferenceCluster, endpoints.NAME or endpoints.NAME.DEPLOYMENT",
    REGISTRY_PATTERN: "5 to 50 letters and digits",
}
_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = _REPR.maxlong = 200
_CODES = {"extra_forbidden": "S001", "missing": "S002"}
_NAMES = {
    "dict": "a map",
    "mapping": "a map",
    "model": "a map",
    "model_attributes": "a map",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "text",
    "list": "a list",
    "tuple": "a list",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
}


def parse(raw: Mapping[str, Any]) -> Stack:
    """The settings in `raw` (the stack file's keys without their namespace). Raises Refused with all that is wrong."""
    return parse_as(Stack, raw)


def parse_as(shape: type[Wanted], raw: Any, root: str = "", place: str = "the stack file") -> Wanted:
    """`raw` as one of the shapes; `root` stands before the paths. Raises Refused with all that is wrong.

    `place` is what a person corrects.
    """
    try:
        return shape.model_validate(raw)
    except ValidationError as error:
        refusals = [_refusal(shape, detail, root, place) for detail in error.errors(include_url=False)]
        raise Refused(sorted(refusals, key=lambda refusal: (refusal.path, refusal.code))) from None


def _refusal(shape: type[BaseModel], detail: Any, root: str, place: str) -> Refusal:
    keys: Sequence[str | int] = [key for key in detail["loc"] if not str(key).startswith(("function-", "["))]
    path = ".".join([*filter(None, [root]), *(str(key) for key in keys)])
    kind: str = detail["type"]
    code = _CODES.get(kind, "S003" if kind.endswith(("_type", "_parsing")) else "S004")
    key = str(keys[-1]) if keys else ""
    if code == "S001":
        return _unknown_key(code, path, key, _known_keys(shape, keys[:-1]))
    if kind == "string_type" and detail["loc"][-1] == "[key]":
        cure = "Write it in quotes: without them YAML reads yes, no, on, off and numbers as something else."
        return Refusal(code, path.rpartition(".")[0], f"the name {_got(detail['input'])}", "text", cure)
    example = _example([str(key) for key in keys])
    cure = f"Write for example: {example}" if example else f"Correct {path} in {place}."
    if code == "S002":
        return Refusal(code, path, "missing", "a value", cure)
    return Refusal(code, path, _got(detail["input"]), _expected(detail), cure)


def _example(keys: Sequence[str]) -> str:
    """What to write at these keys: known for the last two together, for the last, or for what holds it."""
    places = (".".join(keys[-2:]), keys[-1] if keys else "", keys[-2] if len(keys) > 1 else "")
    return next((EXAMPLES[place] for place in places if place in EXAMPLES), "")


def _unknown_key(code: str, path: str, key: str, known: Sequence[str]) -> Refusal:
    close = difflib.get_close_matches(key, known, n=1)
    cure = f"Did you mean {close[0]}?" if close else "Remove it, or correct its spelling."
    return Refusal(code, path, "unknown key", f"one of {', '.join(known)}", cure)


def _known_keys(root: type[BaseModel], keys: Sequence[str | int]) -> list[str]:
    """The keys that the shape at `keys` takes, found by walking the models the way the path does."""
    annotation: Any = root
    for key in keys:
        annotation = _inside(_shape(annotation), str(key))
    shape = _shape(annotation)
    return sorted(_fields(shape)) if _is_model(shape) else []


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _shape(annotation: Any) -> Any:
    """The annotation without `| None` around it."""
    parts = [part for part in getattr(annotation, "__args__", ()) if part is not type(None)]
    is_optional = type(None) in getattr(annotation, "__args__", ())
    return parts[0] if is_optional and parts else annotation


def _inside(annotation: Any, key: str) -> Any:
    """What stands under `key`: a model's field, or what a map or a list holds."""
    if _is_model(annotation):
        return _fields(annotation).get(key)
    origin, parts = getattr(annotation, "__origin__", None), getattr(annotation, "__args__", ())
    return parts[1 if origin is dict else 0] if parts else None


def _got(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a map"
    return "nothing" if value is None else _REPR.repr(value)


def _expected(detail: Any) -> str:
    context = detail.get("ctx", {})
    message: str = detail["msg"]
    if "error" in context:
        return str(context["error"])
    kind = detail["type"].removesuffix("_type")
    if kind in _NAMES:
        return _NAMES[kind].format_map(context)
    if "pattern" in context:
        return _PATTERNS.get(context["pattern"], f"text that matches {context['pattern']}")
    return message.removeprefix("Input should be ").removeprefix("Value error, ")
