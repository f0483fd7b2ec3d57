"""Rules for changes of deployments and endpoints that are there."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rollout.case import READY, TERMINAL, Case, changed_keys, changed_variables
from rollout.model import ObservedDeployment
from settings.deployment import Deployment
from settings.endpoint import Kind
from settings.refusal import Refusal

COUNT = "instanceCount"
_FIELDS = {"instanceType": "instance_type", "scoringScript": "scoring_script"}


def live_stays_as_it_is(case: Case) -> Iterator[Refusal]:
    """R041 Model, environment, code and instance type of a live deployment do not change: make a new deployment.

    The scoring script is code, and variables are environment: they start new containers too. Applies where the
    deployment was read; a preview sees the others in the engine's hook (`guard_deployment`).

    Source: limits, in-place update (replaces 20 % of the nodes at a time, so users would meet both versions at once).
    Example:
        endpoint: {deployments: {blue: {model: azureml:diabetes-ridge:2}}, traffic: {blue: 100}}
        observed: {traffic: {blue: 100}, deployments: {blue: {}}}
    """
    for path, name, old, new in _changed(case):
        yield from _live(path, old, new, bool(case.live(name)))


def count_changes_alone(case: Case) -> Iterator[Refusal]:
    """R042 An instance count never changes together with model, environment, code, variables or instance type.

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


def is_at_rest(case: Case) -> Iterator[Refusal]:
    """R045 A deployment is not changed or removed while an operation on it runs.

    Source: T13.
    Example:
        endpoint: {deployments: {blue: {}, green: {instanceCount: 5}}, traffic: {blue: 100}}
        observed: {traffic: {blue: 100}, deployments: {blue: {}, green: {state: Updating}}}
    """
    for path, _, old, _ in _changed(case):
        yield from _busy(path, old.state, "changed")
    seen = case.observed.deployments if case.observed else {}
    for name in sorted(seen.keys() - case.wanted.deployments.keys()):
        yield from _busy(case.at("deployments", name), seen[name].state, "removed")


def egress_stays(case: Case) -> Iterator[Refusal]:
    """R046 Whether a deployment may call out to public networks does not change, live or not.

    Source: limits, egressPublicNetworkAccess (fixed after creation; what leaving it out does is open).
    Example:
        stack: {registry: {name: acrdiabetes, sku: premium}}
        endpoint: {deployments: {blue: {egressPublicNetworkAccess: disabled}}, traffic: {blue: 100}}
        observed: {traffic: {blue: 100}, deployments: {blue: {egressPublicNetworkAccess: enabled}}}
    """
    for name, new in case.wanted.deployments.items():
        # Left out, it is Azure's to say: only the engine knows that it was sent before.
        old = case.read(name) if new.egress_public_network_access else None
        if old and old.egress:
            yield from _egress(case.at("deployments", name), old, new)


@dataclass(frozen=True, slots=True)
class Moves:
    """A deployment's percent of the traffic and of the mirror, now and in this step."""

    live: int = 0
    share: int = 0
    mirrored: int = 0
    mirror: int = 0


def guard_deployment(
    path: str, kind: Kind, old: ObservedDeployment, new: Deployment, moves: Moves, state: str = READY
) -> list[Refusal]:
    """What R033 and R041 to R046 say to a change that the engine sees, for a deployment that was not read.

    The engine asks only about deployments that this step changes, in whatever key. `path` is the deployment's in the
    stack file, `state` Azure's word for it now.
    """
    live, share = moves.live, moves.share
    return [
        *_opens(path, old, new, moves),
        *_live(path, old, new, bool(live)),
        *_count(path, old, new),
        *_type(path, kind, old, new),
        *_grows(path, old, new, live, share),
        *_busy(path, state, "changed"),
        *_egress(path, old, new),
    ]


@lru_cache(maxsize=1)
def _changed(case: Case) -> list[tuple[str, str, ObservedDeployment, Deployment]]:
    """(path, name, as read, as wanted) of the deployments that this step changes."""
    read = ((name, case.read(name), new) for name, new in case.wanted.deployments.items())
    return [(case.at("deployments", name), name, old, new) for name, old, new in read if old and changed_keys(old, new)]


def _live(path: str, old: ObservedDeployment, new: Deployment, live: bool) -> Iterator[Refusal]:
    for key in changed_keys(old, new) if live else []:
        if key != COUNT:
            got, before = _change(old, new, key)
            cure = "Put it back, add a new deployment with the change and no traffic, run 'pulumi up', then shift."
            expected = f"{before} as long as the deployment has live traffic"
            yield Refusal("R041", f"{path}.{key}", got, expected, cure)


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


def _busy(path: str, state: str, what: str) -> Iterator[Refusal]:
    if state not in TERMINAL:
        cure = f"Wait until it is {READY}, then run it again."
        yield Refusal("R045", path, f"{what} while it is {state}", "a deployment at rest", cure)


def _egress(path: str, old: ObservedDeployment, new: Deployment) -> Iterator[Refusal]:
    # Azure's word for what was never said is `Enabled`.
    before, after = (old.egress or "enabled").lower(), new.egress_public_network_access or "enabled"
    if before != after:
        cure = "Put it back, and make a new deployment with the other value."
        got = f"{before} -> {after}"
        yield Refusal("R046", f"{path}.egressPublicNetworkAccess", got, f"{before}, as it was made", cure)


def _opens(path: str, old: ObservedDeployment, new: Deployment, moves: Moves) -> Iterator[Refusal]:
    is_scaled = COUNT in changed_keys(old, new)
    shift = ("R044" if moves.live else "R033", moves.live, moves.share, "traffic")
    mirror = ("R033", moves.mirrored, moves.mirror if not moves.mirrored else 0, "mirror")
    for code, before, after, key in (shift, mirror):
        # A live deployment's instance count has words of its own (`_grows`).
        if before < after and not (code == "R044" and is_scaled):
            got = f"changed in the step that raises its share of the {key} from {before} to {after} percent"
            cure = f"Leave its share of the {key}, run 'pulumi up' with the change, test it by name, then shift."
            yield Refusal(code, path, got, "one of the two in a step", cure)


def _change(old: ObservedDeployment, new: Deployment, key: str) -> tuple[str, str]:
    """What happens to a key, and what it is now; of variables only the names, as a value may be a secret."""
    if key == "variables":
        names = changed_variables(old.variables or {}, new.variables)
        return f"{', '.join(names)} changed", "the variables as they are"
    before, after = (getattr(of, _FIELDS.get(key, key)) or "none" for of in (old, new))
    return f"{before} -> {after}", before


RULES = (live_stays_as_it_is, count_changes_alone, kubernetes_type_stays, grows_or_scales, is_at_rest, egress_stays)
