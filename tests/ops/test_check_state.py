"""What `rollout check` says of endpoints that the state holds and Azure denies."""

from dataclasses import dataclass
from typing import Any, cast

import pytest

from ops.check.state import Kept, gone_from_azure
from ops.engine import Engine
from rollout.model import Applied, AppliedEndpoint, Split
from settings.load import from_config

DEPLOYMENT = {
    "model": "azureml:m:1",
    "environment": "azureml:e:1",
    "code": "azureml:c:1",
    "instanceType": "Standard_DS3_v2",
    "instanceCount": 1,
}
STACK = from_config(
    {
        "azure-native:location": "westeurope",
        "safe-rollout:workspace": {"name": "ws-a", "resourceGroup": "rg-a"},
        "safe-rollout:registry": {"name": "acrtest"},
        "safe-rollout:endpoints": {"wine": {"deployments": {"blue": DEPLOYMENT}}},
    }
)


@dataclass
class Held:
    """An engine whose state holds the endpoint."""

    def held(self) -> set[tuple[str, str]]:
        """Its types and names."""
        return {("OnlineEndpoint", "wine")}


@pytest.mark.parametrize(
    ("estate", "codes"),
    [
        ({}, ["R122"]),
        ({"workspace.name": "WS-A", "workspace.resourceGroup": "RG-A"}, ["R122"]),
        ({"workspace.name": "ws-old"}, []),
        ({"workspace.resourceGroup": "rg-old"}, []),
    ],
)
def test_only_in_the_place_that_was_applied_is_it_gone(estate: dict[str, Any], codes: list[str]) -> None:
    """In another workspace, or in one of the same name in another group, it is not there yet: R066 is said of that."""
    applied = Applied(estate, {"wine": AppliedEndpoint(Split({"blue": 100}))})
    found = gone_from_azure(STACK, applied, {}, Kept(applied, engine=cast("Engine", Held())))
    assert [one.code for one in found] == codes
