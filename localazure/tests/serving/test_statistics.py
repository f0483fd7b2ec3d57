"""What the gateway counts of its answers."""

import asyncio

import pytest

from localazure.serving.contract import Answers
from localazure.serving.routes import BY_NAME
from localazure.serving.statistics import read

from .scene import OpenGateway, Scene
from .test_admission import check


def test_a_page_of_statistics_is_read_by_endpoint_and_deployment() -> None:
    """Buckets become milliseconds, a model's own status is kept, and what no deployment had a part in is left out."""
    page = {
        "stats": [
            {"name": "answers.count.endpoint.e.deployment.blue.status.200.model.", "value": 7},
            {"name": "answers.count.endpoint.e.deployment.blue.status.424.model.500", "value": 2},
            {"name": "answers.count.endpoint.e.deployment.blue.status.408.model.", "value": 1},
            {"name": "answers.count.endpoint.e.deployment..status.401.model.", "value": 9},
            {"name": "answers.count.endpoint..deployment..status.404.model.", "value": 9},
            {
                "histograms": {
                    "details": [
                        {
                            "name": "answers.latency.endpoint.e.deployment.blue",
                            "totals": [{"lower_bound": 1500, "width": 100, "count": 9}],
                        },
                        {"name": "answers.latency.endpoint..deployment.", "totals": []},
                    ]
                }
            },
        ]
    }
    statuses = {("200", "200"): 7, ("424", "500"): 2, ("408", ""): 1}
    assert read(page) == {("e", "blue"): Answers(statuses, {1.55: 9})}


@pytest.mark.slow
def test_answers_are_counted_as_clients_see_them(open_gateway: OpenGateway) -> None:
    """By deployment and status, with the model's own; mirrored requests and refusals are not in it; all are timed."""

    async def run() -> None:
        async with Scene(open_gateway, limit=1, timeout_ms=300) as scene:
            await scene.route({"blue": 100}, {"green": 50})
            for body in ({}, {}, {"status": "500 Broken"}, {"sleep": 1}):
                await scene.post(body)
            assert len({*await asyncio.gather(*(scene.post({"sleep": 0.2}) for _ in range(2)))}) == 2
            await scene.post(headers={"authorization": "Bearer other"})
            await scene.admit("one", check("one"))
            assert (await scene.post(endpoint="one")).status_code == 401
            assert (await scene.post({"data": "x" * 1_100_000})).status_code == 413
            await scene.post(headers={BY_NAME: "green"})
            answers = await scene.gateway.envoy.answers()
            statuses = {("200", "200"): 3, ("424", "500"): 1, ("408", ""): 1, ("429", ""): 1}
            assert answers["e", "blue"].statuses == statuses
            assert answers["e", "blue"].timed == 6
            assert max(answers["e", "blue"].latencies) == pytest.approx(310, rel=0.2)
            assert answers["e", "green"].requests == 1
            assert answers.keys() == {("e", "blue"), ("e", "green")}

    asyncio.run(run())
