"""The comment on a pull request: what the job sends to GitHub, with a `gh` that keeps what it is told."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from ops.check.markdown import LIMIT, Preview, comment
from ops.check.verdict import verdict
from ops.rules_page import DEPLOYMENT
from rollout.model import ObservedDeployment, ObservedEndpoint
from settings.load import from_config
from settings.refusal import Refusal
from tests.pipelines.test_pipelines import workflow

GH = """#!/usr/bin/env python3
import json, os, sys
with open(os.environ["TOLD"], "a") as file:
    file.write(json.dumps(sys.argv[1:]) + chr(10))
if "--jq" in sys.argv:
    print(os.environ["BEFORE"], end="")
"""
ENDPOINT = {"deployments": {"blue": DEPLOYMENT, "green": DEPLOYMENT}, "traffic": {"blue": 90, "green": 10}}
CONFIG = {
    "location": "westeurope",
    "workspace": {"name": "ws-dev", "resourceGroup": "rg-dev"},
    "registry": {"name": "acrdev01"},
}
LIVE = ObservedEndpoint(
    traffic={"blue": 100}, deployments=dict.fromkeys(("blue", "green"), ObservedDeployment(instance_count=3))
)


@pytest.mark.parametrize(
    ("before", "sent"),
    [("", ["POST", "repos/o/r/issues/7/comments"]), ("41\n42\n", ["PATCH", "repos/o/r/issues/comments/41"])],
)
def test_each_stack_has_one_comment(tmp_path: Path, before: str, sent: list[str]) -> None:
    """The first preview writes it, later ones write it anew; a stack whose preview said nothing has none."""
    [step] = workflow("preview")["jobs"]["comment"]["steps"]
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    own = {"COMMENTS": "repos/o/r/issues/7/comments", "COMMENT": "repos/o/r/issues/comments"}
    said = '<!-- rollout check dev -->\n$(touch x) `y` "z"'
    own |= {"BODY_dev": said, "BODY_prod": "", "BEFORE": before, "TOLD": str(tmp_path / "told")}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    path = f"{tmp_path}:{os.environ['PATH']}"
    subprocess.run(command, env=own | {"PATH": path}, cwd=tmp_path, check=True)
    find, send = map(json.loads, (tmp_path / "told").read_text().splitlines())
    assert "github-actions[bot]" in find[-1]
    assert send == ["api", "--method", *sent, "--raw-field", f"body={said}", "--silent"]
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("refused", [0, 3000])
@pytest.mark.parametrize("lines", [0, 5, 20_000])
def test_it_fits_whatever_there_is_to_say(lines: int, refused: int) -> None:
    """Under GitHub's limit, every fence closed and the fold with them; what is cut is counted."""
    endpoints = {f"diabetes-{number:03d}": ENDPOINT for number in range(90)}
    said = verdict(from_config({**CONFIG, "endpoints": endpoints}), dict.fromkeys(endpoints, LIVE))
    if refused:
        said = type(said)((Refusal("R011", "endpoints.é", "80", "100", "Change it."),) * refused)
    text = comment(said, "prod", Preview("    + azure-native:x: (create)\n" * lines))
    assert len(text.encode()) < LIMIT < 65_536
    assert text.count("\n```") % 2 == 0
    assert text.endswith("</details>\n")
    assert ("more lines" in text) == (lines > 5 or refused > 0)


def test_nothing_in_it_is_markdown() -> None:
    """A model's description with a fence, a tag or a name in it stays text, and a fold can't be closed by it."""
    hostile = "```\n</details> @everybody <img src=x>\n````"
    stack = from_config({**CONFIG, "endpoints": {"diabetes": ENDPOINT}})
    text = comment(verdict(stack, {"diabetes": LIVE}), "dev", Preview(hostile))
    assert f"\n`````text\n{hostile}\n`````\n" in text


def test_a_refusal_of_the_engine_alone_is_no_allowed_step() -> None:
    """Only its hooks know some things: then its words are unfolded."""
    stack = from_config({**CONFIG, "endpoints": {"diabetes": ENDPOINT}})
    text = comment(verdict(stack, {"diabetes": LIVE}), "dev", Preview("error: R124", is_refused=True))
    assert "### Step of `dev`: refused" in text
    assert "<details open>" in text


def test_the_fold_names_what_is_to_do_and_leaves_ids_out() -> None:
    """Counts in the summary; URNs and ids are no reviewer's matter."""
    stack = from_config({**CONFIG, "endpoints": {"diabetes": ENDPOINT}})
    diff = "    ~ azure: (update)\n        [id=/subscriptions/1]\n        [urn=urn:x]\n"
    diff += "Resources:\n    ~ 1 to update\n    18 unchanged\n"
    text = comment(verdict(stack, {"diabetes": LIVE}), "dev", Preview(diff))
    assert "<summary>pulumi preview --diff: 1 to update, 18 unchanged</summary>" in text
    assert "subscriptions" not in text
