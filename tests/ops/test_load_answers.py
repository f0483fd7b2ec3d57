"""Judging answers: what is lost, what is wrong, and whether a measured split can be the wanted one."""

import random
from dataclasses import replace
from typing import Any

import pytest

from ops.rehearsal.answers import Answer, Phase, Predictions, is_share, is_split, judge, quantile, summarise

OLD, NEW = "ridge:aaa", "ridge:bbb"
EXPECTED = Predictions({("one", OLD): [100.0, 200.0], ("one", NEW): [110.0, 190.0]})
BEFORE = Phase(0.0, {"blue": OLD}, 12.0)
AFTER = Phase(10.0, {"blue": OLD, "green": NEW})
PHASES = [BEFORE, AFTER]


def answer(deployment: str | None, model: str, predictions: Any, at: float = 5.0, status: int | None = 200) -> Answer:
    """An answer that came 2 ms after its request."""
    return Answer("one", at, at + 0.002, status, deployment, {"predictions": predictions, "model": model})


def test_the_answer_of_a_live_deployments_model_is_good() -> None:
    """What the deployment's model gives is good, also in another last digit."""
    assert judge(answer("blue", OLD, [100.0, 200.0]), PHASES, EXPECTED) == ("good", "")
    assert judge(answer("blue", OLD, [100.00001, 200.0]), PHASES, EXPECTED) == ("good", "")


@pytest.mark.parametrize(
    ("lost", "reason"),
    [
        (Answer("one", 5.0, 15.0, None, problem="ReadTimeout: "), "no answer: ReadTimeout: "),
        (answer("blue", OLD, [100.0, 200.0], status=503), "status 503: "),
        (answer("blue", OLD, [100.0, 200.0], status=429), "status 429: "),
        (answer(None, OLD, [], status=404), "status 404: "),
    ],
)
def test_no_answer_and_any_status_but_200_are_lost(lost: Answer, reason: str) -> None:
    """A request that got no answer, or an error, is lost and says why."""
    verdict, why = judge(lost, PHASES, EXPECTED)
    assert verdict == "lost"
    assert why.startswith(reason)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (answer("green", NEW, [110.0, 190.0]), "green answered and had no weight"),
        (answer("red", NEW, [110.0, 190.0], at=20.0), "red answered and had no weight"),
        (answer("blue", NEW, [110.0, 190.0]), "blue answered as ridge:bbb, and runs ridge:aaa"),
        (answer("blue", OLD, [110.0, 190.0]), "blue answered [110.0, 190.0], expected [100.0, 200.0]"),
        (answer("blue", OLD, [100.0]), "blue answered [100.0], expected"),
        (answer("blue", OLD, None), "blue answered None, expected"),
        (answer("blue", OLD, ["100", 200.0]), "blue answered ['100', 200.0], expected"),
        (answer("blue", OLD, [100.1, 200.0]), "blue answered [100.1, 200.0], expected"),
        (answer(None, OLD, [100.0, 200.0]), "the answer does not say which deployment gave it"),
        (Answer("one", 5.0, 5.1, 200, "blue", "<html>"), "blue answered with no object: <html>"),
    ],
)
def test_an_answer_that_its_deployment_would_not_give_is_wrong(wrong: Answer, reason: str) -> None:
    """Another model's answer, another deployment's, one without weight or without a name is wrong and says why."""
    verdict, why = judge(wrong, PHASES, EXPECTED)
    assert verdict == "wrong"
    assert why.startswith(reason)


@pytest.mark.parametrize(
    ("at", "deployment", "verdict"),
    [
        (9.0, "green", "wrong"),
        (9.999, "green", "good"),
        (11.0, "blue", "good"),
        (11.0, "green", "good"),
        (13.0, "green", "good"),
    ],
)
def test_while_a_change_runs_both_maps_hold(at: float, deployment: str, verdict: str) -> None:
    """From the beginning of an `up` the new map may answer; what is in flight then too."""
    given = {"blue": (OLD, [100.0, 200.0]), "green": (NEW, [110.0, 190.0])}
    assert judge(answer(deployment, *given[deployment], at=at), PHASES, EXPECTED)[0] == verdict


