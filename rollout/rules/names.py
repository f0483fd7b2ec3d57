"""Rules for names and numbers: what things may be called, and how many there may be."""

import re
from collections import Counter
from collections.abc import Iterator

from rollout.case import Case
from settings.refusal import Refusal
from settings.stack import Stack

MOST_DEPLOYMENTS = 20
RAISED = "or let support raise the limit and say so in"

_PLAIN = re.compile(r"[A-Za-z](?:-?[A-Za-z0-9])*")
_KIND = "letters, digits and single dashes; a letter first, a letter or digit last"
_SAYS = f"3 to 32 {_KIND}"
_SHORTEST, _LONGEST = 6, 62


def managed_name(case: Case) -> Iterator[Refusal]:
    """R001 A managed endpoint's name and its deployments' names have 3 to 32 characters of the right kind.

    A letter first; letters, digits and single dashes; a letter or digit last.

    Source: limits, endpoint and deployment names (managed).
    Example:
        endpoint: {deployments: {b: {}}}
    """
    if case.wanted.kind == "managed":
        if not _is_managed(case.name):
            yield Refusal("R001", case.at(), repr(case.name), _SAYS, "Rename the endpoint, for example diabetes-dev.")
        for name in case.wanted.deployments:
            if not _is_managed(name):
                cure = "Rename the deployment, for example blue."
                yield Refusal("R001", case.at("deployments", name), repr(name), _SAYS, cure)


def lower_case_name(case: Case) -> Iterator[Refusal]:
    """R002 Deployments are named in lower case, as Azure writes them in a traffic map.

    Source: T5.
    Example:
        endpoint: {deployments: {Blue: {}}}
    """
    for name in case.wanted.deployments:
        if name != name.lower():
            cure = f"Write {name.lower()}."
            yield Refusal("R002", case.at("deployments", name), repr(name), "a name in lower case", cure)


def kubernetes_name(case: Case) -> Iterator[Refusal]:
    """R003 On Kubernetes an endpoint's and a deployment's name together have 6 to 62 characters of the right kind.

    Source: limits, names (Kubernetes); that other characters are taken than on managed endpoints is open.
    Example:
        endpoint:
          kind: kubernetes
          compute: aks-inference
          deployments:
            a-deployment-with-a-name-that-is-far-too-long-for-kubernetes: {instanceType: cpu-small}
    """
    for name in case.wanted.deployments if case.wanted.kind == "kubernetes" else ():
        length = len(case.name) + len(name)
        if not _SHORTEST <= length <= _LONGEST:
            got = f"{length} characters together with the endpoint's name"
            cure = "Choose a shorter name." if length > _LONGEST else "Choose a longer name."
            yield Refusal("R003", case.at("deployments", name), got, f"{_SHORTEST} to {_LONGEST}", cure)
        elif not _PLAIN.fullmatch(name):
            cure = "Rename the deployment, for example blue."
            yield Refusal("R003", case.at("deployments", name), repr(name), _KIND, cure)
    if case.wanted.kind == "kubernetes" and not _PLAIN.fullmatch(case.name):
        yield Refusal("R003", case.at(), repr(case.name), _KIND, "Rename the endpoint, for example diabetes-dev.")


def deployments_per_endpoint(case: Case) -> Iterator[Refusal]:
    """R004 An endpoint has at most 20 deployments.

    Source: limits, deployments.
    Example:
        endpoint:
          deployments: {b01: {}, b02: {}, b03: {}, b04: {}, b05: {}, b06: {}, b07: {}, b08: {}, b09: {}, b10: {},
            b11: {}, b12: {}, b13: {}, b14: {}, b15: {}, b16: {}, b17: {}, b18: {}, b19: {}, b20: {}, b21: {}}
    """
    count = len(case.wanted.deployments)
    if count > MOST_DEPLOYMENTS:
        cure = "Remove deployments without traffic, or make a second endpoint."
        yield Refusal("R004", case.at("deployments"), f"{count} deployments", f"at most {MOST_DEPLOYMENTS}", cure)


def endpoints_per_region(stack: Stack) -> Iterator[Refusal]:
    """R005 A subscription has at most 100 online endpoints in a region.

    Source: limits, endpoints.
    Example:
        endpoint: {}
        times: 101
    """
    if len(stack.endpoints) > stack.most_endpoints:
        got = f"{len(stack.endpoints)} endpoints in {stack.location}"
        cure = f"Spread them over several stacks, one per region or subscription; {RAISED} mostEndpoints."
        yield Refusal("R005", "endpoints", got, f"at most {stack.most_endpoints}", cure)


def deployments_per_subscription(stack: Stack) -> Iterator[Refusal]:
    """R006 A subscription has at most 500 deployments.

    Source: limits, deployments.
    Example:
        endpoint: {deployments: {blue: {}, green: {}, gray: {}, teal: {}, pink: {}, gold: {}}}
        times: 84
    """
    count = sum(len(endpoint.deployments) for endpoint in stack.endpoints.values())
    if count > stack.most_deployments:
        cure = f"Remove deployments without traffic, or use a second subscription; {RAISED} mostDeployments."
        yield Refusal("R006", "endpoints", f"{count} deployments", f"at most {stack.most_deployments}", cure)


def distinct_endpoints(stack: Stack) -> Iterator[Refusal]:
    """R007 Endpoint names differ in more than their case: a name is unique in its region.

    Source: limits, endpoint and deployment names.
    Example:
        endpoint: {}
        stack: {endpoints: {Diabetes: {}}}
    """
    if len({name.lower() for name in stack.endpoints}) == len(stack.endpoints):
        return
    counts = Counter(name.lower() for name in stack.endpoints)
    for name in stack.endpoints:
        if counts[name.lower()] > 1 and name != name.lower():
            cure = "Give one of them another name."
            yield Refusal("R007", f"endpoints.{name}", f"{name} beside {name.lower()}", "a name of its own", cure)


def distinct_resources(stack: Stack) -> Iterator[Refusal]:
    """R008 No two deployments share `ENDPOINT-DEPLOYMENT`, by which the engine knows them.

    Source: Pulumi, names of resources (a URN is unique).
    Example:
        endpoint: {deployments: {red-blue: {}}}
        stack:
          endpoints:
            diabetes-red:
              deployments:
                blue: {model: 'azureml:m:1', environment: 'azureml:e:1', instanceType: Standard_DS3_v2,
                  instanceCount: 1}
    """
    seen: dict[str, str] = {}
    for endpoint, wanted in sorted(stack.endpoints.items()):
        for name in sorted(wanted.deployments):
            path, joined = f"endpoints.{endpoint}.deployments.{name}", f"{endpoint}-{name}"
            other = seen.setdefault(joined, path)
            if other != path:
                cure = "Rename the deployment that carries nothing."
                yield Refusal("R008", path, f"{joined}, as {other} is", "a name of its own", cure)


def _is_managed(name: str) -> bool:
    return 3 <= len(name) <= 32 and _PLAIN.fullmatch(name) is not None


RULES = (managed_name, lower_case_name, kubernetes_name, deployments_per_endpoint)
STACK_RULES = (endpoints_per_region, deployments_per_subscription, distinct_endpoints, distinct_resources)
