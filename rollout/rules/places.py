"""Rules for the region: it has the zones that are asked for, and its cloud is known."""

from collections.abc import Iterator

from rollout.rules.pools import path_of
from settings.refusal import Refusal
from settings.regions import cloud_of, has_zones
from settings.stack import Stack


def zones_are_there(stack: Stack) -> Iterator[Refusal]:
    """R205 Zones are asked for only in a region that has availability zones.

    Source: Azure, list of regions.
    Example:
        stack:
          location: westus
          registry: {name: acrdiabetes, sku: premium, zoneRedundant: true}
        endpoint: {}
    """
    if stack.registry and stack.registry.zone_redundant and not has_zones(stack.location):
        cure = "Remove it, or choose a region with zones."
        yield Refusal("R205", "registry.zoneRedundant", f"true in {stack.location}", "a region with zones", cure)
    cluster = stack.inference_cluster
    region = (cluster.location if cluster else None) or stack.location
    for name, pool in cluster.pools.items() if cluster and not has_zones(region) else ():
        if pool.zones:
            given = "systemPool" if name == "system" else f"userPools.{name}"
            cure = f"Write {given} without zones: {{size: {pool.size}, min: {pool.min}{_most(pool.max)}}}."
            got = f"{', '.join(pool.zones)} in {region}, which has no zones"
            yield Refusal("R205", f"{path_of(name)}.zones", got, "none", cure)


def cloud_is_known(stack: Stack) -> Iterator[Refusal]:
    """R206 Private DNS zones and the hosts of a firewall are known for Azure, Azure Government and Azure in China.

    Source: Azure Private Link, private DNS zone values.
    Example:
        stack:
          location: ussecwest
          network: {addressSpace: [10.20.0.0/16], subnets: {endpoints: 10.20.0.0/24}, endpointSubnet: endpoints}
        endpoint: {}
    """
    if cloud_of(stack.location) is None and stack.network:
        cure = "Make the network outside of this stack, and remove network here."
        got = f"with location {stack.location}, whose cloud's names are not public"
        yield Refusal("R206", "network", got, "a region of Azure, Azure Government or Azure in China", cure)


def _most(most: int | None) -> str:
    return "" if most is None else f", max: {most}"


STACK_RULES = (zones_are_there, cloud_is_known)
