"""How the workspace gets hold of the inference cluster: the Azure ML extension and the Kubernetes compute."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import kubernetesconfiguration
from pulumi_azure_native import machinelearningservices as ml

from components.foundation import Home
from components.identities import ACR_PULL, BLOB_CONTRIBUTOR, BLOB_READER, grant
from components.inference_cluster import InferenceCluster
from components.options import TYPE_PREFIX, child
from settings.attachment import Attachment as Wanted
from settings.attachment import InstanceType, Resources
from settings.cluster import InferenceCluster as Cluster
from settings.regions import cloud_of
from settings.stack import Stack

_GPU = "nvidia.com/gpu"
_PURPOSES = {
    "devTest": ml.ClusterPurpose.DEV_TEST,
    "fastProd": ml.ClusterPurpose.FAST_PROD,
    "denseProd": ml.ClusterPurpose.DENSE_PROD,
}


class Attachment(pulumi.ComponentResource):
    """The compute that Kubernetes endpoints name. `kind: legacy` makes the v1 compute, which they can't run on."""

    def __init__(
        self,
        name: str,
        stack: Stack,
        wanted: Cluster,
        cluster: InferenceCluster,
        workspace: Home,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TYPE_PREFIX}:Attachment", name, None, opts)
        self._stack, self._workspace, self._attach = stack, workspace, wanted.attach
        attach = wanted.attach
        compute = attach.compute or wanted.name
        if attach.kind == "legacy":
            self._compute(name, compute, _legacy(wanted, cluster), [cluster, *cluster.before_attach])
        else:
            extension = self._extension(name, wanted, cluster)
            made = self._compute(name, compute, _kubernetes(attach, cluster), [extension, *cluster.before_attach])
            self._roles(name, attach, made, cluster)
        self.register_outputs({})

    def _extension(self, name: str, wanted: Cluster, cluster: InferenceCluster) -> kubernetesconfiguration.Extension:
        return kubernetesconfiguration.Extension(
            f"{name}-extension",
            extension_name="azureml",
            extension_type="Microsoft.AzureML.Kubernetes",
            cluster_name=cluster.name,
            cluster_resource_name="managedClusters",
            cluster_rp="Microsoft.ContainerService",
            resource_group_name=self._workspace.resource_group,
            release_train=wanted.attach.release_train,
            auto_upgrade_minor_version=True,
            identity={"type": kubernetesconfiguration.ResourceIdentityType.SYSTEM_ASSIGNED},
            scope={"cluster": {"release_namespace": "azureml"}},
            configuration_settings={
                **extension_settings(wanted),
                **_place(wanted.location or self._stack.location, cluster),
            },
            opts=child(self, pulumi.ResourceOptions(depends_on=[cluster], deleted_with=cluster.resource)),
        )

    def _compute(
        self,
        name: str,
        compute: str,
        properties: ml.KubernetesArgs | ml.AKSArgs,
        before: list[pulumi.Resource],
    ) -> ml.Compute:
        return ml.Compute(
            name,
            compute_name=compute,
            workspace_name=self._workspace.name,
            resource_group_name=self._workspace.resource_group,
            location=self._stack.location,
            identity={"type": ml.ManagedServiceIdentityType.SYSTEM_ASSIGNED},
            properties=properties,
            tags=dict(sorted(self._stack.tags.items())),
            opts=child(
                self,
                # It ends with the workspace, so that the cluster is detached and never deleted through it. A change
                # of tags would be a second attach, which fails: it keeps those that it was made with.
                pulumi.ResourceOptions(
                    depends_on=[*self._workspace.after, *before],
                    deleted_with=self._workspace.resource,
                    retain_on_delete=True,  # see components.computes
                    ignore_changes=["tags", *_once_requested(self._attach)],
                    hooks=self._workspace.computes.of_attachment,
                ),
            ),
        )

    def _roles(self, name: str, attach: Wanted, compute: ml.Compute, cluster: InferenceCluster) -> None:
        """By its identity the compute pulls images and reads models; training also writes what comes out of it.

        Source: Azure ML, assign a managed identity to the compute target.
        """
        principal = compute.identity.apply(lambda identity: (identity.principal_id if identity else "") or "")
        grant(self, f"{name}-pulls", self._stack, ACR_PULL, principal, cluster.images)
        blobs = BLOB_CONTRIBUTOR if attach.training else BLOB_READER
        grant(self, f"{name}-blobs", self._stack, blobs, principal, cluster.blobs)


