"""The stack file's endpoints: deployments, traffic, mirror, and the plan that a rollout follows."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from settings.attachment import Resources
from settings.autoscale import Autoscale
from settings.gates import Duration, Gates, Pause, StepGates
from settings.types import AssetRef, Names, Percent, Percentage, Shape, Shares, Text, Variables, lower_keys

Kind = Literal["managed", "kubernetes"]
Auth = Literal["key", "aml_token", "aad_token"]


class RequestSettings(Shape):
    """How a deployment takes requests. The defaults are Azure's.

    Example:
      {timeoutMs: 10000, maxConcurrentPerInstance: 4, maxQueueWaitMs: 1000}
    """

    timeout_ms: Annotated[int, Field(gt=0)] = 5_000
    """After this time a request is given up and its caller gets 408. In milliseconds."""
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
    liveness: Probe = Probe()
    """When an instance counts as broken and is restarted."""
    readiness: Probe = Probe()
    """When an instance gets requests."""
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


class Load(Shape):
    """The load that you expect. The advice on capacity is computed from it; nothing else is.

    Example:
      {requestsPerSecond: 40, secondsPerRequest: 0.1}
    """

    requests_per_second: Annotated[float, Field(gt=0, le=1_000_000, strict=False)]
    """Requests that the whole endpoint gets in a second."""
    seconds_per_request: Annotated[float, Field(gt=0, le=86_400, strict=False)]
    """How long the model works on one request, in seconds."""


class PlanStep(Shape):
    """One step of a plan: what the new deployment gets of the mirror, or of the traffic. One of the two.

    Example:
      [{mirror: 10, pause: 15m}, {traffic: 10, requests: 900}, {traffic: 50, pause: approval}, {traffic: 100}]
    """

    mirror: Percent | None = None
    """Percent of the live requests that are copied to it."""
    traffic: Percent | None = None
    """Percent of the live requests that it answers."""
    pause: Pause | None = None
    """How long the step lasts at least, such as 10m; or approval, until somebody goes on."""
    requests: Annotated[int, Field(ge=0)] | None = None
    """How many requests the new deployment answers in it at least."""
    gates: StepGates | None = None
    """What it is judged by otherwise than the plan says."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.mirror is None) == (self.traffic is None):
            raise ValueError("either mirror or traffic in a step, for example {traffic: 10}")
        return self


class RolloutPlan(Shape):
    """The steps that a rollout of this endpoint goes through. Rules hold `pulumi up` to them.

    Example:
      candidate: green
      steps: [{mirror: 10}, {traffic: 10}, {traffic: 100}]
      largestJump: 90
      keep: 2h
      aborted: {teal: "azureml:diabetes-ridge:3 azureml:scoring-code:1 azureml:scoring:1"}
    """

    candidate: str | None = None
    """The new deployment. Left out: the one without traffic."""
    aborted: Annotated[dict[str, Text], BeforeValidator(lower_keys)] = Field(default_factory=dict)
    """Releases that were taken back; `rollout abort` writes it. They wait until they change, or the line is gone."""
    steps: tuple[PlanStep, ...] = Field(default=(), strict=False)
    """The steps, in their order."""
    largest_jump: Percent = 50
    """The most percent points that one step may give a deployment. Going back may be as large as you like."""
    keep: Duration | None = None
    """How long the old deployment stays after the last step. Left out: until a person removes it."""
    gates: Gates | None = None
    """What the steps are judged by."""


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
