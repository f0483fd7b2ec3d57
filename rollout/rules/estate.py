"""Rules for the rest of the estate: computes and their names, what deployments collect and scale by."""

import re
from collections.abc import Iterator

from rollout.case import Case
from settings.refusal import Refusal
from settings.stack import Stack

# Kubernetes computes have shorter names than training computes.
_COMPUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,14}[A-Za-z0-9]")
_MOST_FEDERATED = 20


def training_has_a_range(stack: Stack) -> Iterator[Refusal]:
    """R191 A training compute's minimum is not above its maximum.

    Source: Azure ML, compute cluster.
    Example:
        stack: {training: {cpu: {minNodes: 3, maxNodes: 2}}}
        endpoint: {}
    """
    for name, compute in sorted(stack.training.items()):
        if compute.min_nodes > compute.max_nodes:
            got = f"minNodes {compute.min_nodes}, maxNodes {compute.max_nodes}"
            cure = "Write for example {minNodes: 0, maxNodes: 4}."
            yield Refusal("R191", f"training.{name}", got, "minNodes <= maxNodes", cure)


def closed_training_has_a_way_out(stack: Stack) -> Iterator[Refusal]:
    """R192 Nodes without a public address, in a subnet of the stack, have a way out: the network's firewall.

    The stack's subnets have no default outbound access, and such nodes must reach Entra, Azure ML and Batch.

    Source: Azure ML, compute in a virtual network, no public IP: required outbound.
    Example:
        stack:
          workspace: {name: ws-diabetes, resourceGroup: rg, isolation: ownVnet, imageBuildCompute: builder}
          registry: {name: acrdiabetes, sku: premium}
          network:
            addressSpace: [10.20.0.0/16]
            subnets: {endpoints: 10.20.1.0/24, training: 10.20.0.0/24}
            endpointSubnet: endpoints
          training: {builder: {subnet: training}}
        endpoint: {}
    """
    network = stack.network
    # The way out of a network that others own is not known.
    has_way_out = network is not None and (network.existing is not None or network.egress.firewall_address is not None)
    for name, compute in sorted(stack.training.items()):
        if (
            compute.subnet
            and stack.workspace.isolation != "managedVnet"
            and stack.workspace.is_private
            and not has_way_out
        ):
            cure = "Write network.egress: {control: firewall, firewallAddress: 10.20.255.4}, or remove subnet."
            got = f"{compute.subnet}, which has no way out"
            yield Refusal("R192", f"training.{name}.subnet", got, "a subnet with a route to a firewall", cure)


def closed_nodes_have_a_network(stack: Stack) -> Iterator[Refusal]:
    """R207 Nodes without a public address are in a subnet of the stack, or in a managed virtual network.

    Source: Azure ML, compute in a virtual network, no public IP.
    Example:
        stack:
          workspace: {name: ws-diabetes, resourceGroup: rg, isolation: ownVnet, imageBuildCompute: builder}
          registry: {name: acrdiabetes, sku: premium}
          network: {addressSpace: [10.20.0.0/16], subnets: {endpoints: 10.20.1.0/24}, endpointSubnet: endpoints}
          training: {builder: {}}
        endpoint: {}
    """
    has_endpoints = stack.network is not None and stack.network.endpoint_subnet is not None  # else R135
    is_alone = stack.workspace.is_private and stack.workspace.isolation != "managedVnet"
    for name, compute in sorted(stack.training.items()) if is_alone and has_endpoints else ():
        if not compute.subnet:
            cure = "Write subnet: training under it, and training: 10.20.2.0/24 under network.subnets."
            yield Refusal(
                "R207", f"training.{name}.subnet", "none", "a subnet for nodes without a public address", cure
            )


def attached_compute_has_a_name(stack: Stack) -> Iterator[Refusal]:
    """R195 The attached compute has a name of 2 to 16 letters, digits and dashes, which no other compute has.

    Where `attach.compute` is left out, it is the cluster's name.

    Source: Azure naming rules, Microsoft.MachineLearningServices/workspaces/computes.
    Example:
        stack: {inferenceCluster: {name: aks-inference-for-diabetes}}
        endpoint: {}
    """
    cluster = stack.inference_cluster
    if not cluster or cluster.attach.kind == "none":
        return
    name = cluster.attach.compute or cluster.name
    path = "inferenceCluster.attach.compute" if cluster.attach.compute else "inferenceCluster.name"
    if not _COMPUTE.fullmatch(name):
        cure = "Write attach: {compute: aks-inference} under inferenceCluster, and the same under endpoints."
        yield Refusal("R195", path, name, "2 to 16 letters, digits and dashes", cure)
    if name.lower() in {training.lower() for training in stack.training}:
        cure = "Give one of them another name; attach.compute names the cluster's."
        yield Refusal("R195", path, f"{name}, which is a training compute too", "a name of its own", cure)


