"""Rules for instance counts and who owns them."""

from collections.abc import Iterator

from rollout.case import Case
from settings.refusal import Refusal

MOST_INSTANCES, ADVISED = 50, 3


def one_owner_of_the_count(case: Case) -> Iterator[Refusal]:
    """R081 An instance count has one owner: the stack or the autoscaler.

    Source: limits, autoscale on managed.
    Example:
        endpoint: {deployments: {blue: {instanceCount: 3, autoscale: {min: 3, max: 9}}}}
    """
    for name, deployment in case.wanted.deployments.items():
        if deployment.autoscale and deployment.instance_count is not None:
            path = case.at("deployments", name, "instanceCount")
            cure = "Remove instanceCount, or remove autoscale."
            yield Refusal("R081", path, f"{deployment.instance_count} beside autoscale", "one of the two", cure)


def count_within_limits(case: Case) -> Iterator[Refusal]:
    """R082 A deployment has at least 1 instance, and a managed one at most 50.

    Source: limits, instances.
    Example:
        endpoint: {deployments: {blue: {instanceCount: 0}}}
    """
    most = MOST_INSTANCES if case.wanted.kind == "managed" else None
    for name, deployment in case.wanted.deployments.items():
        key = "autoscale.max" if deployment.autoscale else "instanceCount"
        count = deployment.largest_count
        if count < 1 or (most and count > most):
            path = case.at("deployments", name, key)
            expected = f"1 to {most}" if most else "at least 1"
            cure = "Remove a deployment that is not needed; for more instances add another deployment."
            yield Refusal("R082", path, f"{count} instances", expected, cure)


def autoscale_is_ordered(case: Case) -> Iterator[Refusal]:
    """R083 An autoscaler's minimum is not above its default, nor its default above its maximum.

    Source: limits, autoscale on managed.
    Example:
        endpoint: {deployments: {blue: {instanceCount: null, autoscale: {min: 5, max: 3}}}}
    """
    for name, deployment in case.wanted.deployments.items():
        scale = deployment.autoscale
        if scale and not scale.min <= (scale.default or scale.min) <= scale.max:
            got = f"min {scale.min}, default {scale.default or scale.min}, max {scale.max}"
            cure = "Write for example autoscale: {min: 3, default: 3, max: 9}."
            yield Refusal("R083", case.at("deployments", name, "autoscale"), got, "min <= default <= max", cure)


def three_in_production(case: Case) -> Iterator[Refusal]:
    """A081 In production a deployment that gets traffic has 3 instances or more.

    Source: limits, instances.
    Example:
        stack: {production: true}
        endpoint: {deployments: {blue: {instanceCount: 1}}, traffic: {blue: 100}}
    """
    for name in case.traffic if case.stack.production else ():
        deployment = case.wanted.deployments.get(name)
        if deployment:
            count = deployment.autoscale.min if deployment.autoscale else deployment.fixed_count or 0
            if count < ADVISED:
                key = "autoscale.min" if deployment.autoscale else "instanceCount"
                cure = f"Raise it to {ADVISED}: an update in place and a failing node each take instances away."
                path = case.at("deployments", name, key)
                yield Refusal("A081", path, f"{count} in production", f"{ADVISED} or more", cure)


RULES = (one_owner_of_the_count, count_within_limits, autoscale_is_ordered)
ADVICE = (three_in_production,)
