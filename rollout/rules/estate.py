"""Rules for the rest of the estate: training computes and what deployments collect and scale by."""

from collections.abc import Iterator

from rollout.case import Case
from settings.refusal import Refusal
from settings.stack import Stack


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
          workspace: {name: ws-diabetes, resourceGroup: rg, isolation: managedVnet, imageBuildCompute: builder}
          registry: {name: acrdiabetes, sku: premium}
          network: {addressSpace: [10.20.0.0/16], subnets: {training: 10.20.0.0/24}}
          training: {builder: {subnet: training}}
        endpoint: {}
    """
    has_way_out = stack.network is not None and stack.network.egress.firewall_address is not None
    for name, compute in sorted(stack.training.items()):
        if compute.subnet and stack.workspace.is_private and not has_way_out:
            cure = "Write network.egress: {control: firewall, firewallAddress: 10.20.255.4}, or remove subnet."
            got = f"{compute.subnet}, which has no way out"
            yield Refusal("R192", f"training.{name}.subnet", got, "a subnet with a route to a firewall", cure)


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
    """R194 A managed deployment scales by metrics, one on Kubernetes by utilization; neither knows the other's words.

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


RULES = (collector_collects, scales_by_its_own_measure)
STACK_RULES = (training_has_a_range, closed_training_has_a_way_out)
