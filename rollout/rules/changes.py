"""Rules for changes of deployments and endpoints that are there."""

from collections.abc import Iterator
from functools import lru_cache

from rollout.case import Case, changed_keys
from rollout.model import ObservedDeployment
from settings.endpoint import Deployment, Kind
from settings.refusal import Refusal

COUNT = "instanceCount"


def live_stays_as_it_is(case: Case) -> Iterator[Refusal]:
    """R041 Model, environment, code and instance type of a live deployment do not change: make a new deployment.

    Applies where the deployment was read; a preview sees the others in the engine's hook (`guard_deployment`).

    Source: limits, in-place update (replaces 20 % of the nodes at a time, so users would meet both versions at once).
    Example:
        endpoint: {deployments: {blue: {model: azureml:diabetes-ridge:2}}, traffic: {blue: 100}}
        observed: {traffic: {blue: 100}, deployments: {blue: {}}}
    """
    for path, name, old, new in _changed(case):
        yield from _live(path, old, new, bool(case.live(name)))


def count_changes_alone(case: Case) -> Iterator[Refusal]:
    """R042 An instance count never changes together with model, environment, code or instance type.

    Source: limits, in-place update.
    Example:
        endpoint:
          deployments: {blue: {}, green: {model: azureml:diabetes-ridge:2, instanceCount: 5}}
          traffic: {blue: 100}
        observed: {traffic: {blue: 100}, deployments: {blue: {}, green: {}}}
    """
    for path, _, old, new in _changed(case):
        yield from _count(path, old, new)


def kubernetes_type_stays(case: Case) -> Iterator[Refusal]:
    """R043 The instance type of a Kubernetes deployment does not change, live or not.

    Source: limits, Kubernetes deployment (Azure/AML-Kubernetes#247).
    Example:
        endpoint:
          kind: kubernetes
          compute: aks-inference
          deployments: {blue: {instanceType: cpu-small}, green: {instanceType: cpu-large}}
          traffic: {blue: 100}
        observed:
          traffic: {blue: 100}
          deployments: {blue: {instanceType: cpu-small}, green: {instanceType: cpu-small}}
    """
    for path, _, old, new in _changed(case):
        yield from _type(path, case.wanted.kind, old, new)


def grows_or_scales(case: Case) -> Iterator[Refusal]:
    """R044 A live deployment gets no larger share in the step that changes its instance count.

    The endpoint is updated first: the larger share would meet the old number of instances, or one that shrinks.

    Source: T13; design decision 2.
    Example:
        endpoint: {deployments: {blue: {}, green: {instanceCount: 5}}, traffic: {blue: 50, green: 50}}
        observed: {traffic: {blue: 90, green: 10}, deployments: {blue: {}, green: {}}}
    """
    for path, name, old, new in _changed(case):
        yield from _grows(path, old, new, case.live(name), case.traffic.get(name, 0))


def guard_deployment(
    path: str, kind: Kind, old: ObservedDeployment, new: Deployment, *, live: int, share: int
) -> list[Refusal]:
    """What R041 to R044 say to a change that the engine sees, for a deployment that was not read.

    `path` is the deployment's in the stack file, `live` its percent of the traffic now, `share` in this step.
    """
    return [
        *_live(path, old, new, bool(live)),
        *_count(path, old, new),
        *_type(path, kind, old, new),
        *_grows(path, old, new, live, share),
    ]


@lru_cache(maxsize=1)
def _changed(case: Case) -> list[tuple[str, str, ObservedDeployment, Deployment]]:
    """(path, name, as read, as wanted) of the deployments that this step changes."""
    read = ((name, case.read(name), new) for name, new in case.wanted.deployments.items())
    return [(case.at("deployments", name), name, old, new) for name, old, new in read if old and changed_keys(old, new)]


def _live(path: str, old: ObservedDeployment, new: Deployment, live: bool) -> Iterator[Refusal]:
    for key in changed_keys(old, new) if live else []:
        if key != COUNT:
            before, after = _value(old, key), _value(new, key)
            cure = "Put it back, add a new deployment with the change and no traffic, run 'pulumi up', then shift."
            expected = f"{before} as long as the deployment has live traffic"
            yield Refusal("R041", f"{path}.{key}", f"{before} -> {after}", expected, cure)


def _count(path: str, old: ObservedDeployment, new: Deployment) -> Iterator[Refusal]:
    changed = changed_keys(old, new)
    if COUNT in changed and len(changed) > 1:
        others = ", ".join(key for key in changed if key != COUNT)
        got = f"{old.instance_count} -> {new.fixed_count} together with {others}"
        cure = f"Leave {COUNT} at {old.instance_count}, run 'pulumi up', then scale."
        yield Refusal("R042", f"{path}.{COUNT}", got, "a change of the count alone", cure)


def _type(path: str, kind: Kind, old: ObservedDeployment, new: Deployment) -> Iterator[Refusal]:
    if kind == "kubernetes" and "instanceType" in changed_keys(old, new):
        cure = "Put it back, make a new deployment with the other type, shift the traffic, then remove this one."
        got = f"{old.instance_type} -> {new.instance_type}"
        yield Refusal("R043", f"{path}.instanceType", got, f"{old.instance_type}; Azure cannot change it", cure)


def _grows(path: str, old: ObservedDeployment, new: Deployment, live: int, share: int) -> Iterator[Refusal]:
    if 0 < live < share and COUNT in changed_keys(old, new):
        got = f"{old.instance_count} -> {new.fixed_count} while its share grows from {live} to {share} percent"
        cure = "Scale with one 'pulumi up', then shift with the next."
        yield Refusal("R044", f"{path}.{COUNT}", got, "one of the two in a step", cure)


def _value(of: ObservedDeployment | Deployment, key: str) -> str:
    value = getattr(of, "instance_type" if key == "instanceType" else key)
    return str(value) if value is not None else "none"


RULES = (live_stays_as_it_is, count_changes_alone, kubernetes_type_stays, grows_or_scales)
