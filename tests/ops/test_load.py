"""The steady load: its schedule, its bound, and that nothing which goes wrong is left out."""

import asyncio
import json
from collections.abc import Callable

import httpx2
import pytest

from ops.rehearsal.load import IN_FLIGHT, SteadyLoad, ask

URL = "http://127.0.0.1:1/diabetes/score"


def reply(request: httpx2.Request) -> httpx2.Response:
    """An endpoint that echoes what it was asked."""
    name = request.headers.get("azureml-model-deployment", "blue")
    told = {"asked": json.loads(request.content), "key": request.headers.get("authorization")}
    return httpx2.Response(200, json=told, headers={"azureml-model-deployment": name})


def client(handler: Callable[[httpx2.Request], httpx2.Response]) -> httpx2.AsyncClient:
    """A client whose network is `handler`."""
    return httpx2.AsyncClient(transport=httpx2.MockTransport(handler))


def test_an_answer_holds_who_gave_it() -> None:
    """Status, body and echoed header are kept; the key goes as a bearer token."""
    answer = asyncio.run(ask(client(reply), URL, "k-1", "one", b'{"data": []}'))
    assert (answer.sample, answer.status, answer.deployment) == ("one", 200, "blue")
    assert answer.body == {"asked": {"data": []}, "key": "Bearer k-1"}
    assert answer.received >= answer.sent


def test_a_deployment_is_asked_by_name() -> None:
    """The name goes as the header that routes, and no key sends no authorization."""
    answer = asyncio.run(ask(client(reply), URL, None, "one", b"{}", named="green"))
    assert answer.deployment == "green"
    assert answer.body["key"] is None


def test_what_is_not_json_is_kept_as_text() -> None:
    """An HTML error page is an answer with its status."""
    answer = asyncio.run(ask(client(lambda _: httpx2.Response(502, text="<html>")), URL, "k", "one", b"{}"))
    assert (answer.status, answer.body, answer.deployment) == (502, "<html>", None)


@pytest.mark.parametrize("error", [httpx2.ConnectError, httpx2.ReadTimeout, httpx2.RemoteProtocolError])
def test_a_broken_connection_is_an_answer_without_a_status(error: type[httpx2.HTTPError]) -> None:
    """Whatever breaks on the way counts as one request without an answer, and says what broke."""

    def broken(request: httpx2.Request) -> httpx2.Response:
        raise error("gone", request=request)  # type: ignore[call-arg]

    answer = asyncio.run(ask(client(broken), URL, "k", "one", b"{}"))
    assert answer.status is None
    assert answer.problem == f"{error.__name__}: gone"


def test_samples_are_sent_in_turn_until_the_load_is_left() -> None:
    """Each sample is sent as often as the next, give or take one, and every request has its answer."""
    load = SteadyLoad(URL, "k", {"one": b'{"a": 1}', "two": b'{"a": 2}'}, rate=10_000)
    seen = 0

    def stop_after_twenty(request: httpx2.Request) -> httpx2.Response:
        nonlocal seen
        seen += 1
        if seen == 20:
            load.stop()
        return reply(request)

    asyncio.run(load.send(client(stop_after_twenty)))
    names = [answer.sample for answer in load.answers]
    assert len(names) == seen >= 20
    assert abs(names.count("one") - names.count("two")) <= 1


def test_no_more_requests_wait_than_the_bound() -> None:
    """An endpoint that does not answer holds up a bounded number of requests, and none is dropped."""
    load = SteadyLoad(URL, "k", {"one": b"{}"}, rate=100_000)
    waiting = most = 0
    release = asyncio.Event()

    class Slow:
        async def post(self, url: str, *, content: bytes, headers: object) -> httpx2.Response:
            nonlocal waiting, most
            waiting += 1
            most = max(most, waiting)
            if waiting == IN_FLIGHT:
                load.stop()
                release.set()
            await release.wait()
            waiting -= 1
            return httpx2.Response(200, json={})

    asyncio.run(load.send(Slow()))
    assert most == IN_FLIGHT
    assert len(load.answers) >= IN_FLIGHT


def test_a_load_that_breaks_is_not_taken_for_a_load_without_losses() -> None:
    """An error in the load itself is raised where it is left."""
    load = SteadyLoad(URL, "k", {"one": b"{}"}, rate=0)
    with pytest.raises(RuntimeError, match="the load ended before its time"), load:
        pass
