"""A model of Azure ML online endpoints, written apart from the rules: what the service takes, refuses and does.

It follows facts T1 to T13 and the recorded answers. It knows nothing of this project; what it refuses raises `No`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

LIMIT = 20


class No(Exception):
    """The service refuses the request, or takes it and does harm."""


@dataclass(frozen=True)
class Spec:
    """What a deployment is made of."""

    model: str
    environment: str
    code: str
    instance_type: str
    count: int

    @property
    def build(self) -> tuple[str, str, str, str]:
        """What decides its answers and where they are made."""
        return (self.model, self.environment, self.code, self.instance_type)


@dataclass
class Deployment:
    """A deployment of the model; `state` as Azure writes it."""

    spec: Spec
    state: str = "Succeeded"


@dataclass
class Endpoint:
    """An endpoint of the model."""

    kind: str
    auth: str
    identity: str
    state: str = "Succeeded"
    traffic: dict[str, int] = field(default_factory=dict)
    mirror: dict[str, int] = field(default_factory=dict)
    deployments: dict[str, Deployment] = field(default_factory=dict)

    def served(self) -> dict[tuple[str, ...], int]:
        """Percent of all callers' requests by what answers them; what is missing to 100 gets an error."""
        answers: dict[tuple[str, ...], int] = {}
        for name, share in self.traffic.items():
            deployment = self.deployments.get(name)
            if deployment:
                answers[deployment.spec.build] = answers.get(deployment.spec.build, 0) + share
        return answers


class Azure:
    """One workspace with at most one endpoint."""

    def __init__(self) -> None:
        self.endpoint: Endpoint | None = None

    def put_endpoint(
        self, kind: str, auth: str, identity: str, traffic: Mapping[str, int], mirror: Mapping[str, int]
    ) -> None:
        """PUT: replaces both maps as a whole (T2)."""
        if self.endpoint is None:
            if traffic or mirror:
                raise No("T6: traffic cannot be set while the endpoint is created")
            self.endpoint = Endpoint(kind, auth, identity)
            return
        self._idle()
        if (identity, kind) != (self.endpoint.identity, self.endpoint.kind):
            raise No("T12: the endpoint would be replaced")
        if auth != self.endpoint.auth:
            raise No("recorded: the auth mode is ignored in silence")
        self._traffic_is_legal(traffic)
        self._mirror_is_legal(traffic, mirror)
        self.endpoint.traffic, self.endpoint.mirror = dict(traffic), dict(mirror)

    def put_deployment(self, name: str, spec: Spec) -> None:
        """PUT of a deployment: makes it, or updates it in place."""
        endpoint = self._idle()
        if spec.count < 1 or (endpoint.kind == "managed" and spec.count > 50):
            raise No(f"{spec.count} instances")
        known = endpoint.deployments.get(name)
        if known is None:
            if len(endpoint.deployments) >= LIMIT:
                raise No("too many deployments")
            endpoint.deployments[name] = Deployment(spec)
            return
        if known.spec == spec:
            return
        if known.spec.count != spec.count and known.spec.build != spec.build:
            raise No("in-place update: the count together with the rest")
        if endpoint.kind == "kubernetes" and known.spec.instance_type != spec.instance_type:
            raise No("a Kubernetes instance type cannot change")
        if endpoint.traffic.get(name) and known.spec.build != spec.build:
            raise No("callers meet a build that nobody shifted traffic to")
        endpoint.deployments[name] = replace(known, spec=spec, state="Succeeded")

    def delete_deployment(self, name: str) -> None:
        """DELETE of a deployment: with live traffic it is accepted, then fails, and leaves `Failed` behind (T7)."""
        endpoint = self._idle()
        if endpoint.traffic.get(name):
            endpoint.deployments[name].state = "Failed"
            raise No("T7: can't delete a deployment with non-zero traffic weight")
        if endpoint.mirror.get(name):
            raise No("open: a mirror would name a deployment that is gone")
        del endpoint.deployments[name]

    def _idle(self) -> Endpoint:
        if self.endpoint is None:
            raise No("404")
        if self.endpoint.state not in ("Succeeded", "Failed"):
            raise No("T13: 409, an operation on the endpoint runs")
        return self.endpoint

    def _traffic_is_legal(self, traffic: Mapping[str, int]) -> None:
        assert self.endpoint
        if sum(traffic.values()) not in (0, 100) or any(not 0 < share <= 100 for share in traffic.values()):
            raise No("T8, T5: the sum is not 0 or 100, or a share is not canonical")
        for name, share in traffic.items():
            deployment = self.endpoint.deployments.get(name)
            if deployment is None or name != name.lower():
                raise No(f"T6: traffic names {name}, which is not there")
            if not self.endpoint.traffic.get(name) and deployment.state != "Succeeded":
                raise No(f"{name} gets its first {share} percent in state {deployment.state}")

    def _mirror_is_legal(self, traffic: Mapping[str, int], mirror: Mapping[str, int]) -> None:
        assert self.endpoint
        if mirror and self.endpoint.kind == "kubernetes":
            raise No("T10: managed only")
        if len(mirror) > 1 or any(not 0 < share <= 50 for share in mirror.values()):
            raise No("T10: one target, at most 50")
        for name in mirror:
            deployment = self.endpoint.deployments.get(name)
            if deployment is None or traffic.get(name):
                raise No(f"T10, T6: the mirror's target {name} is not there, or is live")
            if not self.endpoint.mirror.get(name) and deployment.state != "Succeeded":
                raise No(f"{name} gets a mirror in state {deployment.state}")
