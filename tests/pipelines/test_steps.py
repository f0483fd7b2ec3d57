"""The pipelines' shell steps, run in order with nothing but the environment that is declared for them.

On the local Azure, so the sign-in is its client's secret: what `azure/login` and `AzureCLI@2` bring can't be run here.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from localazure.client import Ready, azure_variables, running

from ops.paths import CHECKOUT, VENV_BIN, cache_dir
from ops.rehearsal.plays import empty_stack
from ops.setup.engine import needed_engine
from tests.pipelines.test_pipelines import azure_stages, jobs, read

pytestmark = pytest.mark.slow
PASSPHRASE = "correct horse battery staple"
EXPRESSION = re.compile(r"\$\{\{ (?:vars|secrets|matrix|parameters)\.(\w+) \}\}|\$\((\w+)\)")
RUNNER = ("PATH", "HOME", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""What a runner has by itself (the last four: how this machine reaches a package index)."""
INDEX = re.compile(r"(?i)(pip|uv)_.*|.*_proxy|xdg_cache_home|safe_rollout_cache")


def filled(declared: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Declared variables, filled in: on GitHub what is not set is empty, on Azure Pipelines its own text."""

    def value(found: re.Match[str]) -> str:
        return values.get(found[1], "") if found[1] else values.get(found[2], found[0])

    return {name: EXPRESSION.sub(value, text) for name, text in declared.items()}


def github_steps(job: dict[str, Any], values: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The shell steps of a job, each with its environment."""
    for step in job["steps"]:
        if "run" in step:
            yield step["run"], filled(job["env"] | step.get("env", {}), values)


def azure_steps(stage: dict[str, Any], values: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The same of a stage on Azure Pipelines."""
    template = read(CHECKOUT / "azure-pipelines" / "stage.yml")["stages"][0]
    for step in template["jobs"][0]["strategy"]["runOnce"]["deploy"]["steps"]:
        if script := step.get("bash") or step.get("inputs", {}).get("inlineScript"):
            yield script, filled(step.get("env", {}), {**stage, **values})


class Runner:
    """A fresh machine of a pipeline: a checkout, a Python of its own, nothing of the developer's."""

    def __init__(self, folder: Path, ready: Ready, state: Path) -> None:
        self.checkout = folder / "checkout"
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, check=True).stdout
        for name in filter(None, tracked.decode().split("\0")):
            (self.checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, self.checkout / name)
        stack_file = self.checkout / "Pulumi.dev.yaml"  # the estate: endpoints need assets that somebody registered
        stack_file.write_text(empty_stack(stack_file), encoding="utf-8")
        subprocess.run(["python3", "-m", "venv", folder / "python"], check=True)
        az = folder / "python" / "bin" / "az"
        az.write_text(f"#!/bin/sh\necho {ready.subscription_id}\n")
        az.chmod(0o755)
        kept = {name: text for name, text in os.environ.items() if name in RUNNER or INDEX.fullmatch(name)}
        self.own = kept | {"PATH": f"{folder / 'python' / 'bin'}:{os.defpath}", "SAFE_ROLLOUT_CACHE": str(cache_dir())}
        # the local Azure in place of a sign-in: the client, and where Azure is
        azure = azure_variables(ready)
        sign_in = {name: text for name, text in azure.items() if name.startswith(("AZURE", "ARM_CL", "ARM_M"))}
        self.signed_in = {**sign_in, "SSL_CERT_FILE": str(ready.ca_bundle), "REQUESTS_CA_BUNDLE": str(ready.ca_bundle)}
        self.signed_in |= {"PULUMI_HOME": str(state / "pulumi-home"), "NO_PROXY": "127.0.0.1"}
        self.signed_in |= {"servicePrincipalId": ready.client_id, "idToken": "none", "tenantId": ready.tenant_id}
        self.values = {
            "AZURE_CLIENT_ID": ready.client_id,
            "AZURE_TENANT_ID": ready.tenant_id,
            "AZURE_SUBSCRIPTION_ID": ready.subscription_id,
            "PULUMI_BACKEND_URL": f"file://{folder}/stacks",
            "stack": "dev",
        }
        (folder / "stacks").mkdir()

    def run(self, script: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """One step, as a runner calls it."""
        sign_in = {} if "set-up" in script else {**self.signed_in, "ARM_USE_OIDC": "false"}
        found = self.own | dict(environment) | sign_in
        script = script.replace("ARM_USE_OIDC=true", "ARM_USE_OIDC=false")
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return subprocess.run(command, cwd=self.checkout, env=found, capture_output=True, text=True, check=False)

    def init(self) -> None:
        """What docs/ci.md lets a person do once: the stack and its passphrase."""
        engine = needed_engine()
        found = self.own | self.signed_in | {"PULUMI_BACKEND_URL": self.values["PULUMI_BACKEND_URL"]}
        found |= {"PULUMI_CONFIG_PASSPHRASE": PASSPHRASE, "PATH": f"{engine}:{self.own['PATH']}"}
        subprocess.run(
            ["pulumi", "stack", "init", "dev"], cwd=self.checkout, env=found, check=True, capture_output=True
        )


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """On a local Azure of its own, which has nothing in it."""
    state = tmp_path_factory.mktemp("azure")
    any_port = [f"--{name}-port=0" for name in ("arm", "gateway", "blob", "control")]
    command = [VENV_BIN / "rollout", "local"]
    subprocess.run([*command, "start", "--clock", "instant", "--state", state, *any_port], check=True)
    try:
        made = Runner(tmp_path_factory.mktemp("runner"), running(state), state)
        made.init()
        yield made
    finally:
        subprocess.run([*command, "stop", "--state", state], check=True)


def test_what_is_not_set_up_is_one_message(runner: Runner) -> None:
    """A repository without its variables is told their names, and where they belong."""
    [job] = jobs("preview")
    [*_, (script, environment)] = github_steps(job, {"stack": "dev"})
    told = runner.run(script, environment | dict.fromkeys(("AZURE_CLIENT_ID",), ""))
    assert told.returncode == 1
    assert "not set: ARM_TENANT_ID ARM_SUBSCRIPTION_ID PULUMI_BACKEND_URL (or PULUMI_ACCESS_TOKEN)" in told.stderr


@pytest.mark.parametrize("system", ["github", "azure"])
def test_the_steps_have_all_that_they_need(runner: Runner, system: str) -> None:
    """Set-up, previews and up pass in order with what is declared for them; without the passphrase nothing is done."""
    if system == "github":
        called = [(github_steps, job) for name in ("preview", "up") for job in jobs(name)]
    else:
        called = [(azure_steps, each) for n in ("preview", "up") for each in azure_stages(n) if each["stack"] == "dev"]
    values = runner.values | {"PULUMI_CONFIG_PASSPHRASE": PASSPHRASE}
    ran = [step for steps, job in called for step in steps(job, values)]
    ran = [step for number, step in enumerate(ran) if step not in ran[:number]]  # the set-up once: all have the same
    places = {"github": ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"), "azure": ()}[system]
    own = {name: str(runner.checkout.parent / name) for name in places} or {"TF_BUILD": "True"}
    summaries = ""
    for script, environment in ran:
        told = runner.run(script, own | environment)
        assert told.returncode == 0, script + told.stdout + told.stderr
        summaries += "".join(re.findall(r"##vso\[task.uploadsummary\](.+)", told.stdout))
    if system == "github":
        summary, output = (Path(own[name]).read_text() for name in places)
        assert output.startswith("dev<<end-")
    else:
        summary = Path(summaries.splitlines()[0]).read_text()
    assert summary.startswith("<!-- rollout check dev -->")
    assert "<summary>pulumi preview --diff: " in summary
    assert ["set-up" in script for script, _ in ran].count(True) == 1
    steps, job = called[-1]
    *_, last = steps(job, runner.values)
    told = runner.run(*last)
    assert (told.returncode == 0, "passphrase" in told.stdout + told.stderr) == (False, True)
    shown = json.loads((runner.checkout.parent / "stacks/.pulumi/stacks/safe-rollout/dev.json").read_text())
    kinds = {resource["type"] for resource in shown["checkpoint"]["latest"]["resources"]}
    assert "azure-native:machinelearningservices:Workspace" in kinds
