"""The stack's own virtual network: subnets, private endpoints, name resolution, and the ways out of it."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from settings.existing import NETWORK, ZONE, Existing, of_type
from settings.types import Host, Shape

SUBNET_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$"


def _network(text: str) -> str:
    try:
        IPv4Network(text)
    except ValueError as error:
        raise ValueError(f"an IPv4 range such as 10.20.0.0/24 ({error})") from None
    return text


Cidr = Annotated[str, Field(description="an IPv4 range such as 10.20.0.0/24"), AfterValidator(_network)]


class Egress(Shape):
    """The way out of the subnets. It is limited to the hosts that Azure ML and AKS need: `rollout egress` prints
    them.

    Example:
      {control: firewall, firewallAddress: 10.20.255.4, extraHosts: [features.example.org]}
    """

    control: Literal["none", "nsg", "firewall"] = "none"
    """`nsg`: a network security group that allows the services' tags and nothing else of the internet. `firewall`:
    a policy for an Azure Firewall that you run, with a rule for each host. `none`: nothing is limited."""
    firewall_address: str | None = None
    """The firewall's private address: everything is routed through it."""
    extra_hosts: tuple[Host, ...] = Field(default=(), strict=False)
    """Other hosts that your models call."""

    @field_validator("firewall_address")
    @classmethod
    def _is_an_address(cls, address: str | None) -> str | None:
        try:
            return address and str(IPv4Address(address))
        except ValueError:
            raise ValueError("an IPv4 address such as 10.20.255.4, the firewall's private one") from None

    @model_validator(mode="after")
    def _address_is_of_a_firewall(self) -> Self:
        if self.firewall_address and self.control != "firewall":
            raise ValueError("firewallAddress is for control: firewall")
        return self


class Zone(Shape):
    """A private DNS zone that others own.

    Example:
      privatelink.blob.core.windows.net: {existing: {resourceGroup: rg-hub}}
    """

    existing: Annotated[Existing, BeforeValidator(of_type(ZONE))]
    """Its resource id, or its group; its name is the key."""


class Network(Shape):
    """A virtual network, made by the stack or by others. Azure keeps 5 addresses of each subnet. Source: Azure Virtual
    Network.

    Example:
      addressSpace: [10.20.0.0/16]
      subnets: {endpoints: 10.20.0.0/24, nodes: 10.20.16.0/20}
      endpointSubnet: endpoints
      privateDnsZones: create
      egress: {control: nsg}
    """

    existing: Annotated[Existing | None, BeforeValidator(of_type(NETWORK))] = None
    """A network that others own: its resource id, or name and group. Ranges and subnets are read."""
    address_space: tuple[Cidr, ...] = Field(strict=False, min_length=1)
    """The ranges of the whole network."""
    subnets: dict[Annotated[str, Field(pattern=SUBNET_PATTERN)], Cidr]
    """The subnets: a range for each name."""
    endpoint_subnet: str | None = None
    """The subnet of the private endpoints. Left out: there are none."""
    private_dns_zones: Literal["create", "none"] = "create"
    """`none`: a hub's policy makes the records, so the stack makes no zones."""
    zones: dict[str, Zone] = Field(default_factory=dict)
    """Private DNS zones that others own, by the zones' names: records are written there, and no zone is made."""
    egress: Egress = Egress()
    """The way out of the subnets."""

    @model_validator(mode="before")
    @classmethod
    def _is_there(cls, raw: Any) -> Any:
        if not isinstance(raw, Mapping) or not raw.get("existing"):
            return raw
        if alien := sorted({"addressSpace", "subnets", "egress"} & raw.keys()):
            raise ValueError(f"no {' and no '.join(alien)} beside existing: it is as its owner made it, and it is read")
        # Until it is read: a range that nothing else has (RFC 5737).
        return {"addressSpace": ["192.0.2.0/24"], "subnets": {}, **raw}
