"""Rules for the mirror: a copy of live requests whose answers are thrown away."""

from collections.abc import Iterator

from rollout.case import Case
from rollout.words import shares
from settings.refusal import Refusal

LARGEST = 50


def one_target(case: Case) -> Iterator[Refusal]:
    """R021 A mirror has one target.

    Source: T10.
    Example:
        endpoint: {deployments: {blue: {}, green: {}, gray: {}}, traffic: {blue: 100}, mirror: {green: 10, gray: 10}}
        observed: {traffic: {blue: 100}, deployments: {blue: {}, green: {}, gray: {}}}
    """
    if len(case.mirror) > 1:
        cure = "Mirror to one deployment at a time, for example mirror: {green: 10}."
        yield Refusal("R021", case.at("mirror"), shares(case.mirror), "at most one deployment", cure)


def at_most_half(case: Case) -> Iterator[Refusal]:
    """R022 A mirror takes at most 50 percent.

    Source: T10.
    Example:
        endpoint: {deployments: {blue: {}, green: {}}, traffic: {blue: 100}, mirror: {green: 60}}
        observed: {traffic: {blue: 100}, deployments: {blue: {}, green: {}}}
    """
    for name, share in case.mirror.items():
        if share > LARGEST:
            cure = f"Lower it, for example mirror: {{{name}: 10}}."
            yield Refusal("R022", case.at("mirror", name), f"{share} percent", f"0 to {LARGEST} percent", cure)


def not_live(case: Case) -> Iterator[Refusal]:
    """R023 A deployment with live traffic can't be the target of a mirror.

    Source: T10.
    Example:
        endpoint: {deployments: {blue: {}, green: {}}, traffic: {blue: 90, green: 10}, mirror: {green: 10}}
        observed: {traffic: {blue: 100}, mirror: {green: 10}, deployments: {blue: {}, green: {}}}
    """
    for name in case.mirror:
        if name in case.traffic:
            got = f"mirrored to while it has {case.traffic[name]} percent of the live traffic"
            cure = f"Write mirror: {{}} to end the mirror, or take {name} out of traffic."
            yield Refusal("R023", case.at("mirror", name), got, "a deployment without live traffic", cure)


def managed_only(case: Case) -> Iterator[Refusal]:
    """R024 Only managed endpoints have a mirror.

    Source: T10.
    Example:
        endpoint:
          kind: kubernetes
          compute: aks-inference
          deployments: {blue: {instanceType: cpu-small}, green: {instanceType: cpu-small}}
          traffic: {blue: 100}
          mirror: {green: 10}
        observed:
          traffic: {blue: 100}
          deployments: {blue: {instanceType: cpu-small}, green: {instanceType: cpu-small}}
    """
    if case.wanted.kind == "kubernetes" and case.mirror:
        cure = "Write mirror: {}, and test the deployment by name (header azureml-model-deployment)."
        yield Refusal("R024", case.at("mirror"), shares(case.mirror), "none on a Kubernetes endpoint", cure)


def mirrors_something(case: Case) -> Iterator[Refusal]:
    """A021 A mirror on an endpoint without traffic copies nothing.

    Source: T10 (a request that names a deployment is not mirrored).
    Example:
        endpoint: {deployments: {blue: {}, green: {}}, mirror: {green: 10}}
        observed: {deployments: {blue: {}, green: {}}}
    """
    if case.mirror and not case.traffic and not case.wanted.closed:
        cure = "Open the traffic first, for example traffic: {blue: 100}."
        yield Refusal("A021", case.at("mirror"), "an endpoint without traffic", "live traffic to copy", cure)


RULES = (one_target, at_most_half, not_live, managed_only)
ADVICE = (mirrors_something,)
