"""Advice on the estate, beyond each rule's own example."""

from typing import Any

import pytest

from rollout.decide import counsel
from settings.load import from_config

GROUP = "/subscriptions/S/resourceGroups/rg-dev/providers/Microsoft.Storage/storageAccounts/lake"


def advice(**sections: Any) -> list[str]:
    """The codes of what is advised on a small stack with these sections."""
    base = {"workspace": {"name": "ws-dev", "resourceGroup": "rg-dev"}, "registry": {"name": "acrdev"}}
    return [one.code for one in counsel(from_config({"azure-native:location": "westeurope", **base, **sections}))]


def linked(resource: str, **workspace: Any) -> dict[str, Any]:
    """A workspace with a managed network and a private link to a resource."""
    rule = {"type": "privateEndpoint", "resource": resource, "subresource": "blob"}
    isolated = {"isolation": "managedVnet", "managedNetwork": {"outboundRules": {"lake": rule}}}
    return {"workspace": {"name": "ws-dev", "resourceGroup": "rg-dev", **isolated, **workspace}}


@pytest.mark.parametrize(
    ("resource", "workspace", "codes"),
    [
        (GROUP, {"identity": "ws"}, []),
        (GROUP.lower(), {"identity": "ws"}, []),
        (GROUP, {}, ["A201"]),
        (GROUP.replace("rg-dev", "rg-lake"), {"identity": "ws"}, ["A201"]),
    ],
)
def test_a_link_is_approved_by_whom_the_stack_lets(resource: str, workspace: dict[str, Any], codes: list[str]) -> None:
    """Only an identity of the stack, in the stack's own group, has the role by itself."""
    assert advice(**linked(resource, **workspace)) == codes


@pytest.mark.parametrize(("count", "codes"), [(1, ["A202"]), (2, ["A202"]), (3, []), (0, [])])
def test_azure_ml_is_among_the_authorized_ranges(count: int, codes: list[str]) -> None:
    """One's own range, and one at least of the region and of its pair."""
    ranges = [f"203.0.{index}.0/24" for index in range(count)]
    assert advice(inferenceCluster={"name": "aks", "authorizedRanges": ranges}) == codes
    assert advice(inferenceCluster={"name": "aks", "authorizedRanges": ranges, "attach": {"kind": "none"}}) == []


def test_images_need_no_packages() -> None:
    """A finished image is pulled and not built, so a closed network needs no host of packages."""
    closed = {"isolation": "managedVnet", "managedNetwork": {"outbound": "allowOnlyApprovedOutbound"}}
    workspace = {"name": "ws-dev", "resourceGroup": "rg-dev", "imageBuildCompute": "builder", **closed}
    image = {"scoring": {"image": "acrdev.azurecr.io/scoring@sha256:" + "9f" * 32}}
    assert advice(workspace=workspace) == ["A203"]
    assert advice(workspace=workspace, images=image) == []
