"""What the stack file has encrypted goes into the resources as a secret, and the rest in clear."""

import asyncio
from typing import Any

import pulumi
from pulumi.runtime.rpc import is_rpc_secret

from components.secrets import opened
from tests.components.program import run

DEPLOYMENT = {
    "model": "azureml:diabetes-ridge:1",
    "environment": "azureml:scoring:3",
    "code": "azureml:scoring-code:9f2c41",
    "instanceType": "Standard_DS3_v2",
    "variables": {"TOKEN": "t-secret"},
    "description": "d-secret",
    "tags": {"owner": "o-secret"},
}
CONFIG: dict[str, Any] = {
    "safe-rollout:endpoints": {"diabetes": {"description": "e-secret", "deployments": {"blue": DEPLOYMENT}}},
    "safe-rollout:watching": {"actionGroup": {"shortName": "oncall", "webhooks": {"pager": "https://example.org/w"}}},
}


def test_free_text_under_a_secret_key_is_secret() -> None:
    """Variables, descriptions and tags of endpoints and deployments; the engine knows no more than the key."""
    azure, outputs = run(CONFIG, secret=["safe-rollout:endpoints"])
    assert "endpoints" not in outputs["secret"]
    for name in ("diabetes", "diabetes-blue"):
        inputs = azure.declared[name].inputs
        assert {key for key in inputs if is_rpc_secret(inputs[key])} == {"properties", "tags"}


def test_what_is_not_encrypted_stays_readable() -> None:
    """The preview of a step shows its properties; a webhook's address is a secret however it was written."""
    azure, _ = run(CONFIG)
    assert {
        (name, key) for name, one in azure.declared.items() for key, value in one.inputs.items() if is_rpc_secret(value)
    } == {("action-group", "webhookReceivers")}


def test_tags_that_are_encrypted_are_secret_on_every_resource() -> None:
    """The stack's tags go onto all that takes tags."""
    azure, _ = run({"safe-rollout:tags": {"owner": "o-secret"}}, secret=["safe-rollout:tags"])
    tagged = [one.inputs["tags"] for one in azure.declared.values() if "tags" in one.inputs]
    assert tagged
    assert all(map(is_rpc_secret, tagged))


def test_hooks_read_what_is_secret() -> None:
    """A hook gets a map with a secret in it as one output: what it asks of the map is asked of its value."""

    async def read() -> Any:
        inputs = {"endpointName": "d", "properties": pulumi.Output.secret({"traffic": {"blue": 100}})}
        return await opened(pulumi.ResourceHookArgs(urn="u", id="i", name="n", type="t", new_inputs=inputs))

    assert asyncio.run(read()).new_inputs == {"endpointName": "d", "properties": {"traffic": {"blue": 100}}}
