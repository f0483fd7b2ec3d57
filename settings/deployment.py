"""The stack file's deployments: what runs behind an endpoint, and what its deployments have in common."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from settings.attachment import Resources
from settings.autoscale import Autoscale
from settings.types import AssetRef, Names, Percentage, Shape, Text, Variables


class RequestSettings(Shape):
    """How a deployment takes requests. The defaults are Azure's.

    Example:
      {timeoutMs: 10000, maxConcurrentPerInstance: 4, maxQueueWaitMs: 1000}
    """

    timeout_ms: Annotated[int, Field(ge=0)] = 5_000
    """After this time a request is given up and its caller gets 408. In milliseconds; 0 is Azure's
    own."""
    max_concurrent_per_instance: Annotated[int, Field(gt=0)] = 1
    """How many requests one instance works on at the same time. As many as its workers: 1, unless the variable
    WORKER_COUNT says otherwise."""
    max_queue_wait_ms: Annotated[int, Field(ge=0)] = 500
    """How long a request may wait for a free worker. In milliseconds."""


class Probe(Shape):
    """How Azure asks whether an instance is alive or ready. The defaults are the service's own.

    Example:
      {initialDelay: 60, period: 10, timeout: 2, successThreshold: 1, failureThreshold: 30}
    """

    initial_delay: Annotated[int, Field(ge=1)] = 10
    """Seconds from the container's start to the first question. A model that loads slowly needs more."""
    period: Annotated[int, Field(ge=1)] = 10
    """Seconds between two questions."""
    timeout: Annotated[int, Field(ge=1)] = 2
    """Seconds that an answer may take."""
    success_threshold: Annotated[int, Field(ge=1)] = 1
    """How many good answers in a row make it right again."""
    failure_threshold: Annotated[int, Field(ge=1)] = 30
    """How many bad answers in a row make it wrong: then the container is restarted, or gets no requests."""


def _no_probe(raw: Any) -> Any:
    return None if raw == "none" else raw


MaybeProbe = Annotated[Probe | None, BeforeValidator(_no_probe)]
"""`none`: Azure is asked for no probe of its own kind."""


class ContainerResources(Shape):
    """What one replica on Kubernetes asks for and is limited to. Without it the instance type says so.

    Example:
      {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: "1", memory: 2Gi}}
    """

    requests: Resources = Resources()
    """What Kubernetes keeps free for one replica."""
    limits: Resources = Resources()
    """The most that one replica may use."""


class DataCollector(Shape):
    """Keeps requests and answers of a deployment as blobs in the workspace's storage, to monitor the model.

    Source: Azure ML, collect production data.

    Example:
      {inputs: true, outputs: true, samplingPercent: 10, rolling: hour, headers: [x-request-id]}
    """

    inputs: bool = True
    """Keep what the model was asked."""
    outputs: bool = True
    """Keep what the model answered."""
    sampling_percent: Percentage = 100.0
    """The share of requests that is kept."""
    rolling: Literal["minute", "hour", "day"] = "hour"
    """How often a new folder begins."""
    headers: Names = ()
    """Request headers that are kept beside, by name."""


class DeploymentDefaults(Shape):
    """What the deployments of one endpoint have in common, so that a new version of the model is one line.

    Any key of a deployment. A deployment's own keys come first, maps are laid over each other key by key, and `null`
    takes a default away.

    Example:
      model: azureml:diabetes-ridge:1
      environment: azureml:scoring:3
      code: azureml:scoring-code:9f2c41
      scoringScript: score.py
      instanceType: Standard_DS3_v2
      instanceCount: 3
      variables: {LOG_LEVEL: info}
      appInsights: true
      egressPublicNetworkAccess: enabled
      description: Ridge regression
      tags: {team: risk}
    """

    model: AssetRef | None = None
    """The registered model. `rollout register model` prints this reference."""
    environment: AssetRef | None = None
    """The registered environment: the image and the packages that the code runs in. Only an MLflow model without
    code needs none."""
    code: AssetRef | None = None
    """The registered folder with the scoring script. Leave it out for an MLflow model, or where the image has a
    server of its own."""
    scoring_script: str = "score.py"
    """The file in `code` that has `init()` and `run()`."""
    instance_type: str | None = None
    """Managed: the size of the machines. Kubernetes: one of the cluster's `instanceTypes`."""
    instance_count: Annotated[int, Field(ge=0)] | None = None
    """How many instances run; 1 where it is left out. Leave it out beside `autoscale`."""
    autoscale: Autoscale | None = None
    """Lets the number of instances follow the load."""
    resources: ContainerResources | None = None
    """Kubernetes only: cpu, memory and GPUs of one replica, in place of those of the instance type."""
    data_collector: DataCollector | None = None
    """Keeps requests and answers for monitoring."""
    variables: Variables = Field(default_factory=dict)
    """Environment variables of the scoring container, by name. A value may be encrypted (`pulumi config set --path
    --secret`)."""
    requests: RequestSettings = RequestSettings()
    """Time-outs, and how many requests at once."""
    liveness: MaybeProbe = Probe()
    """When an instance counts as broken and is restarted; `none` asks nothing."""
    readiness: MaybeProbe = Probe()
    """When an instance gets requests; `none` asks nothing."""
    egress_public_network_access: Literal["enabled", "disabled"] | None = None
    """Legacy isolation: `disabled` closes the deployment's way out. It can't stand beside a managed network of the
    workspace."""
    app_insights: bool = False
    """Send logs and requests to the workspace's Application Insights."""
    description: Text | None = None
    """Free text, for people."""
    tags: dict[str, Text] = Field(default_factory=dict)
    """Tags on the deployment in Azure."""


class Deployment(DeploymentDefaults):
    """One deployment: a model with its environment and its code, on some instances of one type.

    An MLflow model needs neither code nor environment: it is served in the one that it names itself.

    Example:
      blue:
        model: azureml:diabetes-ridge:1
        environment: azureml:scoring:3
        code: azureml:scoring-code:9f2c41
        scoringScript: score.py
        instanceType: Standard_DS3_v2
        instanceCount: 3                  # or autoscale: {min: 3, max: 9}
        variables: {LOG_LEVEL: info}
        appInsights: true
        egressPublicNetworkAccess: enabled
        description: Ridge regression, alpha 0.1
        tags: {team: risk}
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


def with_defaults(defaults: Mapping[str, Any], deployments: Mapping[str, Any]) -> dict[str, Any]:
    """Deployments as a stack file has them, with their defaults beneath; defaults that are wrong are left out."""
    right = {key: value for key, value in defaults.items() if _is_right(key, value)}
    return {name: _over(right, own) for name, own in deployments.items()}


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
