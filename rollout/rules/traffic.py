"""Rules for the split of live traffic."""

from collections.abc import Iterator

from rollout.case import Case
from rollout.words import shares
from settings.refusal import Refusal


def adds_up(case: Case) -> Iterator[Refusal]:
    """R011 The weights of an endpoint's traffic add up to 0 or to 100.

    Source: T8 (what Azure does with 1-99 is open, so it is refused).
    Example:
        endpoint: {deployments: {blue: {}, green: {}}, traffic: {blue: 90, green: 20}}
        observed: {traffic: {blue: 100}, deployments: {blue: {}, green: {}}}
    """
    total = sum(case.traffic.values())
    if total not in (0, 100):
        got = f"{shares(case.traffic)} adds up to {total}"
        cure = "Change the weights so that they add up to 100, for example {blue: 90, green: 10}."
        yield Refusal("R011", case.at("traffic"), got, "0 or 100", cure)


def names_a_deployment(case: Case) -> Iterator[Refusal]:
    """R012 Traffic and mirror name only deployments of their endpoint.

    Source: T6.
    Example:
        endpoint: {deployments: {blue: {}}, traffic: {blue: 90, green: 10}}
        observed: {traffic: {blue: 100}, deployments: {blue: {}}}
    """
    for key, of in (("traffic", case.traffic), ("mirror", case.mirror)):
        for name in of:
            if name not in case.wanted.deployments and not _differs_in_case(name, case):
                known = ", ".join(sorted(case.wanted.deployments))
                expected = f"one of {known}" if known else "a deployment; the endpoint has none yet"
                cure = "Add it to deployments with no traffic, run 'pulumi up', then shift."
                yield Refusal("R012", case.at(key, name), "names no deployment of this endpoint", expected, cure)


def stays_open(case: Case) -> Iterator[Refusal]:
    """R013 An endpoint that serves keeps its traffic, unless the stack file closes it on purpose.

    With no weight the scoring URI answers 404 to every caller.

    Source: T9, T3.
    Example:
        endpoint: {deployments: {blue: {}}, traffic: {}}
        observed: {traffic: {blue: 100}, deployments: {blue: {}}}
    """
    if not case.traffic and not case.wanted.closed and case.observed and case.serves:
        got = f"no traffic, while {shares(case.observed.traffic)} is live"
        cure = f"Name the traffic, for example {_as_map(case.observed.traffic)}; or write closed: true to stop serving."
        yield Refusal("R013", case.at("traffic"), got, "traffic for at least one deployment", cure)


def closed_has_no_traffic(case: Case) -> Iterator[Refusal]:
    """R014 A closed endpoint has neither traffic nor a mirror.

    Source: T9.
    Example:
        endpoint: {deployments: {blue: {}}, traffic: {blue: 100}, closed: true}
        observed: {traffic: {blue: 100}, deployments: {blue: {}}}
    """
    if case.wanted.closed and (case.traffic or case.mirror):
        got = f"true with traffic {shares(case.traffic)} and mirror {shares(case.mirror)}"
        cure = "Remove closed, or write traffic: {} and mirror: {}."
        yield Refusal("R014", case.at("closed"), got, "no traffic and no mirror", cure)


def _differs_in_case(name: str, case: Case) -> bool:
    # Its deployment has a name in another case, which is another rule's matter (R002).
    return any(name == deployment.lower() for deployment in case.wanted.deployments)


def _as_map(of: object) -> str:
    return str(of).replace("'", "")


RULES = (adds_up, names_a_deployment, stays_open, closed_has_no_traffic)
