"""Rules for removing deployments.

An endpoint that leaves the stack file is guarded by `protect` and the engine."""

from collections.abc import Iterator, Mapping

from rollout.case import Case
from settings.refusal import Refusal


def carries_no_traffic(case: Case) -> Iterator[Refusal]:
    """R051 A deployment with live traffic is not removed.

    Azure accepts the deletion, then fails it and leaves the deployment Failed.

    Source: T7.
    Example:
        endpoint: {deployments: {green: {}}, traffic: {green: 100}}
        observed: {traffic: {blue: 10, green: 90}, deployments: {blue: {}, green: {}}}
    """
    yield from _leaving(case, "R051", "traffic", "live traffic", case.observed.traffic if case.observed else {})


def carries_no_mirror(case: Case) -> Iterator[Refusal]:
    """R052 A deployment that a mirror feeds is not removed.

    Source: T6, T7 (that Azure refuses it too is open, so it is refused).
    Example:
        endpoint: {deployments: {blue: {}}, traffic: {blue: 100}}
        observed: {traffic: {blue: 100}, mirror: {green: 10}, deployments: {blue: {}, green: {}}}
    """
    yield from _leaving(case, "R052", "mirror", "mirrored traffic", case.observed.mirror if case.observed else {})


def _leaving(case: Case, code: str, key: str, what: str, carried: Mapping[str, int]) -> Iterator[Refusal]:
    for name in sorted(set(carried) - set(case.wanted.deployments)):
        got = f"removed while it has {carried[name]} percent of the {what}"
        cure = f"Keep {name} in deployments and take it out of {key}, run 'pulumi up', then remove it."
        yield Refusal(code, case.at("deployments", name), got, f"a deployment without {what}", cure)


RULES = (carries_no_traffic, carries_no_mirror)
