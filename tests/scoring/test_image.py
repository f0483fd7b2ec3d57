"""The image's recipe and the pipeline that builds it, as far as a machine without Docker can hold them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from ops.paths import CHECKOUT
from settings.images import Image
from settings.load import from_config

ENVIRONMENT = CHECKOUT / "scoring" / "environment"
LINES = [
    line.split(None, 1)
    for line in (ENVIRONMENT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    if line and not line.startswith("#")
]
DIGEST = "9f2c41aa" * 8
AZ = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$2 $3" in "repository show") echo sha256:DIGEST;; esac
"""


def test_the_image_installs_the_pins_of_the_conda_file() -> None:
    """What the recipe's sed takes from the conda file is its pip section, every line pinned."""
    conda = yaml.safe_load((ENVIRONMENT / "conda.yaml").read_text(encoding="utf-8"))
    pins = next(part["pip"] for part in conda["dependencies"] if isinstance(part, dict))
    pattern = next(re.search(r"sed -n 's/(.+)//p'", rest) for word, rest in LINES if word == "RUN" and "sed" in rest)
    assert pattern is not None
    text = (ENVIRONMENT / "conda.yaml").read_text(encoding="utf-8")
    assert [re.sub(pattern[1], "", line) for line in text.splitlines() if re.match(pattern[1], line)] == pins
    assert all(re.fullmatch(r"[a-z0-9-]+==\S+", pin) for pin in pins)


def test_the_server_is_not_root_and_listens_where_azure_asks() -> None:
    """A user that is not root before the command, in its exec form, and the port that `images` takes by default."""
    words = [word for word, _ in LINES]
    last = dict(LINES)
    assert words.index("USER") < words.index("CMD")
    assert last["USER"] not in {"root", "0"}
    port = Image.model_fields["port"].default
    assert last["EXPOSE"] == str(port)
    assert last["CMD"].startswith("[")
    assert f"--port {port}" in last["CMD"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="the pipeline's script is bash")
@pytest.mark.parametrize("pool", ["", "inside"])
def test_the_pipeline_prints_what_the_stack_file_takes(tmp_path: Path, pool: str) -> None:
    """Its script, with an `az` that only answers, names a context with a Dockerfile, and prints valid settings."""
    pipeline = yaml.safe_load((CHECKOUT / "azure-pipelines" / "image.yml").read_text(encoding="utf-8"))
    script = pipeline["jobs"][0]["steps"][0]["inputs"]["inlineScript"].replace("$(Build.SourceVersion)", "abc")
    az = tmp_path / "az"
    az.write_text(AZ.replace("DIGEST", DIGEST), encoding="utf-8")
    az.chmod(0o755)
    variables = {"REGISTRY": "acrdiabetesdev", "AGENT_POOL": pool, "BASE_IMAGE": "python:3.11-slim"}
    found = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "CALLS": str(tmp_path / "calls"), **variables}
    told = subprocess.run(["bash", "-c", script], cwd=CHECKOUT, env=found, capture_output=True, text=True, check=True)

    build = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()[0].split()
    assert (CHECKOUT / build[-1] / "Dockerfile").is_file()
    assert ("--agent-pool" in build) == bool(pool)
    images, environment = told.stdout.splitlines()
    config = {"azure-native:location": "westeurope", **yaml.safe_load(images)}
    workspace = {"name": "ws-dev", "resourceGroup": "rg-dev"}
    stack = from_config(config | {"workspace": workspace, "registry": {"name": "acrdiabetesdev"}})
    image = stack.images["scoring-image"]
    assert yaml.safe_load(environment) == {"environment": f"azureml:scoring-image:{image.version}"}
