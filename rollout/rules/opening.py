"""Rules for deployments that newly get traffic or a mirror: there, ready, and not touched by the same step.

On an endpoint that serves nothing yet the same conditions hold the traffic back instead of refusing it.
"""

from collections.abc import Iterator
from functools import lru_cache

from rollout.case import READY, TERMINAL, Case
from settings.refusal import Refusal

HALF = 50


def is_there(case: Case) -> Iterator[Refusal]:
    """R031 On a serving endpoint a deployment gets traffic or a mirror only after the `up` that made it.

    The engine updates an endpoint before it makes the endpoint's deployments, and Azure refuses a map that
    names a deployment that is not there.

    Source: T6.
    Example:
        endpoint: {deployments: {blue: {}, green: {}}, traffic: {blue: 90, green: 10}}
        observed: {traffic: {blue: 100}, deployments: {blue: {}}}
    """
    for key, name in _opening(case):
        if not case.is_there(name):
            cure = f"Leave {name} out of {key}, run 'pulumi up' to make it, test it by name, then shift."
            yield Refusal("R031", case.at(key, name), "a deployment that is not there yet", "one that is there", cure)


def is_ready(case: Case) -> Iterator[Refusal]:
    """R032 On a serving endpoint a deployment gets new traffic or a mirror only when it is Succeeded.

    Source: T13.
    Example:
        endpoint: {deployments: {blue: {}, green: {}}, traffic: {blue: 90, green: 10}}
        observed: {traffic: {blue: 100}, deployments: {blue: {}, green: {state: Failed}}}
    """
    for key, name in _opening(case):
        read = case.read(name)
        if read and read.state != READY:
            waits = f"Wait until {name} is {READY}, then run it again."
            repairs = f"Leave {name} out of {key}; look at its logs, correct it, run 'pulumi up', then shift."
            cure = repairs if read.state in TERMINAL else waits
            yield Refusal("R032", case.at(key, name), f"a deployment in state {read.state}", f"state {READY}", cure)


def is_unchanged(case: Case) -> Iterator[Refusal]:
    """R033 On a serving endpoint a deployment gets no new traffic and no mirror in the step that changes it.

    Source: T13; design decision 2.
    Example:
        endpoint: {deployments: {blue: {}, green: {model: azureml:diabetes-ridge:2}}, traffic: {blue: 90, green: 10}}
        observed: {traffic: {blue: 100}, deployments: {blue: {}, green: {}}}
    """
    for key, name in _opening(case):
        changes = case.changes(name)
        if changes:
            got = f"a deployment whose {', '.join(changes)} this step changes"
            cure = f"Leave {name} out of {key}, run 'pulumi up' with the change, test it by name, then shift."
            yield Refusal("R033", case.at(key, name), got, "one that this step does not change", cure)


def endpoint_is_at_rest(case: Case) -> Iterator[Refusal]:
    """R034 An endpoint takes no change while an operation on it runs.

    Source: T13.
    Example:
        endpoint: {deployments: {blue: {}}, traffic: {blue: 100}}
        observed: {state: Updating, traffic: {blue: 100}, deployments: {blue: {}}}
    """
    if case.observed and case.observed.state not in TERMINAL:
        cure = f"Wait until {case.name} is {READY} (about 20 s for an endpoint), then run it again."
        yield Refusal("R034", case.at(), f"the endpoint is {case.observed.state}", "an endpoint at rest", cure)


def grows_in_health(case: Case) -> Iterator[Refusal]:
    """R035 A live deployment gets a larger share only when it is Succeeded, unless it already carries half of all.

    The exception keeps the way back open: traffic can always return to the deployment that carries the most, also
    where a failed operation (an attempt to delete it, for one) left it in state Failed while it serves as before.

    Source: T13; recorded behaviour, DELETE of a deployment with live traffic.
    Example:
        endpoint: {deployments: {blue: {}, green: {}}, traffic: {blue: 50, green: 50}}
        observed: {traffic: {blue: 90, green: 10}, deployments: {blue: {}, green: {state: Updating}}}
    """
    for name, live, share, state in _growing(case):
        if live < HALF:
            got = f"{live} -> {share} percent for a deployment in state {state}"
            cure = f"Leave its share, or lower it; shift when {name} is {READY}."
            yield Refusal("R035", case.at("traffic", name), got, f"state {READY}", cure)


def returns_in_health(case: Case) -> Iterator[Refusal]:
    """A035 Traffic that returns to a deployment which is not Succeeded is worth a look.

    Source: recorded behaviour, DELETE of a deployment with live traffic (it stays Failed, and serves).
    Example:
        endpoint: {deployments: {blue: {}, green: {}}, traffic: {blue: 100}}
        observed: {traffic: {blue: 90, green: 10}, deployments: {blue: {state: Failed}, green: {}}}
    """
    for name, live, share, state in _growing(case):
        if live >= HALF:
            got = f"{live} -> {share} percent for a deployment in state {state}"
            cure = f"Look at {name}'s logs and answers before the next step."
            yield Refusal("A035", case.at("traffic", name), got, f"state {READY}", cure)


def held_back_by_failure(case: Case) -> Iterator[Refusal]:
    """A032 Traffic that waits for a failed deployment waits until somebody repairs it.

    Source: T6; design decision 2.
    Example:
        endpoint: {deployments: {blue: {}}, traffic: {blue: 100}}
        observed: {deployments: {blue: {state: Failed}}}
    """
    if case.serves:
        return
    for key, name in case.opening():
        read = case.read(name)
        if read and read.state != READY and read.state in TERMINAL:
            cure = f"Look at {name}'s logs and correct it: the next 'pulumi up' replaces it, the one after opens it."
            got = f"held back for a deployment in state {read.state}"
            yield Refusal("A032", case.at(key, name), got, f"state {READY}", cure)


def ready(case: Case, name: str) -> bool:
    """Whether a deployment may newly get traffic: there, Succeeded (as far as read) and unchanged by this step."""
    read = case.read(name)
    return case.is_there(name) and (read is None or read.state == READY) and not case.changes(name)


def _growing(case: Case) -> Iterator[tuple[str, int, int, str]]:
    """(name, share now, share in this step, state) of live deployments that get more without being Succeeded."""
    for name, share in case.traffic.items():
        read = case.read(name)
        if read and read.state != READY and 0 < case.live(name) < share:
            yield name, case.live(name), share, read.state


@lru_cache(maxsize=1)
def _opening(case: Case) -> list[tuple[str, str]]:
    """What newly gets a share on an endpoint that serves; names that are no deployments are another rule's matter."""
    return [pair for pair in case.opening() if pair[1] in case.wanted.deployments] if case.serves else []


RULES = (is_there, is_ready, is_unchanged, endpoint_is_at_rest, grows_in_health)
ADVICE = (returns_in_health, held_back_by_failure)
