"""Advice on the estate: what somebody has to do outside of this stack first."""

from collections.abc import Iterator

from rollout.case import Case
from settings.refusal import Refusal
from settings.stack import Stack

_OWN_AND_A_PAIR = 3
APPROVER = "Azure AI Enterprise Network Connection Approver"


def private_links_are_approved(stack: Stack) -> Iterator[Refusal]:
    """A201 The workspace's identity may approve private endpoints on a resource that one of its outbound rules names.

    An identity of the stack has that role in the stack's own group. Storage, vault and registry of the workspace itself
    need no rule.

    Source: Azure ML, managed virtual network, private endpoints (since 30 April 2025 no role is given by itself).
    Example:
        stack:
          workspace:
            name: ws-ml
            resourceGroup: rg
            isolation: managedVnet
            publicNetworkAccess: enabled
            managedNetwork:
              outboundRules:
                lake:
                  type: privateEndpoint
                  resource: /subscriptions/S/resourceGroups/lake/providers/Microsoft.Storage/storageAccounts/lake
                  subresource: dfs
        endpoint: {}
    """
    network = stack.workspace.managed_network
    for name, rule in sorted(network.outbound_rules.items()) if network else ():
        group = f"/resourcegroups/{stack.workspace.resource_group.lower()}/"
        is_granted = stack.workspace.identity is not None and group in (rule.resource or "").lower()
        if rule.resource and not is_granted:
            path = f"workspace.managedNetwork.outboundRules.{name}.resource"
            cure = (
                f"Before 'pulumi up': az role assignment create --role '{APPROVER}' --scope {rule.resource} "
                "--assignee-object-id ID --assignee-principal-type ServicePrincipal, with the workspace's identity."
            )
            got = f"{rule.resource}, where this stack grants nothing"
            yield Refusal("A201", path, got, "a role for the workspace's identity on it", cure)


def control_plane_is_let_in(stack: Stack) -> Iterator[Refusal]:
    """A202 Authorized ranges hold Azure ML's own addresses, in the region and in its pair, or no pod is deployed.

    Judged by their number: your own range and one of each region are three.

    Source: Azure ML on Kubernetes, deploy the extension, limitations.
    Example:
        stack: {inferenceCluster: {name: aks-inference, authorizedRanges: [203.0.113.0/24]}}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    if cluster and cluster.attach.kind != "none" and 0 < len(cluster.authorized_ranges) < _OWN_AND_A_PAIR:
        tag = f"AzureMachineLearning.{stack.location}"
        got = f"{', '.join(cluster.authorized_ranges)} alone"
        cure = (
            f"Add them: az network list-service-tags --location {stack.location}, there {tag} and the paired region's."
        )
        path = "inferenceCluster.authorizedRanges"
        yield Refusal("A202", path, got, "the ranges of Azure ML in the region and its pair too", cure)


def builder_reaches_packages(stack: Stack) -> Iterator[Refusal]:
    """A203 What builds images inside a closed managed network has to reach the hosts of packages.

    An environment that is a finished image (`images`) needs none. Host rules bring Azure's firewall, with its price.

    Source: Azure ML, managed virtual network, configure image builds.
    Example:
        stack:
          workspace:
            name: ws-ml
            resourceGroup: rg
            isolation: managedVnet
            imageBuildCompute: builder
            managedNetwork: {outbound: allowOnlyApprovedOutbound}
          registry: {name: acrdiabetes, sku: premium}
          training: {builder: {}}
        endpoint: {}
    """
    network = stack.workspace.managed_network
    is_closed = stack.workspace.isolation == "managedVnet" and network and network.outbound != "allowInternetOutbound"
    if network is None or not is_closed or not stack.workspace.image_build_compute or stack.images:
        return
    if not any(rule.type == "fqdn" for rule in network.outbound_rules.values()):
        cure = (
            "Add for example {pypi: {type: fqdn, host: pypi.org}, files: {type: fqdn, host: files.pythonhosted.org}}."
        )
        path = "workspace.managedNetwork.outboundRules"
        yield Refusal("A203", path, "no host of packages", "the hosts that conda files are built from", cure)


def private_cluster_reaches_the_workspace(stack: Stack) -> Iterator[Refusal]:
    """A204 A cluster with a private API server needs private endpoints of what its pods read.

    After a stop and a start of such a cluster it has to be attached again.

    Source: Azure ML, secure Azure Kubernetes Service inferencing environment.
    Example:
        stack: {inferenceCluster: {name: aks-inference, privateApiServer: true}}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    if not cluster or not cluster.private_api_server or cluster.attach.kind == "none":
        return
    if not (stack.network and stack.network.endpoint_subnet):
        cure = "Write endpointSubnet under network, for workspace, storage, vault and registry."
        expected = "private endpoints in the cluster's network"
        yield Refusal("A204", "inferenceCluster.privateApiServer", "true, without endpointSubnet", expected, cure)


def cluster_is_prepared(case: Case) -> Iterator[Refusal]:
    """A205 Namespace and TLS secret are made in the cluster before it is attached; Azure ML does not make them.

    Source: Azure ML on Kubernetes, attach a cluster; secure online endpoints with TLS.
    Example:
        stack: {inferenceCluster: {name: aks-inference, attach: {namespace: models}}}
        endpoint: {kind: kubernetes, compute: aks-inference}
    """
    cluster = case.stack.inference_cluster
    if not cluster or case.observed or case.wanted.compute != (cluster.attach.compute or cluster.name):
        return
    tls = cluster.attach.router.tls
    first = [f"kubectl create namespace {cluster.attach.namespace}"] if cluster.attach.namespace != "default" else []
    if tls:
        first += ["kubectl create namespace azureml"]
        pem = "--from-file cert.pem --from-file key.pem"
        first += [f"kubectl --namespace azureml create secret generic {tls.secret} {pem}"]
    if first:
        path = "inferenceCluster.attach.router.tls" if tls else "inferenceCluster.attach.namespace"
        cure = f"After an 'up' with attach: {{kind: none}} and no endpoints: {'; '.join(first)}."
        got = f"{cluster.name} may lack {'namespace or secret' if tls else 'the namespace'}"
        yield Refusal("A205", path, got, "both made before the attach", cure)


ADVICE = (cluster_is_prepared,)
STACK_ADVICE = (
    private_links_are_approved,
    control_plane_is_let_in,
    builder_reaches_packages,
    private_cluster_reaches_the_workspace,
)
