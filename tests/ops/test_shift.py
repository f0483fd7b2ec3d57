"""The direct PUT of a split: what it sends, how long it waits, what it takes for done."""

import json
from typing import Any

import httpx2
import pytest

from ops.arm import Arm
from ops.messages import UserError
from ops.operate.shift import Shift
from ops.workspace import Target
from rollout.model import Split

USER = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/scoring"
BODY: dict[str, Any] = {
    "id": "/x",
    "location": "westeurope",
    "kind": "Managed",
    "systemData": {"createdAt": "2026"},
    "tags": {"team": "ml", "safe-rollout-applied": "blue=50 green=50"},
    "identity": {"type": "UserAssigned", "principalId": "p", "userAssignedIdentities": {USER: {"clientId": "c"}}},
    "properties": {
        "authMode": "Key",
        "compute": None,
        "description": "Disease",
        "publicNetworkAccess": "Disabled",
        "provisioningState": "Succeeded",
        "scoringUri": "https://x",
        "properties": {"AzureAsyncOperationUri": "https://old"},
        "traffic": {"blue": 50, "green": 50},
        "mirrorTraffic": {},
    },
}
BLUE = Split({"blue": 100})


class Azure:
    """Answers PUTs as scripted, then shows the split after so many looks."""

    def __init__(self, *puts: httpx2.Response, late: int = 0, state: str = "Succeeded") -> None:
        self.puts, self.late, self.state = [*puts, httpx2.Response(200, json={})], late, state
        self.sent: list[dict[str, Any]] = []
        self.now, self.told = 0.0, list[str]()

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """One request."""
        if request.method == "PUT":
            self.sent.append(json.loads(request.content))
            return self.puts.pop(0)
        self.late -= 1
        is_done = self.state == "Succeeded" and len(self.puts) == 0 and self.late < 0
        traffic = {"blue": 100} if is_done else BODY["properties"]["traffic"]
        properties = {**BODY["properties"], "traffic": traffic, "provisioningState": self.state}
        return httpx2.Response(200, json={**BODY, "properties": properties})

    def pass_time(self, seconds: float) -> None:
        """A sleep."""
        self.now += seconds

    def shift(self) -> Any:
        """Shift to blue 100."""
        with httpx2.Client(base_url="https://arm", transport=httpx2.MockTransport(self)) as client:
            arm = Arm(client, Target("s", "g", "w"))
            return Shift(arm, "diabetes", self.told.append, lambda: self.now, self.pass_time).to(BLUE, BODY)


def test_only_the_split_and_the_mark_change() -> None:
    """The body is what azure-native would send: nothing of what Azure writes itself, every tag, both maps."""
    azure = Azure()
    azure.shift()
    assert azure.sent == [
        {
            "location": "westeurope",
            "tags": {"team": "ml", "safe-rollout-applied": "blue=100"},
            "identity": {"type": "UserAssigned", "userAssignedIdentities": {USER: {}}},
            "properties": {
                "authMode": "Key",
                "description": "Disease",
                "publicNetworkAccess": "Disabled",
                "traffic": {"blue": 100},
                "mirrorTraffic": {},
            },
        }
    ]


def busy(status: int, **headers: str) -> httpx2.Response:
    """An answer that may pass."""
    return httpx2.Response(status, json={"error": {"code": "Busy", "message": "Busy."}}, headers=headers)


def test_it_waits_as_azure_says() -> None:
    """Retry-After is kept to; without one the pauses grow."""
    azure = Azure(busy(429, **{"retry-after": "7"}), busy(409), busy(503), late=5)
    azure.shift()
    assert azure.told == [
        "Azure answers 429; trying again in 7 s",
        "Azure answers 409; trying again in 2 s",
        "Azure answers 503; trying again in 4 s",
    ]


def test_it_ends() -> None:
    """A conflict that lasts is told after a quarter of an hour, and a refusal at once, with Azure's own words."""
    azure = Azure(*(busy(409) for _ in range(200)))
    with pytest.raises(UserError, match=r"D014 endpoints\.diabetes: status 409: Busy; expected"):
        azure.shift()
    assert 900 < azure.now < 930
    with pytest.raises(UserError, match=r"D014 .*status 400: Busy"):
        Azure(busy(400)).shift()


@pytest.mark.parametrize("azure", [Azure(state="Failed"), Azure(late=10_000)])
def test_what_is_not_live_is_not_claimed(azure: Azure) -> None:
    """An operation that failed, or readers that go on to show the old split."""
    with pytest.raises(UserError, match=r"D013 .*live blue 50, green 50, mirror none; expected blue 100"):
        azure.shift()
