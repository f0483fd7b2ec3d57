"""Whatever is sent, the local Azure answers in ARM's form and never breaks."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localazure.clock import TurnableClock
from localazure.testing.client import STOPPED, Arm
from localazure.testing.fakes import FakeBlobs, FakeServing

TEXT = st.text(max_size=8) | st.sampled_from(
    ["westeurope", "/", "//", "/subscriptions//providers/", "%", "\x00", "PT5S"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
CHOICES = st.sampled_from


def leaves(body: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every path in a body."""
    found = [path] if path else []
    if isinstance(body, dict):
        for name, value in body.items():
            found += leaves(value, (*path, name))
    return found


def changed(body: Any, path: tuple[str, ...], value: Any) -> Any:
    """The body with another value at one path."""
    if not path:
        return value
    return {**body, path[0]: changed(body[path[0]], path[1:], value)}


def bodies(arm: Arm) -> dict[str, dict[str, Any]]:
    """A good PUT body for every kind of resource, by path."""
    ids = arm.local.azure.store.of_type("Microsoft.MachineLearningServices/workspaces")
    found = {record.id: {"location": "westeurope", "properties": dict(record.properties)} for record in ids}
    for kind in ("Storage/storageAccounts", "KeyVault/vaults", "Insights/components", "ContainerRegistry/registries"):
        for record in arm.local.azure.store.of_type(f"Microsoft.{kind}"):
            found[record.id] = {k: v for k, v in record.document.items() if k not in {"id", "name", "type"}}
    found[arm.endpoint()] = arm.endpoint_body({"blue": 100})
    found[arm.endpoint("other")] = {**arm.endpoint_body(), "tags": {}, "kind": "Managed"}
    found[arm.deployment("blue")] = {**arm.deployment_body(requestSettings={"requestTimeout": "PT5S"}), "tags": {}}
    found[f"{arm.workspace}/models/b/versions/1"] = {"properties": {"modelUri": "azureml://x", "tags": {}}}
    found[f"{arm.workspace}/codes/b/versions/1"] = {"properties": {"codeUri": "https://h/a/b/c", "properties": {}}}
    return found


async def prepare(arm: Arm) -> None:
    """The estate with an endpoint and a deployment that serves."""
    await arm.make_estate()
    await arm.register()
    await arm.done("PUT", arm.endpoint(), arm.endpoint_body())
    await arm.done("PUT", arm.deployment("blue"), arm.deployment_body())


def test_any_value_anywhere(tmp_path: Path) -> None:
    """Any JSON value at any place of a good body is taken or refused with an error that has code and message."""
    with asyncio.Runner() as runner:
        clock = TurnableClock(STOPPED)
        opened = Arm.open(tmp_path, clock, FakeServing(), FakeBlobs())
        arm = runner.run(opened.__aenter__())
        runner.run(prepare(arm))
        good = bodies(arm)
        places = [(path, place) for path, body in good.items() for place in [(), *leaves(body)]]

        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.data())
        def sends(data: st.DataObject) -> None:
            path, place = data.draw(CHOICES(places))
            body = changed(good[path], place, data.draw(VALUES))
            runner.run(answers(arm, "PUT", path, body))
            runner.run(arm.turn())

        sends()
        runner.run(opened.__aexit__(None, None, None))


def test_any_path(tmp_path: Path) -> None:
    """Any path under any method is answered, with an error in ARM's form where there is one."""
    with asyncio.Runner() as runner:
        opened = Arm.open(tmp_path, TurnableClock(STOPPED), FakeServing(), FakeBlobs())
        arm = runner.run(opened.__aenter__())
        runner.run(prepare(arm))
        parts = sorted({part for path in bodies(arm) for part in path.split("/") if part})
        actions = ["listKeys", "getLogs", "regenerateKeys", "token", "listSecrets", "startPendingUpload", "resources"]
        part = CHOICES([*parts, *actions, "locations", "mfeOperationsStatus"]) | TEXT.filter(bool).map(
            lambda text: quote(text, "")
        )

        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
        @given(CHOICES(["GET", "PUT", "POST", "DELETE", "PATCH"]), CHOICES(sorted(bodies(arm))), st.data())
        def asks(method: str, path: str, data: st.DataObject) -> None:
            given_parts = path.strip("/").split("/")
            at = data.draw(st.integers(0, len(given_parts)))
            drawn = [*given_parts[:at], *data.draw(st.lists(part, max_size=3)), *given_parts[at + 1 :]]
            runner.run(answers(arm, method, "/" + "/".join(drawn), {} if method in {"PUT", "POST", "PATCH"} else None))

        asks()
        runner.run(opened.__aexit__(None, None, None))


async def answers(arm: Arm, method: str, path: str, body: Any) -> None:
    """It answers less than 500, and errors have code and message."""
    answer = await arm.call(method, path, body)
    assert answer.status_code < 500, (method, path, body, answer.text)
    if answer.status_code >= 400 and path.lower().startswith("/subscriptions"):
        error = answer.json()["error"]
        assert error["code"]
        assert error["message"]
