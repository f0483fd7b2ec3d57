"""Firewall policies and their groups of rule collections. There is no firewall: what passes is not modelled."""

from typing import Annotated, Literal

from pydantic import Field

from localazure.arm.bodies import Body, Child, Flag, Identity, Reference, Text, TrackedResource, Whole
from localazure.arm.context import Azure
from localazure.arm.errors import bad_request
from localazure.arm.ids import ResourceId
from localazure.arm.resources import Made
from localazure.services.network import names
from localazure.services.network.errors import bad_format
from localazure.store import Record

PRIORITIES = range(100, 65001)


class PolicySku(Body):
    """The tier of a policy."""

    tier: Literal["Basic", "Standard", "Premium"]


class DnsSettings(Body):
    """How the firewall resolves names."""

    enable_proxy: Flag | None = None
    servers: list[Text] | None = None


class PolicyProperties(Body):
    """Properties of a firewall policy."""

    read_only = frozenset({"provisioningState", "firewalls", "childPolicies", "ruleCollectionGroups", "size"})
    base_policy: Reference | None = None
    dns_settings: DnsSettings | None = None
    sku: PolicySku | None = None
    threat_intel_mode: Literal["Alert", "Deny", "Off"] | None = None


class PolicyBody(TrackedResource):
    """PUT of a firewall policy."""

    identity: Identity | None = None
    properties: PolicyProperties = PolicyProperties()


class Protocol(Body):
    """What an application rule lets through."""

    protocol_type: Literal["Http", "Https", "Mssql"]
    port: Whole


class ApplicationRule(Body):
    """Hosts that may be reached."""

    rule_type: Literal["ApplicationRule"]
    name: Text
    description: Text | None = None
    protocols: list[Protocol] | None = None
    source_addresses: list[Text] | None = None
    source_ip_groups: list[Text] | None = None
    target_fqdns: list[Text] | None = None
    fqdn_tags: list[Text] | None = None


class NetworkRule(Body):
    """Addresses and ports that may be reached."""

    rule_type: Literal["NetworkRule"]
    name: Text
    description: Text | None = None
    ip_protocols: list[Literal["TCP", "UDP", "ICMP", "Any"]]
    source_addresses: list[Text] | None = None
    source_ip_groups: list[Text] | None = None
    destination_addresses: list[Text] | None = None
    destination_fqdns: list[Text] | None = None
    destination_ports: list[Text] | None = None


class Action(Body):
    """What a collection does."""

    type: Literal["Allow", "Deny"]


class Collection(Body):
    """Rules of one kind that do the same."""

    rule_collection_type: Literal["FirewallPolicyFilterRuleCollection"]
    name: Text
    priority: Whole
    action: Action
    rules: list[Annotated[ApplicationRule | NetworkRule, Field(discriminator="rule_type")]]


class GroupProperties(Body):
    """Properties of a group of rule collections."""

    read_only = frozenset({"provisioningState", "size"})
    priority: Whole
    rule_collections: list[Collection] | None = None


class GroupBody(Child):
    """PUT of a group of rule collections."""

    properties: GroupProperties


def build_policy(azure: Azure, policy: ResourceId, body: PolicyBody, before: Record | None) -> Made:
    """The policy's document; the policy it builds on is there."""
    del policy, before
    sent = body.properties
    if sent.base_policy is not None:
        names.require_named(azure, "properties.basePolicy", sent.base_policy.id, names.POLICY)
    return Made({"sku": {"tier": "Standard"}, "threatIntelMode": "Alert", **sent.sent()})


def build_rules(azure: Azure, group: ResourceId, body: GroupBody, before: Record | None) -> Made:
    """The group's document: priorities in their range, names once, hosts or addresses in every rule."""
    del azure, before
    collections = body.properties.rule_collections or []
    for priority in (body.properties.priority, *(collection.priority for collection in collections)):
        if priority not in PRIORITIES:
            raise bad_format(f"Priorities in '{group.name}' must be 100 to 65000, got {priority}.")
    for collection in collections:
        if len({type(rule) for rule in collection.rules}) > 1:
            raise bad_format(f"Rule collection '{collection.name}' mixes application rules and network rules.")
        every = [rule.name for rule in collection.rules]
        if len(set(every)) != len(every):
            raise bad_request("FirewallPolicyRuleNameConflict", f"Two rules of '{collection.name}' have one name.")
        for rule in collection.rules:
            if not (rule.source_addresses or rule.source_ip_groups):
                raise bad_format(f"Rule '{rule.name}' of '{collection.name}' needs sourceAddresses.")
            if isinstance(rule, ApplicationRule) and bool(rule.target_fqdns) == bool(rule.fqdn_tags):
                raise bad_format(f"Rule '{rule.name}' of '{collection.name}' needs targetFqdns or fqdnTags.")
    return Made({"ruleCollections": [], **body.properties.sent()})
