"""Private DNS zones and their links to virtual networks. No name is resolved by them here."""

import re
from typing import Literal

from localazure.arm.bodies import Body, Flag, Reference, Text, TrackedResource
from localazure.arm.context import Azure
from localazure.arm.errors import bad_request, conflict
from localazure.arm.ids import ResourceId
from localazure.arm.resources import Made
from localazure.services.network import names
from localazure.store import Record

ZONE_NAME = re.compile(r"(?=.{1,253}$)[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,62})(\.[a-zA-Z0-9_-]{1,63})+")


class ZoneProperties(Body):
    """A zone has no properties to set."""

    read_only = frozenset(
        {"provisioningState", "internalId", "numberOfRecordSets", "maxNumberOfRecordSets"}
        | {"numberOfVirtualNetworkLinks", "maxNumberOfVirtualNetworkLinks"}
        | {"numberOfVirtualNetworkLinksWithRegistration", "maxNumberOfVirtualNetworkLinksWithRegistration"}
    )


class ZoneBody(TrackedResource):
    """PUT of a private DNS zone."""

    properties: ZoneProperties = ZoneProperties()


class LinkProperties(Body):
    """Which network resolves names by the zone."""

    read_only = frozenset({"provisioningState", "virtualNetworkLinkState"})
    virtual_network: Reference
    registration_enabled: Flag | None = None
    resolution_policy: Literal["Default", "NxDomainRedirect"] | None = None


class LinkBody(TrackedResource):
    """PUT of a link."""

    location: Text = "global"
    properties: LinkProperties


def build_zone(azure: Azure, zone: ResourceId, body: ZoneBody, before: Record | None) -> Made:
    """The zone's document; zones are in no region."""
    del azure, before
    _is_global(zone.name, body.location)
    if ZONE_NAME.fullmatch(zone.name) is None:
        raise bad_request("BadRequest", f"The domain name '{zone.name}' is invalid: it has at least two labels.")
    return Made({"maxNumberOfVirtualNetworkLinks": 1000, "numberOfRecordSets": 1})


def build_link(azure: Azure, link: ResourceId, body: LinkBody, before: Record | None) -> Made:
    """The link's document; a network is linked to a zone once."""
    _is_global(link.name, body.location)
    network = names.require_named(azure, "properties.virtualNetwork", body.properties.virtual_network.id, names.NETWORK)
    for other in azure.store.children(link.parent, names.LINK):
        same = other.properties["virtualNetwork"]["id"].lower() == network.key
        if same and (before is None or other.key != before.key):
            message = f"The virtual network '{network.name}' is linked to '{link.names[0]}' already, by '{other.name}'."
            raise conflict("Conflict", message)
    return Made({"registrationEnabled": False, **body.properties.sent(), "virtualNetworkLinkState": "Completed"})


def _is_global(name: str, location: str) -> None:
    if location.lower() != "global":
        raise bad_request("LocationNotSupported", f"The location of '{name}' must be 'global', got '{location}'.")
