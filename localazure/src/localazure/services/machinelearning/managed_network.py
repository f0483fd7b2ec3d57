"""The network that Azure makes for a workspace, and the outbound rules through it. State only: nothing is closed."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from localazure.arm.bodies import Body, Child, Flag, Text
from localazure.arm.context import Azure
from localazure.arm.errors import bad_request
from localazure.arm.ids import ResourceId
from localazure.arm.operations import new_guid
from localazure.arm.resources import Made, missing
from localazure.store import Record

RULE = "Microsoft.MachineLearningServices/workspaces/outboundRules"
ONLY_APPROVED = "AllowOnlyApprovedOutbound"
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}")
PORTS_TEXT = "ports such as 443 or 80,443 or 8080-8090 or *"


class Rule(Body):
    """What all outbound rules have."""

    read_only = frozenset({"status", "parentRuleNames", "errorInformation"})
    category: Literal["UserDefined", "Required", "Recommended", "Dependency"] | None = None


class Fqdn(Rule):
    """A host, through the managed firewall."""

    type: Literal["FQDN"]
    destination: Text


class ServiceTag(Body):
    """A service's addresses."""

    action: Literal["Allow", "Deny"] | None = None
    address_prefixes: list[Text] | None = None
    port_ranges: Text
    protocol: Text
    service_tag: Text


class ServiceTagRule(Rule):
    """A service by its tag."""

    type: Literal["ServiceTag"]
    destination: ServiceTag


class PrivateLink(Body):
    """A resource by a private endpoint."""

    service_resource_id: Text
    subresource_target: Text
    spark_enabled: Flag | None = None


class PrivateLinkRule(Rule):
    """A resource by a private endpoint that Azure makes in the managed network."""

    type: Literal["PrivateEndpoint"]
    destination: PrivateLink


AnyRule = Annotated[Fqdn | ServiceTagRule | PrivateLinkRule, Field(discriminator="type")]


class RuleBody(Child):
    """PUT of an outbound rule."""

    properties: AnyRule


class Settings(Body):
    """The managed network in a workspace's body."""

    read_only = frozenset({"networkId", "status", "changeableIsolationModes", "firewallPublicIpAddress"})
    enable_network_monitor: Flag | None = None
    firewall_sku: Literal["Standard", "Basic"] | None = None
    isolation_mode: Literal["Disabled", "AllowInternetOutbound", "AllowOnlyApprovedOutbound"] | None = None
    managed_network_kind: Literal["V1", "V2"] | None = None
    outbound_rules: dict[str, AnyRule] | None = None


def network_document(sent: Settings | None, provision: bool, before: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a workspace shows of its network; once there is one, it never goes away again."""
    mode = (sent.isolation_mode if sent else None) or "Disabled"
    had = (before or {}).get("isolationMode", "Disabled")
    if had != "Disabled" and mode == "Disabled":
        raise bad_request(
            "ValidationError", f"The managed network cannot be disabled once it is enabled (it is {had})."
        )
    if mode == "Disabled":
        return {"isolationMode": "Disabled"}
    active = provision or (before or {}).get("status", {}).get("status") == "Active"
    return {
        **({key: value for key, value in sent.sent().items() if key != "outboundRules"} if sent else {}),
        "networkId": (before or {}).get("networkId") or new_guid(),
        "status": {"status": "Active" if active else "Inactive", "sparkReady": False},
    }


def build_rule(azure: Azure, rule: ResourceId, body: RuleBody, before: Record | None) -> Made:
    """The document; hosts and tags are for networks that are closed otherwise, and the resource of a link is there."""
    workspace = azure.store.get(rule.parent)
    mode = workspace.properties["managedNetwork"].get("isolationMode", "Disabled") if workspace else "Disabled"
    sent = body.properties
    if NAME.fullmatch(rule.name) is None:
        raise bad_request("ValidationError", f"Outbound rule '{rule.name}': 3 to 33 letters, digits, '-' and '_'.")
    if sent.category not in (None, "UserDefined"):
        raise bad_request("ValidationError", f"Outbound rule '{rule.name}': its category must be UserDefined.")
    if mode == "Disabled":
        raise bad_request("ValidationError", f"Outbound rule '{rule.name}': the workspace has no managed network.")
    if not isinstance(sent, PrivateLinkRule) and mode != ONLY_APPROVED:
        message = f"Outbound rule '{rule.name}': type {sent.type} is for isolationMode {ONLY_APPROVED}, it is {mode}."
        raise bad_request("ValidationError", message)
    if before is not None and before.properties["type"] != sent.type:
        raise bad_request("ValidationError", f"The type of outbound rule '{rule.name}' cannot change.")
    if isinstance(sent, PrivateLinkRule) and azure.store.get(sent.destination.service_resource_id) is None:
        raise missing(f"The resource '{sent.destination.service_resource_id}' of rule '{rule.name}' does not exist.")
    if isinstance(sent, ServiceTagRule) and not _are_ports(sent.destination.port_ranges):
        raise bad_request("ValidationError", f"portRanges of '{rule.name}' must be {PORTS_TEXT}.")
    return Made({"category": "UserDefined", **sent.sent(), "status": "Active"})


def _are_ports(text: str) -> bool:
    parts = [end for part in text.split(",") for end in part.strip().split("-")]
    return text == "*" or all(part.isdigit() and int(part) < 65536 for part in parts)
