"""What a refresh makes of a list: element by element, as azure-native does."""

from typing import Any

from localazure.plugin.schema import Schema
from localazure.plugin.state import refreshed

CLUSTER = "azure-native:containerservice:ManagedCluster"
SYSTEM: dict[str, Any] = {"name": "system", "vmSize": "Standard_D4s_v5", "count": 1}
DEFAULTS: dict[str, Any] = {"osSKU": "Ubuntu", "provisioningState": "Succeeded"}
MODELS: dict[str, Any] = {"name": "models", "vmSize": "Standard_D8s_v5", "count": 3}


def pools_after(schema: Schema, *now: dict[str, Any]) -> list[dict[str, Any]]:
    """The pools in a cluster's inputs after a refresh, where the stack wrote the system pool."""
    resource = schema.resource(CLUSTER)
    old, new = {"agentPoolProfiles": [SYSTEM | DEFAULTS]}, {"agentPoolProfiles": list(now)}
    found: list[dict[str, Any]] = refreshed(resource, {"agentPoolProfiles": [SYSTEM]}, old, new, schema.classes)[
        "agentPoolProfiles"
    ]
    return found


def test_what_was_added_comes_in_and_the_rest_stays(schema: Schema) -> None:
    """The first pool is as the stack wrote it, without what Azure adds; the new one is as Azure shows it."""
    assert pools_after(schema, SYSTEM | DEFAULTS, MODELS | DEFAULTS) == [SYSTEM, MODELS | {"osSKU": "Ubuntu"}]


def test_what_changed_in_an_element_changes_in_it_alone(schema: Schema) -> None:
    """A count that somebody set is drift of that one property."""
    assert pools_after(schema, SYSTEM | DEFAULTS | {"count": 2}) == [SYSTEM | {"count": 2}]


def test_what_is_gone_goes(schema: Schema) -> None:
    """A list that has become empty is empty in the inputs."""
    assert pools_after(schema) == []
