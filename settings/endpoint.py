"""The stack file's endpoints: deployments, traffic, mirror, and the plan that a rollout follows."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from settings.attachment import Resources
from settings.autoscale import Autoscale
from settings.types import AssetRef, Names, Percent, Percentage, Shape, Shares, Text, Variables

Kind = Literal["managed", "kubernetes"]
Auth = Literal["key", "aml_token", "aad_token"]


class RequestSettings(Shape):
    """How a deployment takes requests; Azure's defaults. Times in milliseconds."""

    timeout_ms: Annotated[int, Field(gt=0)] = 5_000
    max_concurrent_per_instance: Annotated[int, Field(gt=0)] = 1
    max_queue_wait_ms: Annotated[int, Field(ge=0)] = 500


class Probe(Shape):
    """A liveness or readiness probe; times in seconds, the defaults are the service's own."""

    initial_delay: Annotated[int, Field(ge=1)] = 10
    period: Annotated[int, Field(ge=1)] = 10
    timeout: Annotated[int, Field(ge=1)] = 2
    success_threshold: Annotated[int, Field(ge=1)] = 1
    failure_threshold: Annotated[int, Field(ge=1)] = 30


class ContainerResources(Shape):
    """What one replica on Kubernetes asks for and is held to; without it the instance type says so."""

    requests: Resources = Resources()
    limits: Resources = Resources()


class DataCollector(Shape):
    """Keeps what a deployment is asked and answers as blobs of the workspace's storage, for monitoring a model.

    `samplingPercent` of the requests; a new folder with every `rolling` unit of time; `headers` are kept beside.
    Source: Azure ML, collect production data.
    """

    inputs: bool = True
    outputs: bool = True
    sampling_percent: Percentage = 100.0
    rolling: Literal["minute", "hour", "day"] = "hour"
    headers: Names = ()


class DeploymentDefaults(Shape):
    """What the deployments of one endpoint have in common: any key of a deployment, none of them required."""

    model: AssetRef | None = None
    environment: AssetRef | None = None
    code: AssetRef | None = None
    scoring_script: str = "score.py"
    instance_type: str | None = None
    instance_count: Annotated[int, Field(ge=0)] | None = None
    autoscale: Autoscale | None = None
    resources: ContainerResources | None = None
    data_collector: DataCollector | None = None
    variables: Variables = Field(default_factory=dict)
    requests: RequestSettings = RequestSettings()
    liveness: Probe = Probe()
    readiness: Probe = Probe()
    egress_public_network_access: Literal["enabled", "disabled"] | None = None
    app_insights: bool = False
    description: Text | None = None
    tags: dict[str, Text] = Field(default_factory=dict)


class Deployment(DeploymentDefaults):
    """One deployment: a model, its environment and its code, on so many instances of one type.

    An MLflow model needs neither code nor environment: it is served in the one that it names itself.
    """

    instance_type: str

    @model_validator(mode="after")
    def _environment(self) -> Self:
        if self.environment is None and (self.code or not self.model):
            raise ValueError("an environment in it (only an MLflow model, with no code, needs none)")
        return self

    @property
    def fixed_count(self) -> int | None:
        """The instance count that the stack owns, 1 where it names none; None where the autoscaler owns it."""
        if self.autoscale:
            return None
        return 1 if self.instance_count is None else self.instance_count

    @property
    def largest_count(self) -> int:
        """The most instances that the deployment may come to have."""
        return self.autoscale.max if self.autoscale else (self.fixed_count or 0)


class Load(Shape):
    """What the endpoint is expected to carry; the capacity advice is reckoned from it."""

    requests_per_second: Annotated[float, Field(gt=0, le=1_000_000, strict=False)]
    seconds_per_request: Annotated[float, Field(gt=0, le=86_400, strict=False)]


class PlanStep(Shape):
    """One step of a rollout's plan: the candidate's share of the mirror, or of the traffic."""

    mirror: Percent | None = None
    traffic: Percent | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.mirror is None) == (self.traffic is None):
            raise ValueError("either mirror or traffic in a step, for example {traffic: 10}")
        return self


class RolloutPlan(Shape):
    """The steps that `rollout next` follows; `largest_jump` bounds what one step may shift (percent)."""

    candidate: str | None = None
    steps: tuple[PlanStep, ...] = Field(default=(), strict=False)
    largest_jump: Percent = 50
    gates: dict[str, Any] = Field(default_factory=dict)


class Identity(Shape):
    """Who the endpoint is towards Azure: itself, or user-assigned identities.

    `names` are identities of this stack file, `ids` resource ids of others; those must have their roles already.
    """

    type: Literal["systemAssigned", "userAssigned"] = "systemAssigned"
    names: Names = ()
    ids: Names = ()


class Overwrite(Shape):
    """A split that somebody made by hand, and that the next `up` may overwrite; any other one it may not."""

    traffic: Shares = Field(default_factory=dict)
    mirror: Shares = Field(default_factory=dict)


class Endpoint(Shape):
    """One online endpoint with its deployments and how its traffic is split (percent).

    `defaults` are keys that its deployments have in common: a deployment's own come first, maps are laid over each
    other key by key, and `null` takes a default away. `publicNetworkAccess` follows the workspace where it is left out.
    `compute` is a Kubernetes endpoint's.
    `overwrite` holds for one `up`: it names what is live, and that is what may be overwritten.
    """

    kind: Kind = "managed"
    auth: Auth = "key"
    identity: Identity = Identity()
    compute: str | None = None
    public_network_access: Literal["enabled", "disabled"] | None = None
    description: Text | None = None
    tags: dict[str, Text] = Field(default_factory=dict)
    defaults: DeploymentDefaults | None = None
    deployments: dict[str, Deployment] = Field(default_factory=dict)
    traffic: Shares = Field(default_factory=dict)
    mirror: Shares = Field(default_factory=dict)
    overwrite: Overwrite | None = None
    closed: bool = False
    load: Load | None = None
    rollout: RolloutPlan | None = None

    @model_validator(mode="before")
    @classmethod
    def _lay_over_defaults(cls, raw: Any) -> Any:
        """Deployments with their defaults beneath; a default that is wrong is told once, at `defaults`."""
        if not isinstance(raw, Mapping) or not isinstance(raw.get("defaults"), Mapping):
            return raw
        deployments = raw.get("deployments")
        if not isinstance(deployments, Mapping):
            return raw
        defaults = {key: value for key, value in raw["defaults"].items() if _is_right(key, value)}
        laid = {name: _over(defaults, own) for name, own in deployments.items()}
        return {**raw, "deployments": laid}


def _is_right(key: str, value: Any) -> bool:
    try:
        DeploymentDefaults.model_validate({key: value})
    except ValidationError:
        return False
    return True


def _over(beneath: Any, own: Any) -> Any:
    if not isinstance(own, Mapping) or not isinstance(beneath, Mapping):
        return own
    laid = {**beneath, **{key: _over(beneath.get(key), value) for key, value in own.items()}}
    return {key: value for key, value in laid.items() if value is not None or key not in beneath}
