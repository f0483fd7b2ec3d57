"""How a cluster becomes the workspace's compute: the Azure ML extension, or the v1 way that v2 endpoints refuse."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from settings.types import Host, Shape

QUANTITY_PATTERN = r"^\d+(\.\d+)?(m|Ki|Mi|Gi|Ti|K|M|G|T)?$"
OBJECT_NAME_PATTERN = r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$"
Quantity = Annotated[str, Field(pattern=QUANTITY_PATTERN)]


class Resources(Shape):
    """What a container asks for and is held to, as Kubernetes writes quantities: cpu 500m, memory 2Gi, gpu 1."""

    cpu: Quantity | None = None
    memory: Quantity | None = None
    gpu: Annotated[int, Field(ge=0)] | None = None


class InstanceType(Shape):
    """What a deployment of this instance type gets on the cluster: node labels to look for, requests and limits.

    Azure ML wants cpu and memory in both (R201), and GPUs among the limits only.
    """

    node_selector: dict[str, str] = Field(default_factory=dict)
    requests: Resources = Resources()
    limits: Resources = Resources()

    @property
    def gpus(self) -> int | None:
        """How many GPUs a container gets: Kubernetes takes no other number as request than as limit."""
        return self.requests.gpu if self.limits.gpu is None else self.limits.gpu


class Tls(Shape):
    """TLS of the endpoints on the cluster: a Kubernetes secret in the namespace azureml, and the name it is for.

    The secret holds cert.pem and key.pem; it is made by your certificate issuer and never passes through this stack.
    """

    secret: Annotated[str, Field(pattern=OBJECT_NAME_PATTERN)]
    cname: Host


class Router(Shape):
    """The inference router (azureml-fe). `highlyAvailable`: 3 pods on different nodes, which needs 3 nodes."""

    service: Literal["loadBalancer", "nodePort", "clusterIP"] = "loadBalancer"
    internal_load_balancer: bool = False
    highly_available: bool | None = None
    node_selector: dict[str, str] = Field(default_factory=dict)
    tls: Tls | None = None

    @model_validator(mode="after")
    def _internal_is_a_load_balancers(self) -> Self:
        if self.internal_load_balancer and self.service != "loadBalancer":
            raise ValueError("internalLoadBalancer is for service: loadBalancer")
        return self


class LegacyAttachment(Shape):
    """The v1 attach (compute type AKS); its command line ended on 2025-09-30. For what still runs there."""

    load_balancer: Literal["public", "internal"] = "public"
    load_balancer_subnet: str | None = None
    leaf_domain_label: str | None = None


class Attachment(Shape):
    """The Kubernetes compute: its name (the cluster's, where it has none), namespace and instance types.

    `kind: extension` is what Kubernetes online endpoints need; `legacy` is the v1 attach; `none` makes only the
    cluster. Source: Azure ML on Kubernetes, extension Microsoft.AzureML.Kubernetes.
    """

    kind: Literal["extension", "legacy", "none"] = "extension"
    compute: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,14}[A-Za-z0-9]$")] | None = None
    namespace: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")] = "default"
    training: bool = False
    release_train: Literal["stable", "preview"] = "stable"
    router: Router = Router()
    default_instance_type: str | None = None
    instance_types: dict[Annotated[str, Field(pattern=OBJECT_NAME_PATTERN)], InstanceType] = Field(default_factory=dict)
    legacy: LegacyAttachment | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.legacy and self.kind != "legacy":
            raise ValueError("legacy settings are for kind: legacy")
        if self.default_instance_type and self.default_instance_type not in self.instance_types:
            raise ValueError(f"defaultInstanceType {self.default_instance_type} is none of instanceTypes")
        return self
