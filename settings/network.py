"""The stack's own virtual network: subnets, private endpoints, name resolution, and the ways out of it."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from settings.existing import NETWORK, ZONE, Existing, of_type
from settings.types import Host, Shape


def _network(text: str) -> str:
    try:
        IPv4Network(text)
    except ValueError as error:
        raise ValueError(f"an IPv4 range such as 10.20.0.0/24 ({error})") from None
    return text


Cidr = Annotated[str, AfterValidator(_network)]


class Egress(Shape):
    """How the subnets' way out is held to the hosts that Azure ML and AKS need (`rollout egress` prints them).

    `nsg`: a network security group that allows the services' tags and nothing else of the internet. `firewall`: an
    Azure Firewall policy with application rules by host; it is for a firewall that you run, and `firewallAddress` (its
    private address) adds the route that sends everything through it. `extraHosts`: what your models call.
    """

    control: Literal["none", "nsg", "firewall"] = "none"
    firewall_address: str | None = None
    extra_hosts: tuple[Host, ...] = Field(default=(), strict=False)

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


class Network(Shape):
    """A virtual network: address ranges, subnets by name, and which of them does what.

    The stack makes it, unless it is `existing`: then ranges and subnets are read, and its way out is its owner's.
    `zones` are private DNS zones that others own, by their names: records are written there and no zone is made.

    `endpointSubnet` holds the private endpoints. `privateDnsZones: none` where a hub's policy makes the records.
    Azure keeps 5 addresses of each subnet. Source: Azure Virtual Network.
    """

    existing: Annotated[Existing | None, BeforeValidator(of_type(NETWORK))] = None
    address_space: tuple[Cidr, ...] = Field(strict=False, min_length=1)
    subnets: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")], Cidr]
    endpoint_subnet: str | None = None
    private_dns_zones: Literal["create", "none"] = "create"
    zones: dict[str, Annotated[Existing | None, BeforeValidator(of_type(ZONE))]] = Field(default_factory=dict)
    egress: Egress = Egress()

    @model_validator(mode="before")
    @classmethod
    def _is_there(cls, raw: Any) -> Any:
        if not isinstance(raw, Mapping) or not raw.get("existing"):
            return raw
        if alien := sorted({"addressSpace", "subnets", "egress"} & raw.keys()):
            raise ValueError(f"no {' and no '.join(alien)} beside existing: it is as its owner made it, and it is read")
        return {"addressSpace": ["0.0.0.0/0"], "subnets": {}, **raw}