def federation_has_room(stack: Stack) -> Iterator[Refusal]:
    """R196 An identity is federated with at most 20 service accounts.

    Source: Microsoft Entra, workload identity federation: 20 credentials for an identity.
    Example:
        stack:
          inferenceCluster: {name: aks-inference}
          identities:
            scoring:
              federated:
                [m/a, m/b, m/c, m/d, m/e, m/f, m/g, m/h, m/i, m/j, m/k,
                m/l, m/m, m/n, m/o, m/p, m/q, m/r, m/s, m/t, m/u]
        endpoint: {}
    """
    for name, identity in sorted(stack.identities.items()):
        if len(identity.federated) > _MOST_FEDERATED:
            cure = "Make a second identity for some of them."
            got = f"{len(identity.federated)} service accounts"
            yield Refusal("R196", f"identities.{name}.federated", got, f"at most {_MOST_FEDERATED}", cure)


def limits_can_be_met(case: Case) -> Iterator[Refusal]:
    """R197 A limit in percent is not above 100: no measurement would ever reach it.

    Source: Azure Monitor, metrics of online deployments.
    Example:
        endpoint:
          deployments: {blue: {instanceCount: null, autoscale: {min: 3, max: 6, rules: [{above: 120, below: 30}]}}}
    """
    for name, deployment in case.wanted.deployments.items():
        for index, rule in enumerate(deployment.autoscale.rules if deployment.autoscale else ()):
            if rule.metric != "latencyMs" and rule.above > 100:
                path = case.at("deployments", name, "autoscale", "rules", str(index))
                cure = "Write for example {metric: cpu, above: 70, below: 30}."
                yield Refusal("R197", path, f"above {rule.above:g} percent", "at most 100", cure)


def collector_collects(case: Case) -> Iterator[Refusal]:
    """R193 A data collector collects inputs, outputs, or both.

    Source: Azure ML, collect production data.
    Example:
        endpoint: {deployments: {blue: {dataCollector: {inputs: false, outputs: false}}}}
    """
    for name, deployment in case.wanted.deployments.items():
        collector = deployment.data_collector
        if collector and not (collector.inputs or collector.outputs):
            path = case.at("deployments", name, "dataCollector")
            cure = "Remove dataCollector, or leave one of them true."
            yield Refusal("R193", path, "neither inputs nor outputs", "one of them", cure)


def scales_by_its_own_measure(case: Case) -> Iterator[Refusal]:
    """R194 A managed deployment scales by metrics, one on Kubernetes by utilization; neither has the other's keys.

    Source: limits, scale settings.
    Example:
        endpoint:
          deployments: {blue: {instanceCount: null, autoscale: {min: 3, max: 6, targetUtilization: 50}}}
    """
    is_managed = case.wanted.kind == "managed"
    alien = {"target_utilization": "targetUtilization", "polling_seconds": "pollingSeconds"}
    alien = alien if is_managed else {"rules": "rules"}
    for name, deployment in case.wanted.deployments.items():
        given = deployment.autoscale.model_fields_set if deployment.autoscale else frozenset[str]()
        for field, key in alien.items():
            if field in given:
                path = case.at("deployments", name, "autoscale", key)
                example = "rules: [{metric: cpu, above: 70, below: 30}]" if is_managed else "targetUtilization: 70"
                cure = f"Write for example {example}."
                got = f"set on a {case.wanted.kind} endpoint"
                yield Refusal("R194", path, got, "rules" if is_managed else "targetUtilization", cure)


RULES = (limits_can_be_met, collector_collects, scales_by_its_own_measure)
STACK_RULES = (
    training_has_a_range,
    closed_training_has_a_way_out,
    closed_nodes_have_a_network,
    attached_compute_has_a_name,
    federation_has_room,
)