@pytest.mark.parametrize(("at", "verdict"), [(11.0, "good"), (11.9999, "good"), (12.1, "wrong")])
def test_after_a_change_the_old_map_no_longer_holds(at: float, verdict: str) -> None:
    """Once the `up` has ended, a deployment without weight must not answer a new request."""
    phases = [Phase(0.0, {"blue": OLD}, 12.0), Phase(10.0, {"green": NEW})]
    assert judge(answer("blue", OLD, [100.0, 200.0], at=at), phases, EXPECTED)[0] == verdict


@pytest.mark.parametrize(
    ("named", "deployment", "verdict"),
    [("green", "green", "good"), ("green", "blue", "wrong"), ("red", "red", "wrong"), (None, "green", "wrong")],
)
def test_a_deployment_without_weight_answers_to_its_name_alone(
    named: str | None, deployment: str, verdict: str
) -> None:
    """By name a deployment may answer whatever its weight; another one must not answer for it."""
    phases = [Phase(0.0, {"blue": OLD}, by_name={"blue": OLD, "green": NEW})]
    given = {"blue": (OLD, [100.0, 200.0]), "green": (NEW, [110.0, 190.0])}.get(deployment, (NEW, [110.0, 190.0]))
    asked = replace(answer(deployment, *given), named=named)
    assert judge(asked, phases, EXPECTED)[0] == verdict


def test_a_summary_counts_and_times_and_gives_reasons() -> None:
    """One lost and two wrong answers among good ones are found, with the reason that came most often first."""
    good = [answer("blue", OLD, [100.0, 200.0])] * 7
    lost = [Answer("one", 5.0, 15.0, None, problem="ReadTimeout")]
    wrong = [answer("green", NEW, [110.0, 190.0])] * 2
    summary = summarise([*good, *lost, *wrong], PHASES, EXPECTED)
    assert (summary.requests, summary.lost, summary.wrong) == (10, 1, 2)
    assert summary.served == {"blue": 7, "green": 2}
    assert summary.share == {"blue": pytest.approx(7 / 9), "green": pytest.approx(2 / 9)}
    assert summary.p50 == pytest.approx(2.0)
    assert summary.reasons == ("2 x green answered and had no weight", "1 x no answer: ReadTimeout")


def test_a_summary_of_nothing_has_no_share_and_no_latency() -> None:
    """No requests give no numbers that look like a measurement."""
    summary = summarise([], PHASES, EXPECTED)
    assert (summary.requests, summary.share, summary.p50, summary.p99) == (0, {}, None, None)


def test_quantiles_are_values_that_were_measured() -> None:
    """The nearest rank: of 1 to 100, p50 is 50 and p99 is 99; of one value it is that value."""
    values = [float(value) for value in range(1, 101)]
    assert (quantile(values, 0.5), quantile(values, 0.99), quantile([7.0], 0.99)) == (50.0, 99.0, 7.0)


@pytest.mark.parametrize(
    ("served", "wanted", "verdict"),
    [
        ({"blue": 500}, {"blue": 100}, True),
        ({"blue": 499, "green": 1}, {"blue": 100}, False),
        ({"blue": 455, "green": 45}, {"blue": 90, "green": 10}, True),
        ({"blue": 400, "green": 100}, {"blue": 90, "green": 10}, False),
        ({"blue": 500}, {"blue": 90, "green": 10}, False),
        ({"blue": 225, "green": 275}, {"blue": 50, "green": 50}, True),
        ({}, {"blue": 100}, False),
        ({"blue": 1}, {}, False),
    ],
)
def test_a_split_is_met_within_four_sigma(served: dict[str, int], wanted: dict[str, int], verdict: bool) -> None:
    """Chance alone is let pass; another split, a stray answer, or no answer at all is not."""
    assert is_split(served, wanted) is verdict


def test_chance_alone_hardly_ever_fails_a_share() -> None:
    """Of 2,000 fair draws of 300 requests at 10 % practically none is refused."""
    draws = random.Random(7)
    refused = 0
    for _ in range(2_000):
        count = sum(draws.random() < 0.1 for _ in range(300))
        refused += not is_share(count, 300, 10)
    assert refused <= 3
