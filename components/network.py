"""The stack's own virtual network with its subnets, and the control of their way out."""

import pulumi

from components.egress import control
from components.foundation import Foundation, Wiring
from components.network_types import NetworkResource
from components.options import TYPE_PREFIX, child
from settings import names
from settings.network import Network as Wanted
from settings.stack import Stack


class Network(pulumi.ComponentResource):
    """A virtual network with its subnets in one body, so that no update loses one; `subnets` are ids by name.

    Subnets have no way out of their own (`defaultOutboundAccess` false): egress is declared or there is none, and
    network policies hold for private endpoints too. Ranges are CIDR, as in the stack file.
    """

    wiring: Wiring

    def __init__(
        self, name: str, stack: Stack, wanted: Wanted, base: Foundation, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{TYPE_PREFIX}:Network", name, None, opts)
        obeys = control(self, name, stack, wanted, base)
        subnets = [
            {
                "name": subnet,
                "addressPrefix": prefix,
                "defaultOutboundAccess": False,
                "privateEndpointNetworkPolicies": "Enabled",
                **obeys,
            }
            for subnet, prefix in sorted(wanted.subnets.items())
        ]
        inputs = {
            "virtualNetworkName": names.in_group("vnet", stack.workspace),
            "resourceGroupName": base.resource_group,
            "location": stack.location,
            "addressSpace": {"addressPrefixes": list(wanted.address_space)},
            "subnets": subnets,
            "tags": dict(sorted(stack.tags.items())),
        }
        options = child(self, pulumi.ResourceOptions(depends_on=base.after, protect=stack.production))
        network = NetworkResource("VirtualNetwork", name, inputs, options)
        ids = {subnet: pulumi.Output.concat(network.id, "/subnets/", subnet) for subnet in wanted.subnets}
        self.wiring = Wiring(network.id, ids, after=[self])
        self.register_outputs({})