def extension_settings(wanted: Cluster) -> dict[str, str]:
    """The extension's configuration as text, as it takes it.

    The extension is a Helm chart. Some settings of Microsoft's article are words of its command line only, which adds
    the chart's own value beside each (`scoringFe`); nobody adds it to an ARM request, so both are said here. One router
    pod where the purpose is devTest.

    Source: Azure ML on Kubernetes, extension configuration settings; azure-cli-extensions, AzureMLKubernetes.
    """
    attach, router = wanted.attach, wanted.attach.router
    is_available = wanted.purpose != "devTest" if router.highly_available is None else router.highly_available
    settings = {
        "enableInference": "true",
        "enableTraining": _text(attach.training),
        "inferenceRouterServiceType": router.service,
        "inferenceRouterHA": _text(is_available),
        "allowInsecureConnections": _text(router.tls is None),
        "installPromOp": "true",
        **({"clusterPurpose": "DevTest"} if wanted.purpose == "devTest" else {}),
    }
    if router.service == "nodePort":
        settings["scoringFe.serviceType.nodePort"] = "true"
    if router.internal_load_balancer:
        settings["internalLoadBalancerProvider"] = "azure"
        settings["scoringFe.serviceType.internalLoadBalancer"] = "true"
    if router.tls:
        secret = router.tls.secret
        settings |= {"sslSecret": secret, "scoringFe.sslSecret": secret, "sslCname": router.tls.cname}
    if any(pool.gpu for pool in wanted.pools.values()):
        # Without it no node tells Kubernetes of its GPUs (nvidia.com/gpu).
        settings["installNvidiaDevicePlugin"] = "true"
    for key, value in sorted(router.node_selector.items()):
        settings[f"nodeSelector.{key}"] = value
    return settings


def _place(region: str, cluster: InferenceCluster) -> dict[str, pulumi.Input[str]]:
    """What `az k8s-extension create` adds by itself for an AKS cluster: what it is called, where it is, and no relay.

    Source: the command's own code (azure-cli-extensions, AzureMLKubernetes).
    """
    cloud = cloud_of(region)
    return {
        "clusterId": cluster.cluster_id,
        "cluster_name": cluster.cluster_id,
        "cluster_name_friendly": cluster.name,
        "domain": f"{region}.{cloud.apps if cloud else 'cloudapp.azure.com'}",
        "jobSchedulerLocation": region,
        "location": region,
        "nginxIngress.enabled": "true",
        "prometheus.prometheusSpec.externalLabels.cluster_name": cluster.cluster_id,
        "relayserver.enabled": "false",
        "servicebus.enabled": "false",
    }


def _kubernetes(attach: Wanted, cluster: InferenceCluster) -> ml.KubernetesArgs:
    types = {key: _instance_type(kind) for key, kind in sorted(attach.instance_types.items())}
    properties = ml.KubernetesPropertiesArgs(
        namespace=attach.namespace,
        default_instance_type=attach.default_instance_type,
        instance_types=types or None,
    )
    return ml.KubernetesArgs(compute_type="Kubernetes", resource_id=cluster.cluster_id, properties=properties)


def _legacy(wanted: Cluster, cluster: InferenceCluster) -> ml.AKSArgs:
    legacy = wanted.attach.legacy
    tls = ml.SslConfigurationArgs(status=ml.SslConfigStatus.DISABLED)
    if legacy and legacy.leaf_domain_label:
        tls = ml.SslConfigurationArgs(status=ml.SslConfigStatus.AUTO, leaf_domain_label=legacy.leaf_domain_label)
    is_internal = legacy is not None and legacy.load_balancer == "internal"
    properties = ml.AKSSchemaPropertiesArgs(
        cluster_purpose=_PURPOSES[wanted.purpose],
        load_balancer_type=ml.LoadBalancerType.INTERNAL_LOAD_BALANCER if is_internal else ml.LoadBalancerType.PUBLIC_IP,
        load_balancer_subnet=legacy.load_balancer_subnet if legacy else None,
        ssl_configuration=tls,
    )
    return ml.AKSArgs(compute_type="AKS", resource_id=cluster.cluster_id, properties=properties)


def _instance_type(kind: InstanceType) -> ml.InstanceTypeSchemaArgs:
    # GPUs stand in the limits only; Kubernetes asks for as many as a container is held to.
    gpus = {} if kind.gpus is None else {_GPU: str(kind.gpus)}
    resources = ml.InstanceTypeSchemaResourcesArgs(
        requests=_quantities(kind.requests), limits=_quantities(kind.limits) | gpus
    )
    return ml.InstanceTypeSchemaArgs(
        node_selector=dict(sorted(kind.node_selector.items())) or None, resources=resources
    )


def _quantities(of: Resources) -> dict[str, str]:
    given = {"cpu": of.cpu, "memory": of.memory}
    return {key: value for key, value in given.items() if value is not None}


def _once_requested(attach: Wanted) -> list[str]:
    """Where versions up to 0.2.0 sent GPUs among the requests: what is attached keeps them, as it can't be edited."""
    types = sorted(name for name, kind in attach.instance_types.items() if kind.gpus is not None)
    return [f'properties.properties.instanceTypes["{name}"].resources.requests["{_GPU}"]' for name in types]


def _text(value: bool) -> str:
    return "true" if value else "false"
