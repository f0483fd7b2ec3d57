"""What the front door does to requests and answers, by the real Envoy: headers, and statuses by kind of endpoint."""

import asyncio
import re
import uuid

import httpx2
import pytest

from localazure.serving.front_door import BY_NAME

from .scene import OpenGateway, Scene

pytestmark = pytest.mark.slow
STATUS, REASON = "ms-azureml-model-error-statuscode", "ms-azureml-model-error-reason"


def of_envoy(answer: httpx2.Response) -> list[str]:
    """Headers that only Envoy knows, and its name."""
    return [name for name, value in answer.headers.items() if "envoy" in f"{name}{value}".lower()]


def test_every_request_has_an_id_of_its_own(open_gateway: OpenGateway) -> None:
    """The door makes `x-request-id`, also over a caller's own, and tells model and caller; so of refusals."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({"blue": 100})
            mine = str(uuid.uuid4())
            answers = [await scene.post(headers={"x-request-id": mine}) for _ in range(2)]
            assert scene.blue.headers["x-request-id"] == answers[1].headers["x-request-id"]
            answers.append(await scene.post(headers={"x-request-id": mine, "authorization": "Bearer wrong"}))
            ids = {answer.headers["x-request-id"] for answer in answers}
            assert len(ids) == 3
            assert mine not in ids
            assert all(str(uuid.UUID(each)) == each for each in ids)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("6c4f1b4e-5806-4057-bcf7-6e731f2056b1", "6c4f1b4e-5806-4057-bcf7-6e731f2056b1"),
        ('a <b>; c="d"', "abcd"),
        ("x" * 100, "x" * 72),
    ],
)
def test_a_callers_own_id_is_cleaned_and_told(open_gateway: OpenGateway, sent: str, told: str) -> None:
    """`x-ms-client-request-id` reaches the model and comes back, without other signs and 72 characters long at most."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({"blue": 100})
            for name in ("blue", "nobody"):  # answered by a deployment, and by the door
                answer = await scene.post(headers={"x-ms-client-request-id": sent, BY_NAME: name})
                assert answer.headers["x-ms-client-request-id"] == told
            assert scene.blue.headers["x-ms-client-request-id"] == told
            assert "x-ms-client-request-id" not in (await scene.post()).headers

    asyncio.run(run())


def test_an_answer_tells_the_models_time_and_nothing_of_the_gateways_make(open_gateway: OpenGateway) -> None:
    """The time is in milliseconds; the server has the service's name."""

    async def run() -> None:
        async with Scene(open_gateway) as scene:
            await scene.route({"blue": 100})
            answer = await scene.post({"sleep": 0.1})
            assert 100 <= int(answer.headers["ms-azureml-model-time"]) < 2000
            assert answer.headers["server"] == "azureml-frontend"
            refused = await scene.post(headers={"authorization": "Bearer wrong"})
            assert (of_envoy(answer), of_envoy(refused)) == ([], [])
            assert not re.search("envoy", refused.text, re.IGNORECASE)

    asyncio.run(run())


def test_too_many_pending_requests(open_gateway: OpenGateway) -> None:
    """A managed endpoint says the reason in a header and has no body; nothing of it is the gateway's."""

    async def run() -> None:
        async with Scene(open_gateway, limit=1) as scene:
            await scene.route({"blue": 100})
            answers = await asyncio.gather(*(scene.post({"sleep": 1}) for _ in range(3)))
            refused = next(answer for answer in answers if answer.status_code == 429)
            assert refused.headers[REASON] == "too_many_pending_request"
            assert (refused.content, refused.headers["content-type"]) == (b"", "text/plain")
            assert (of_envoy(refused), refused.headers[BY_NAME]) == ([], "blue")

    asyncio.run(run())


def test_kubernetes_endpoints_have_statuses_of_their_own(open_gateway: OpenGateway) -> None:
    """An exception in run() is 502, too many requests 503, a timeout 504; other answers of a model stay as they are."""

    async def run() -> None:
        async with Scene(open_gateway, limit=1, timeout_ms=600) as scene:
            await scene.route_on_kubernetes()
            raised = await scene.post({"status": "500 Internal Server Error"})
            assert (raised.status_code, raised.headers[STATUS]) == (502, "500")
            assert (await scene.post({"status": "409 Conflict"})).status_code == 409
            slow = await scene.post({"sleep": 1})
            assert (slow.status_code, slow.json()["error"]["code"]) == (504, "504")
            await asyncio.sleep(0.6)
            answers = await asyncio.gather(*(scene.post({"sleep": 0.3}) for _ in range(3)))
            assert sorted(answer.status_code for answer in answers) == [200, 503, 503]
            refused = next(answer for answer in answers if answer.status_code == 503)
            assert (REASON in refused.headers, refused.json()["error"]["code"], of_envoy(refused)) == (False, "503", [])

    asyncio.run(run())
