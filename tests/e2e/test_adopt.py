"""What Azure has and a stack's state does not: told in the preview, taken over by the next up, then ordinary."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from localazure.client import Ready

from benchmarks.stack import local_stack, write
from ops.engine import Engine, PulumiError
from settings.names import key_vault
from settings.workspace import Workspace
from tests.e2e.arm import open_arm

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

NOTHING = ["--expect-no-changes"]
VAULT = key_vault(Workspace.model_validate({"name": "ws-bench", "resourceGroup": "rg-bench"}))


@pytest.fixture
def stack() -> Iterator[tuple[Engine, Ready, httpx2.Client]]:
    """A stack of which nothing is there yet."""
    with local_stack() as (engine, ready), open_arm(engine) as arm:
        yield engine, ready, arm


def adopting(engine: Engine, *parts: str) -> None:
    """The stack file that takes these over."""
    write(engine, {"safe-rollout:adopt": list(parts)})


def test_parts_of_the_estate_are_taken_over(stack: tuple[Engine, Ready, httpx2.Client]) -> None:
    """A group that the platform team made, and a vault that was recovered, become the stack's without a change."""
    engine, ready, arm = stack
    group = f"/subscriptions/{ready.subscription_id}/resourceGroups/rg-bench"
    arm.put(group, params={"api-version": "2021-04-01"}, json={"location": "westeurope"})
    adopting(engine)
    with pytest.raises(PulumiError) as error:
        engine.preview()
    assert "R125 resourceGroup: in Azure, not in the stack's state" in error.value.output
    adopting(engine, "resourceGroup")
    assert "1 imported" in engine.up()
    adopting(engine)
    engine.preview(extra=NOTHING)
    engine.destroy()
    vault = f"{group}/providers/Microsoft.KeyVault/vaults/{VAULT}"
    arm.put(group, params={"api-version": "2021-04-01"}, json={"location": "westeurope"})
    workspace = f"{group}/providers/Microsoft.MachineLearningServices/workspaces/ws-bench"
    purged = arm.delete(workspace, params={"api-version": "2025-12-01", "forceToPurge": "true"})
    assert purged.status_code in (200, 202, 204), purged.text  # its name is kept otherwise
    recovery: dict[str, Any] = {
        "tenantId": ready.tenant_id,
        "sku": {"family": "A", "name": "standard"},
        "createMode": "recover",
    }
    answer = arm.put(
        vault, params={"api-version": "2023-07-01"}, json={"location": "westeurope", "properties": recovery}
    )
    assert answer.is_success, answer.text
    adopting(engine, "resourceGroup", "keyVault")
    assert "2 imported" in engine.up()
    adopting(engine)
    engine.preview(extra=NOTHING)
