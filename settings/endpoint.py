"""The stack file's endpoints: deployments, traffic, mirror, and who they are."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from settings.deployment import Deployment, DeploymentDefaults, with_defaults
from settings.plan import RolloutPlan
from settings.types import Names, Shape, Shares, Text

Kind = Literal["managed", "kubernetes"]
Auth = Literal["key", "aml_token", "aad_token"]


class Load(Shape):
    """The load that you expect. The advice on capacity is computed from it; nothing else is.

    Example:
      {requestsPerSecond: 40, secondsPerRequest: 0.1}
    """

    requests_per_second: Annotated[float, Field(gt=0, le=1_000_000, strict=False)]
    """Requests that the whole endpoint gets in a second."""
    seconds_per_request: Annotated[float, Field(gt=0, le=86_400, strict=False)]
    """How long the model works on one request, in seconds."""


class Identity(Shape):
    """Who the endpoint is when it calls Azure: an identity of its own, or user-assigned ones. It can't change
    later.

    Example:
      {type: userAssigned, names: [scoring], ids: []}
    """

    type: Literal["systemAssigned", "userAssigned"] = "systemAssigned"
    """`systemAssigned`: Azure makes one with the endpoint and gives it its roles. `userAssigned`: the ones named
    here."""
    names: Names = ()
    """Identities of this stack file, by their key under `identities`."""
    ids: Names = ()
    """Resource ids of other identities. Those must have their roles already."""


class Overwrite(Shape):
    """A split that somebody made by hand. The next `up` may overwrite this one and no other.

    Example:
      {traffic: {blue: 50, green: 50}, mirror: {}}
    """

    traffic: Shares = Field(default_factory=dict)
    """The traffic that is live now."""
    mirror: Shares = Field(default_factory=dict)
    """The mirror that is live now."""


class Endpoint(Shape):
    """One online endpoint with its deployments and how its traffic is split.

    Example:
      diabetes:
        kind: managed
        auth: key
        publicNetworkAccess: enabled
        description: Disease progression
        tags: {team: risk}
        defaults: {environment: azureml:scoring:3, code: azureml:scoring-code:9f2c41, instanceType: Standard_DS3_v2}
        deployments:
          blue: {model: azureml:diabetes-ridge:1}
          green: {model: azureml:diabetes-ridge:2}
        traffic: {blue: 100}
        mirror: {green: 10}
        closed: false
        load: {requestsPerSecond: 40, secondsPerRequest: 0.1}
        rollout: {steps: [{traffic: 10}, {traffic: 50}, {traffic: 100}]}
    """

    kind: Kind = "managed"
    """Where it runs: on machines that Azure manages, or on an attached cluster."""
    auth: Auth = "key"
    """How callers sign in: with the endpoint's keys, with tokens that expire (`aml_token`), or by Microsoft Entra
    (`aad_token`, managed only). It never changes: another one needs a new endpoint."""
    identity: Identity = Identity()
    """Who the endpoint is when it calls Azure."""
    compute: str | None = None
    """Kubernetes only: the attached compute that it runs on."""
    public_network_access: Literal["enabled", "disabled"] | None = None
    """Whether it answers on public networks. Left out: as its workspace does."""
    description: Text | None = None
    """Free text, for people."""
    tags: dict[str, Text] = Field(default_factory=dict)
    """Tags on the endpoint in Azure, beside those of the stack. One tag is the stack's own: `safe-rollout-applied`."""
    deployments: dict[str, Deployment] = Field(default_factory=dict)
    """The deployments, by name."""
    defaults: DeploymentDefaults | None = None
    """What the deployments have in common."""
    traffic: Shares = Field(default_factory=dict)
    """Live requests in percent, by deployment. The sum is 100, or 0 where the endpoint doesn't serve yet."""
    mirror: Shares = Field(default_factory=dict)
    """Percent of the live requests that are copied to one more deployment. Managed only; 50 at most."""
    overwrite: Overwrite | None = None
    """Only for the next `up`: what is live, and may be overwritten. Remove it afterwards."""
    closed: bool = False
    """`true` lets an endpoint that serves stop: without it no step takes all traffic away."""
    load: Load | None = None
    """The load that you expect, for advice on capacity."""
    rollout: RolloutPlan | None = None
    """The plan that a rollout of this endpoint follows."""

    @model_validator(mode="before")
    @classmethod
    def _lay_over_defaults(cls, raw: Any) -> Any:
        """Deployments with their defaults beneath; a default that is wrong is told once, at `defaults`."""
        if not isinstance(raw, Mapping) or not isinstance(raw.get("defaults"), Mapping):
            return raw
        deployments = raw.get("deployments")
        if not isinstance(deployments, Mapping):
            return raw
        return {**raw, "deployments": with_defaults(raw["defaults"], deployments)}
