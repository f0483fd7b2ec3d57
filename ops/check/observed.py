"""What is observed, as JSON: the shape that `rollout check --observed` reads and `rollout.model` works with."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from rollout.model import ObservedDeployment, ObservedEndpoint, Split
from settings.parse import parse_as
from settings.refusal import Refused
from settings.texts import unfit
from settings.types import Names, Shape, Shares, Text, lower_keys


class DeploymentSeen(Shape):
    """A deployment; what is left out was not read."""

    state: str = "Succeeded"
    model: str | None = None
    environment: str | None = None
    code: str | None = None
    instance_type: str | None = None
    instance_count: int | None = None
    scoring_script: str | None = None
    variables: dict[str, Text] | None = None
    egress_public_network_access: str | None = None


class SplitSeen(Shape):
    """How requests are shared out, in percent."""

    traffic: Shares = Field(default_factory=dict)
    mirror: Shares = Field(default_factory=dict)


class EndpointSeen(Shape):
    """An endpoint; `exists: false` is the same as leaving it out. `applied` is what its stack applied last."""

    exists: bool = True
    state: str = "Succeeded"
    auth: str | None = None
    identity: str | None = None
    identities: Names | None = None
    kind: str | None = None
    compute: str | None = None
    location: str | None = None
    mark: str | None = None
    applied: SplitSeen | None = None
    overwrote: SplitSeen | None = None
    proven: Names | None = None
    traffic: Shares = Field(default_factory=dict)
    mirror: Shares = Field(default_factory=dict)
    deployments: Annotated[dict[str, DeploymentSeen], BeforeValidator(lower_keys)] = Field(default_factory=dict)


class Seen(Shape):
    """All endpoints, under the word that stands before their paths in messages."""

    observed: dict[str, EndpointSeen]


def observed_from(raw: Any) -> dict[str, ObservedEndpoint]:
    """The endpoints that are there, by name. Raises Refused with all that is wrong, by path."""
    if wrong := unfit({"observed": raw}):
        raise Refused(wrong)
    seen = parse_as(Seen, {"observed": raw}, place="the observation").observed
    return {name: _endpoint(endpoint) for name, endpoint in seen.items() if endpoint.exists}


def _endpoint(seen: EndpointSeen) -> ObservedEndpoint:
    return ObservedEndpoint(
        state=seen.state,
        auth=seen.auth,
        identity=seen.identity,
        traffic=seen.traffic,
        mirror=seen.mirror,
        deployments={name: _deployment(deployment) for name, deployment in seen.deployments.items()},
        kind=seen.kind,
        compute=seen.compute,
        location=seen.location,
        identities=seen.identities,
        mark=seen.mark,
        applied=_split(seen.applied),
        overwrote=_split(seen.overwrote),
        proven=seen.proven,
    )


def _split(seen: SplitSeen | None) -> Split | None:
    return Split(seen.traffic, seen.mirror) if seen else None


def _deployment(seen: DeploymentSeen) -> ObservedDeployment:
    return ObservedDeployment(
        state=seen.state,
        model=seen.model,
        environment=seen.environment,
        code=seen.code,
        instance_type=seen.instance_type,
        instance_count=seen.instance_count,
        scoring_script=seen.scoring_script,
        variables=seen.variables,
        egress=seen.egress_public_network_access,
    )
