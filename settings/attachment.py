"""How a cluster becomes the workspace's compute: the Azure ML extension, or the v1 way that v2 endpoints refuse."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from settings.types import Host, Shape

QUANTITY_PATTERN = r"^\d+(\.\d+)?(m|Ki|Mi|Gi|Ti|K|M|G|T)?$"
COMPUTE_PATTERN = r"^[A-Za-z][A-Za-z0-9-]{0,14}[A-Za-z0-9]$"
NAMESPACE_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
OBJECT_NAME_PATTERN = r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$"
Quantity = Annotated[str, Field(pattern=QUANTITY_PATTERN)]


class Resources(Shape):
    """Quantities, as Kubernetes writes them.

    Example:
      {cpu: 500m, memory: 2Gi, gpu: 1}
    """

    cpu: Quantity | None = None
    """Cores: `500m` is half a core."""
    memory: Quantity | None = None
    """Memory: `2Gi`."""
    gpu: Annotated[int, Field(ge=0)] | None = None
    """GPUs, as a whole number. Write them under `limits`."""


class InstanceType(Shape):
    """What a deployment of this instance type gets on the cluster.

    Azure ML wants cpu and memory in both `requests` and `limits` (R201), and GPUs in `limits` only.

    Example:
      small: {nodeSelector: {pool: models}, requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: "1", memory: 2Gi}}
    """

    node_selector: dict[str, str] = Field(default_factory=dict)
    """Labels that a node must have. `pool: NAME` means the pool of that name."""
    requests: Resources = Resources()
    """What Kubernetes keeps free for one replica."""
    limits: Resources = Resources()
    """The most that one replica may use."""

    @property
    def gpus(self) -> int | None:
        """How many GPUs a container gets: Kubernetes takes no other number as request than as limit."""
        return self.requests.gpu if self.limits.gpu is None else self.limits.gpu


class Tls(Shape):
    """TLS of the endpoints on the cluster.

    Example:
      {secret: azureml-tls, cname: models.example.org}
    """

    secret: Annotated[str, Field(pattern=OBJECT_NAME_PATTERN)]
    """A Kubernetes secret in the namespace `azureml` with cert.pem and key.pem. You make it; it never passes
    through this stack."""
    cname: Host
    """The host name that the certificate is for."""


class Router(Shape):
    """The inference router (azureml-fe): it takes the requests of all endpoints on the cluster.

    Example:
      service: loadBalancer
      internalLoadBalancer: true
      highlyAvailable: true
      nodeSelector: {pool: models}
      tls: {secret: azureml-tls, cname: models.example.org}
    """

    service: Literal["loadBalancer", "nodePort", "clusterIP"] = "loadBalancer"
    """How the router is reached."""
    internal_load_balancer: bool = False
    """`true`: its address is in your network, and not a public one."""
    highly_available: bool | None = None
    """`true`: 3 routers on different nodes, which needs 3 nodes. Left out: true, but false where `purpose` is
    `devTest`."""
    node_selector: dict[str, str] = Field(default_factory=dict)
    """Labels of the nodes that the router runs on."""
    tls: Tls | None = None
    """Certificate and host name. Left out: the router speaks plain HTTP."""

    @model_validator(mode="after")
    def _internal_is_a_load_balancers(self) -> Self:
        if self.internal_load_balancer and self.service != "loadBalancer":
            raise ValueError("internalLoadBalancer is for service: loadBalancer")
        return self


class LegacyAttachment(Shape):
    """Settings of the v1 attach (compute type AKS). Its command line ended on 2025-09-30; for what still runs
    there.

    Example:
      {loadBalancer: internal, loadBalancerSubnet: nodes, leafDomainLabel: fraud}
    """

    load_balancer: Literal["public", "internal"] = "public"
    """Whether the router's address is public or in your network."""
    load_balancer_subnet: str | None = None
    """The subnet of the internal address."""
    leaf_domain_label: str | None = None
    """The first part of a host name that Azure gives, with a certificate. Left out: no TLS."""


class Attachment(Shape):
    """How the cluster becomes a compute of the workspace. Azure attaches a cluster once: a change needs a detach
    first.

    Source: Azure ML on Kubernetes, extension Microsoft.AzureML.Kubernetes.

    Example:
      kind: extension
      compute: aks-fraud
      namespace: default
      training: false
      releaseTrain: stable
      router: {internalLoadBalancer: true}
      defaultInstanceType: small
      instanceTypes: {small: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: "1", memory: 2Gi}}}
    """

    kind: Literal["extension", "legacy", "none"] = "extension"
    """`extension`: what Kubernetes online endpoints need. `legacy`: the v1 attach. `none`: only the cluster is
    made."""
    compute: Annotated[str, Field(pattern=COMPUTE_PATTERN)] | None = None
    """The compute's name in the workspace, which endpoints name under `compute`. Left out: the cluster's name."""
    namespace: Annotated[str, Field(pattern=NAMESPACE_PATTERN)] = "default"
    """The Kubernetes namespace that deployments run in. It has to be there before."""
    training: bool = False
    """`true`: jobs may run on the cluster too."""
    release_train: Literal["stable", "preview"] = "stable"
    """Which releases of the extension are installed."""
    router: Router = Router()
    """The inference router."""
    default_instance_type: str | None = None
    """The instance type of what names none."""
    instance_types: dict[Annotated[str, Field(pattern=OBJECT_NAME_PATTERN)], InstanceType] = Field(default_factory=dict)
    """What deployments can name under `instanceType`, by name."""
    legacy: LegacyAttachment | None = None
    """Settings for `kind: legacy`."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.legacy and self.kind != "legacy":
            raise ValueError("legacy settings are for kind: legacy")
        if self.default_instance_type and self.default_instance_type not in self.instance_types:
            raise ValueError(f"defaultInstanceType {self.default_instance_type} is none of instanceTypes")
        return self
