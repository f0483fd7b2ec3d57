"""Rules for the workspace: its isolation, its registry, who it is, and what builds its images."""

from collections.abc import Iterator

from rollout.case import Case
from settings.refusal import Refusal
from settings.stack import Stack


def builder_is_a_compute(stack: Stack) -> Iterator[Refusal]:
    """R131 Images are built on a training compute of the stack, and not on low-priority nodes.

    Source: limits, private workspace.
    Example:
        stack: {workspace: {name: ws-ml, resourceGroup: rg, imageBuildCompute: builder}}
        endpoint: {}
    """
    name = stack.workspace.image_build_compute
    path = "workspace.imageBuildCompute"
    if name and name not in stack.training:
        cure = f"Add training: {{{name}: {{size: Standard_DS3_v2, maxNodes: 1}}}} to the stack file."
        yield Refusal("R131", path, name, "one of the stack file's training computes", cure)
    elif name and stack.training[name].low_priority:
        cure = f"Remove lowPriority from training.{name}: a build that is cut off leaves a deployment without an image."
        yield Refusal("R131", path, f"{name} with low-priority nodes", "dedicated nodes", cure)


def identity_is_a_workspaces(stack: Stack) -> Iterator[Refusal]:
    """R132 The workspace's identity is one of the stack file's, with the purpose workspace: it brings the roles.

    Source: limits, identity (a user-assigned identity gets nothing by itself: grant first).
    Example:
        stack: {workspace: {name: ws-ml, resourceGroup: rg, identity: ml}, identities: {ml: {purpose: endpoint}}}
        endpoint: {}
    """
    name = stack.workspace.identity
    if name and (name not in stack.identities or stack.identities[name].purpose != "workspace"):
        purpose = stack.identities[name].purpose if name in stack.identities else None
        got = f"{name} with purpose {purpose}" if purpose else f"{name}, which identities lacks"
        cure = f"Write identities: {{{name}: {{purpose: workspace}}}}."
        yield Refusal("R132", "workspace.identity", got, "an identity with purpose workspace", cure)


def managed_network_is_asked_for(stack: Stack) -> Iterator[Refusal]:
    """R133 Settings of a managed network need isolation: managedVnet.

    Source: Azure ML, managed virtual network.
    Example:
        stack: {workspace: {name: ws-ml, resourceGroup: rg, managedNetwork: {outbound: allowOnlyApprovedOutbound}}}
        endpoint: {}
    """
    if stack.workspace.managed_network and stack.workspace.isolation != "managedVnet":
        got = f"given with isolation {stack.workspace.isolation}"
        cure = "Write isolation: managedVnet, or remove managedNetwork."
        yield Refusal("R133", "workspace.managedNetwork", got, "isolation: managedVnet", cure)


def outbound_rules_fit_the_mode(stack: Stack) -> Iterator[Refusal]:
    """R134 Rules by host or service tag need the mode that closes the rest; where everything is open they mean nothing.

    Source: Azure ML, managed virtual network, outbound rules.
    Example:
        stack:
          workspace:
            {name: ws-ml, resourceGroup: rg, isolation: managedVnet, publicNetworkAccess: enabled,
            managedNetwork: {outboundRules: {pypi: {type: fqdn, host: pypi.org}}}}
        endpoint: {}
    """
    network = stack.workspace.managed_network
    for name, rule in sorted(network.outbound_rules.items()) if network else ():
        if network and network.outbound == "allowInternetOutbound" and rule.type != "privateEndpoint":
            path = f"workspace.managedNetwork.outboundRules.{name}"
            cure = "Write outbound: allowOnlyApprovedOutbound under managedNetwork (it can't be undone), or remove it."
            got = f"{rule.type} with allowInternetOutbound"
            yield Refusal("R134", path, got, "a rule of type privateEndpoint, or the closed mode", cure)


def own_network_is_there(stack: Stack) -> Iterator[Refusal]:
    """R135 A workspace with isolation: ownVnet needs a network, with a subnet for its private endpoints.

    Source: limits, private workspace; Azure ML, secure a workspace with virtual networks.
    Example:
        stack:
          workspace: {name: ws-ml, resourceGroup: rg, isolation: ownVnet, imageBuildCompute: builder}
          registry: {name: acrdiabetes, sku: premium}
          training: {builder: {}}
        endpoint: {}
    """
    if stack.workspace.isolation == "ownVnet" and not (stack.network and stack.network.endpoint_subnet):
        got = "no endpointSubnet" if stack.network else "none"
        cure = (
            "Write network: {addressSpace: [10.20.0.0/16], subnets: {endpoints: 10.20.0.0/24}, "
            "endpointSubnet: endpoints}."
        )
        yield Refusal("R135", "network", got, "a network with an endpointSubnet, for isolation: ownVnet", cure)


