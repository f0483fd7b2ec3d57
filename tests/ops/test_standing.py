"""What `rollout status` says of one endpoint: remarks, exit code, the command to type."""

from dataclasses import replace

import pytest

from ops.exits import Exit
from ops.lock import Lock
from ops.look import Look
from ops.operate.standing import as_dict, standing_of, step_words
from rollout.applied import digest
from rollout.model import AppliedEndpoint, ObservedDeployment, ObservedEndpoint, Split
from tests.rollout.test_way import endpoint

WANTED = endpoint("blue", "green").model_copy(update={"traffic": {"blue": 100}})
KEPT = AppliedEndpoint(
    Split({"blue": 100}), {name: digest("managed", one) for name, one in WANTED.deployments.items()}, proven=("blue",)
)
SEEN = ObservedEndpoint(
    traffic={"blue": 100},
    deployments={"blue": ObservedDeployment(model="azureml:m:1"), "green": ObservedDeployment()},
    applied=Split({"blue": 100}),
    proven=("blue",),
)
CLEAN = Look("diabetes", WANTED, SEEN, {}, KEPT)
HAND = replace(SEEN, traffic={"blue": 50, "green": 50})
FAILED = replace(SEEN, deployments={**SEEN.deployments, "blue": ObservedDeployment("Failed")})
EDITED = WANTED.model_copy(update={"traffic": {"blue": 90, "green": 10}})
GONE = Lock(4711, "ci", "here", "2026-11-25T16:00:00Z", "stale")


@pytest.mark.parametrize(
    ("look", "locks", "code", "said", "command"),
    [
        (CLEAN, (), Exit.DONE, "", "next"),
        (CLEAN, (GONE,), Exit.DONE, "a killed run left the stack's lock", "cancel"),
        (replace(CLEAN, wanted=EDITED), (), Exit.UNAPPLIED, "not applied yet: blue 100 -> 90", "up"),
        (replace(CLEAN, seen=HAND), (), Exit.DRIFT, "shifted by hand: this stack applied", "adopt"),
        (replace(CLEAN, seen=FAILED), (), Exit.UNHEALTHY, "blue gets requests and is Failed", "abort"),
        (replace(CLEAN, seen=None), (), Exit.UNHEALTHY, "gone from Azure", "refresh"),
        (Look("diabetes", WANTED, None), (), Exit.UNAPPLIED, "not in Azure yet", "up"),
        (replace(CLEAN, kept=replace(KEPT, deployments={})), (), Exit.UNAPPLIED, "not applied yet: blue is", "up"),
    ],
)  # fmt: skip
def test_the_gravest_thing_decides(look: Look, locks: tuple[Lock, ...], code: Exit, said: str, command: str) -> None:
    """Each standing has a sentence, an exit code of its own and one command."""
    standing = standing_of(look, locks, " -s")
    assert (standing.code, standing.next.split()[1]) == (code, command)
    assert next(iter(standing.remarks), "").startswith(said)


def test_steps_in_words_and_as_json() -> None:
    """`step n of m`, and the same for programs, with null for what is not known."""
    assert step_words(CLEAN) == "step 0 of 4: green waits"
    ten = replace(SEEN, traffic={"blue": 90, "green": 10}, applied=Split({"blue": 90, "green": 10}))
    assert step_words(replace(CLEAN, seen=ten)) == "step 2 of 4 (traffic 10 to green)"
    told = as_dict(CLEAN, standing_of(CLEAN, (), ""))
    assert told["step"] == {"candidate": "green", "done": 0, "of": 4, "why": None}
    model = "azureml:m:1"
    blue = {"state": "Succeeded", "model": model, "wantedModel": model, "instances": None}
    assert told["deployments"]["blue"] == blue
    gone = as_dict(replace(CLEAN, seen=None), standing_of(replace(CLEAN, seen=None), None, ""))
    assert (gone["live"], gone["state"], gone["exitCode"]) == (None, None, 9)
