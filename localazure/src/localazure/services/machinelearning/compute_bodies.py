"""What a PUT of a compute may say: Kubernetes, AKS (the v1 attach) and AmlCompute."""

from typing import Annotated, Literal

from pydantic import Field

from localazure.arm.bodies import Body, Flag, Identity, Open, Reference, Sku, Text, TrackedResource, Whole

READ_ONLY = frozenset(
    {"provisioningState", "createdOn", "modifiedOn", "provisioningErrors", "isAttachedCompute", "computeLocation"}
)
Switch = Literal["Enabled", "Disabled"]


class Quantities(Body):
    """CPU, memory and GPUs as Kubernetes writes them."""

    cpu: Text | None = None
    memory: Text | None = None
    gpu: Text | None = Field(None, alias="nvidia.com/gpu")


class Resources(Body):
    """What a container asks for and is held to."""

    requests: Quantities | None = None
    limits: Quantities | None = None


class InstanceType(Body):
    """What a deployment of this type gets."""

    node_selector: dict[str, Text] | None = None
    resources: Resources | None = None


class KubernetesProperties(Body):
    """How a cluster is used."""

    default_instance_type: Text | None = None
    extension_instance_release_train: Text | None = None
    extension_principal_id: Text | None = None
    instance_types: dict[str, InstanceType] | None = None
    namespace: Text | None = None
    vc_name: Text | None = None


class Compute(Body):
    """What all computes have."""

    read_only = READ_ONLY
    description: Text | None = None
    disable_local_auth: Flag | None = None
    resource_id: Text | None = None


class Kubernetes(Compute):
    """An attached cluster, for v2 endpoints."""

    compute_type: Literal["Kubernetes"]
    resource_id: Text
    properties: KubernetesProperties = KubernetesProperties()


class Ssl(Body):
    """TLS of the v1 router."""

    status: Literal["Disabled", "Enabled", "Auto"] | None = None
    cert: Text | None = None
    key: Text | None = None
    cname: Text | None = None
    leaf_domain_label: Text | None = None
    overwrite_existing_domain: Flag | None = None


class AksProperties(Body):
    """How a v1 cluster is used."""

    read_only = frozenset({"systemServices"})
    agent_count: Whole | None = None
    agent_vm_size: Text | None = None
    cluster_fqdn: Text | None = None
    cluster_purpose: Literal["FastProd", "DenseProd", "DevTest"] | None = None
    load_balancer_subnet: Text | None = None
    load_balancer_type: Literal["PublicIp", "InternalLoadBalancer"] | None = None
    ssl_configuration: Ssl | None = None


class Aks(Compute):
    """A cluster attached the v1 way: web services run on it, v2 endpoints do not."""

    compute_type: Literal["AKS"]
    resource_id: Text
    properties: AksProperties = AksProperties()


class Scale(Body):
    """From and to how many nodes."""

    max_node_count: Whole
    min_node_count: Whole | None = None
    node_idle_time_before_scale_down: Text | None = None


class AmlProperties(Body):
    """Properties of a training cluster."""

    read_only = frozenset({"allocationState", "currentNodeCount", "targetNodeCount", "nodeStateCounts", "errors"})
    enable_node_public_ip: Flag | None = None
    isolated_network: Flag | None = None
    os_type: Literal["Linux", "Windows"] | None = None
    property_bag: Open | None = None
    remote_login_port_public_access: Literal["Enabled", "Disabled", "NotSpecified"] | None = None
    scale_settings: Scale | None = None
    subnet: Reference | None = None
    vm_priority: Literal["Dedicated", "LowPriority"] | None = None
    vm_size: Text


class AmlCompute(Compute):
    """A training cluster of the workspace's own."""

    compute_type: Literal["AmlCompute"]
    properties: AmlProperties


class ComputeBody(TrackedResource):
    """PUT of a compute."""

    identity: Identity | None = None
    sku: Sku | None = None
    properties: Annotated[Kubernetes | Aks | AmlCompute, Field(discriminator="compute_type")]