def premium_features_are_paid_for(stack: Stack) -> Iterator[Refusal]:
    """R136 Only a Premium registry has zone redundancy, and removes untagged images.

    Source: Azure Container Registry, service tiers.
    Example:
        stack: {registry: {name: acrdiabetes, sku: standard, zoneRedundant: true}}
        endpoint: {}
    """
    registry = stack.registry
    if registry is None:
        return
    asked = {"zoneRedundant": registry.zone_redundant, "untaggedDays": registry.untagged_days is not None}
    for key, is_asked in asked.items():
        if is_asked and registry.sku != "premium":
            cure = f"Write sku: premium under registry, or remove {key}."
            yield Refusal("R136", f"registry.{key}", f"set with sku {registry.sku}", "sku: premium", cure)


def existing_workspace_has_its_own(stack: Stack) -> Iterator[Refusal]:
    """R223 Beside an existing workspace the stack makes no registry: it has its own, or Azure makes it one.

    Source: Azure ML, workspace (its registry is an attribute of it).
    Example:
        stack: {workspace: {name: ws-ml, resourceGroup: rg, existing: true}}
        endpoint: {}
    """
    if stack.workspace.existing is None:
        return
    if stack.registry is not None:
        yield Refusal("R223", "registry", stack.registry.name, "none, the workspace has its own", "Remove registry.")
    given = stack.existing.model_dump(exclude={"log_analytics"}, by_alias=True, exclude_none=True)
    for key in sorted(given):
        yield Refusal("R223", f"existing.{key}", "named", "none, the workspace names its own", f"Remove {key}.")


def existing_logs_are_named(stack: Stack) -> Iterator[Refusal]:
    """R224 Beside an existing workspace, what writes or reads logs says which Log Analytics workspace has them.

    Source: Azure Monitor, diagnostic settings and log alerts (each names its workspace).
    Example:
        stack:
          workspace: {name: ws-ml, resourceGroup: rg, existing: true}
          registry: null
          watching: {diagnostics: {logAnalytics: true}}
        endpoint: {}
    """
    watching, cluster = stack.watching, stack.inference_cluster
    asks = {
        "watching.diagnostics.logAnalytics": watching.diagnostics.log_analytics,
        "watching.workbook": watching.workbook,
        "inferenceCluster.containerInsights": bool(cluster and cluster.container_insights),
    }
    for path, is_asked in asks.items():
        if is_asked and stack.workspace.existing is not None and stack.existing.log_analytics is None:
            cure = "Write existing: {logAnalytics: ID}, with the workspace's resource id."
            yield Refusal("R224", path, "with no Log Analytics workspace", "existing.logAnalytics", cure)


def federation_has_a_cluster(stack: Stack) -> Iterator[Refusal]:
    """R137 A Kubernetes service account can be an identity where the stack has a cluster with workload identity.

    Source: AKS, workload identity.
    Example:
        stack: {identities: {scoring: {federated: [models/scorer]}}}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    for name, identity in sorted(stack.identities.items()):
        path = f"identities.{name}.federated"
        if identity.federated and not (cluster and cluster.workload_identity):
            got = "a cluster without workloadIdentity" if cluster else "no inferenceCluster"
            cure = "Add an inferenceCluster (workloadIdentity is on by default), or remove federated."
            yield Refusal("R137", path, got, "a cluster with workload identity", cure)
        for account in identity.federated:
            if account.count("/") != 1 or not all(account.split("/")):
                yield Refusal("R137", path, account, "namespace/serviceaccount", "Write for example models/scoring.")


def closed_endpoint_can_be_reached(case: Case) -> Iterator[Refusal]:
    """R138 An endpoint without public access is reached through the workspace's private endpoint.

    Source: Azure ML, secure online endpoints: inbound.
    Example:
        endpoint: {publicNetworkAccess: disabled}
    """
    network = case.stack.network
    workspace = case.stack.workspace
    is_closed_alone = case.wanted.public_network_access == "disabled" and not workspace.is_private
    is_closed_alone = is_closed_alone and not workspace.existing  # its owner's private endpoints are not known
    if is_closed_alone and not (network and network.endpoint_subnet):
        got = "disabled, and the workspace has no private endpoint"
        cure = "Add a network with an endpointSubnet, write workspace.isolation: managedVnet, or remove it."
        yield Refusal("R138", case.at("publicNetworkAccess"), got, "a private endpoint of the workspace", cure)


RULES = (closed_endpoint_can_be_reached,)
STACK_RULES = (
    builder_is_a_compute,
    identity_is_a_workspaces,
    managed_network_is_asked_for,
    outbound_rules_fit_the_mode,
    own_network_is_there,
    premium_features_are_paid_for,
    federation_has_a_cluster,
    existing_workspace_has_its_own,
    existing_logs_are_named,
)
