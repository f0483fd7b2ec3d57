"""Online endpoints and deployments as the service carries them out."""

import pytest

from tests.localazure.client import Arm

pytestmark = pytest.mark.anyio


async def test_whole_life(estate: Arm) -> None:
    """Endpoint, deployment, traffic, delete: each step ends in the recorded state and asks the serving side for it."""
    await estate.register()
    created = await estate.call("PUT", estate.endpoint(), estate.endpoint_body())
    assert (created.status_code, created.json()["properties"]["provisioningState"]) == (201, "Creating")
    await estate.turn()
    blue = await estate.done("PUT", estate.deployment("blue"), estate.deployment_body())
    assert blue.json()["properties"]["provisioningState"] == "Succeeded"
    plan = estate.serving.plans["diabetes", "blue"]
    assert plan.model_dir.parts[-3:] == ("azureml-models", "a", "1")
    shifted = await estate.done("PUT", estate.endpoint(), estate.endpoint_body({"blue": 100}))
    assert shifted.json()["properties"]["traffic"] == {"blue": 100}
    assert estate.serving.routes["diabetes"].traffic == {"blue": 100}
    gone = await estate.call("DELETE", estate.endpoint())
    assert (gone.status_code, gone.text) == (202, "null")
    await estate.turn()
    assert (await estate.call("GET", estate.endpoint())).status_code == 404
    assert estate.serving.plans == {}
