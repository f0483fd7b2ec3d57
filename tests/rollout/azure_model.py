"""A model of Azure ML online endpoints, written apart from the rules: what the service takes, refuses and does.

It follows facts T1 to T13 and the recorded answers. It knows nothing of this project; what it refuses, and what it
would take to the harm of callers, raises `No`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

LIMIT = 20
DASH = "-"


class No(Exception):
    """The service refuses the request, or takes it and does harm."""


@dataclass(frozen=True)
class Spec:
    """What a deployment is made of: `build` decides its answers and where they are made, `rest` is all other keys."""

    build: tuple[str, ...]
    instance_type: str
    count: int
    rest: str = ""


@dataclass
class Deployment:
    """A deployment of the model; `state` as Azure writes it."""

    spec: Spec
    state: str = "Succeeded"


@dataclass
class Endpoint:
    """An endpoint of the model.

    `old_traffic` and `old_mirror` are what was there when the step began: for a while some of the service still
    follows them (T4), so callers may meet both.
    """

    kind: str
    auth: str
    identity: str
    state: str = "Succeeded"
    traffic: dict[str, int] = field(default_factory=dict)
    mirror: dict[str, int] = field(default_factory=dict)
    old_traffic: dict[str, int] = field(default_factory=dict)
    old_mirror: dict[str, int] = field(default_factory=dict)
    deployments: dict[str, Deployment] = field(default_factory=dict)

    def served(self) -> list[dict[tuple[str, ...], int]]:
        """By the map of before and by that of now: percent of all requests by what answers them; the rest fails."""
        return [self._answers(self.old_traffic), self._answers(self.traffic)]

    def unwell(self, traffic: Mapping[str, int]) -> int:
        """Percent of requests that `traffic` brings to deployments which are not Succeeded."""
        return sum(share for name, share in traffic.items() if self.deployments[name].state != "Succeeded")

    def _answers(self, traffic: Mapping[str, int]) -> dict[tuple[str, ...], int]:
        answers: dict[tuple[str, ...], int] = {}
        for name, share in traffic.items():
            if name in self.deployments:
                spec = self.deployments[name].spec
                key = (*spec.build, spec.instance_type)
                answers[key] = answers.get(key, 0) + share
        return answers


class Azure:
    """One workspace with at most one endpoint, `diabetes`."""

    def __init__(self) -> None:
        self.endpoint: Endpoint | None = None

    def settle(self) -> None:
        """Time passes: all of the service follows the maps of now."""
        if self.endpoint:
            self.endpoint.old_traffic, self.endpoint.old_mirror = self.endpoint.traffic, self.endpoint.mirror

    def put_endpoint(
        self, kind: str, auth: str, identity: str, traffic: Mapping[str, int], mirror: Mapping[str, int]
    ) -> None:
        """PUT: replaces both maps as a whole (T2)."""
        if self.endpoint is None:
            if traffic or mirror:
                raise No("T6: traffic cannot be set while the endpoint is created")
            if kind == "kubernetes" and auth == "aad_token":
                raise No("limits: Entra tokens on managed endpoints only")
            self.endpoint = Endpoint(kind, auth, identity)
            return
        endpoint = self._idle()
        if (identity, kind) != (endpoint.identity, endpoint.kind):
            raise No("T12: the endpoint would be replaced")
        if auth != endpoint.auth:
            raise No("recorded: the auth mode is ignored in silence")
        for reason in (*_traffic_faults(endpoint, traffic), *_mirror_faults(endpoint, traffic, mirror)):
            raise No(reason)
        endpoint.traffic, endpoint.mirror = dict(traffic), dict(mirror)

    def put_deployment(self, name: str, spec: Spec) -> None:
        """PUT of a deployment: makes it, or updates it in place."""
        endpoint = self._idle()
        known = endpoint.deployments.get(name)
        if known and known.spec == spec:
            return
        faults = _change_faults(endpoint, name, known, spec) if known else _new_faults(endpoint, name)
        for reason in (*_size_faults(endpoint, spec), *faults):
            raise No(reason)
        endpoint.deployments[name] = replace(known, spec=spec, state="Succeeded") if known else Deployment(spec)

    def delete_deployment(self, name: str) -> None:
        """DELETE of a deployment: with live traffic it is accepted, then fails, and leaves `Failed` behind (T7)."""
        endpoint = self._idle()
        if endpoint.traffic.get(name):
            endpoint.deployments[name].state = "Failed"
            raise No("T7: can't delete a deployment with non-zero traffic weight")
        if endpoint.old_traffic.get(name):
            raise No("T4: some callers are still sent to a deployment that is gone")
        if endpoint.mirror.get(name) or endpoint.old_mirror.get(name):
            raise No("open: a mirror would name a deployment that is gone")
        if endpoint.deployments[name].state == "Updating":
            raise No("T13: 409, an operation on the deployment runs")
        del endpoint.deployments[name]

    def _idle(self) -> Endpoint:
        if self.endpoint is None:
            raise No("404")
        if self.endpoint.state not in ("Succeeded", "Failed"):
            raise No("T13: 409, an operation on the endpoint runs")
        return self.endpoint


def _traffic_faults(endpoint: Endpoint, traffic: Mapping[str, int]) -> Iterator[str]:
    if sum(traffic.values()) not in (0, 100) or any(not 0 < share <= 100 for share in traffic.values()):
        yield "T8, T5: the sum is not 0 or 100, or a share is not canonical"
    for name, share in traffic.items():
        deployment = endpoint.deployments.get(name)
        if deployment is None or name != name.lower():
            yield f"T6: traffic names {name}, which is not there"
        elif not endpoint.traffic.get(name) and deployment.state != "Succeeded":
            yield f"{name} gets its first {share} percent in state {deployment.state}"
    before = endpoint.unwell(endpoint.traffic)
    if set(traffic) <= set(endpoint.deployments) and before < 50 and endpoint.unwell(traffic) > before:
        yield "callers are led from deployments that are well to such that are not"


def _mirror_faults(endpoint: Endpoint, traffic: Mapping[str, int], mirror: Mapping[str, int]) -> Iterator[str]:
    if mirror and endpoint.kind == "kubernetes":
        yield "T10: managed only"
    if len(mirror) > 1 or any(not 0 < share <= 50 for share in mirror.values()):
        yield "T10: one target, at most 50"
    for name in mirror:
        deployment = endpoint.deployments.get(name)
        if deployment is None or traffic.get(name):
            yield f"T10, T6: the mirror's target {name} is not there, or is live"
        elif not endpoint.mirror.get(name) and deployment.state != "Succeeded":
            yield f"{name} gets a mirror in state {deployment.state}"


def _size_faults(endpoint: Endpoint, spec: Spec) -> Iterator[str]:
    if spec.count < 1 or (endpoint.kind == "managed" and spec.count > 50):
        yield f"limits: {spec.count} instances"


def _new_faults(endpoint: Endpoint, name: str) -> Iterator[str]:
    if len(endpoint.deployments) >= LIMIT:
        yield "limits: too many deployments"
    if name != name.lower():
        yield "T5: no traffic map can name it"
    if endpoint.kind == "managed":
        letters = name.replace(DASH, "")
        is_whole = letters.isalnum() and letters.isascii() and DASH * 2 not in name
        if not (3 <= len(name) <= 32 and is_whole and name[0].isalpha() and name[-1] != DASH):
            yield "limits: names, managed"
    elif len("diabetes" + name) > 62:
        yield "limits: names, Kubernetes"


def _change_faults(endpoint: Endpoint, name: str, known: Deployment, spec: Spec) -> Iterator[str]:
    is_rebuilt = (known.spec.build, known.spec.instance_type) != (spec.build, spec.instance_type)
    if known.state == "Updating":
        yield "T13: 409, an operation on the deployment runs"
    if known.spec.count != spec.count and is_rebuilt:
        yield "in-place update: the count together with the rest"
    if endpoint.kind == "kubernetes" and known.spec.instance_type != spec.instance_type:
        yield "a Kubernetes instance type cannot change"
    if is_rebuilt and (endpoint.traffic.get(name) or endpoint.old_traffic.get(name)):
        yield "callers meet a build that nobody shifted traffic to"
    is_grown = endpoint.traffic.get(name, 0) > endpoint.old_traffic.get(name, 0)
    if is_grown or (endpoint.mirror.get(name) and not endpoint.old_mirror.get(name)):
        yield "more requests are led to a deployment while the same step changes it"
