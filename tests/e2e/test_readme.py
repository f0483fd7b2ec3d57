"""What the README and docs/on-azure.md tell a person to type, typed as it stands there, against the local Azure."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ops.paths import CHECKOUT, cache_dir
from tests.e2e.conftest import Rollout

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

CONSOLE = re.compile(r"```console\n(.+?)```", re.DOTALL)
REFERENCE = re.compile(r"(azureml:[\w-]+):\.\.\.")
"""A version that follows the content: a person pastes what `rollout register sample` has printed."""
ANY_PORTS = "--arm-port 0 --gateway-port 0 --blob-port 0 --control-port 0"
RUNNER = ("HOME", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
INDEX = re.compile(r"(?i)(pip|uv)_.*|.*_proxy|xdg_cache_home|npm_config_.*")


def section(title: str, *pages: str) -> str:
    """The part of the first page that has this heading, up to the next of its rank."""
    for page in pages:
        text = (CHECKOUT / page).read_text(encoding="utf-8") if (CHECKOUT / page).exists() else ""
        found = re.search(rf"^(#+) {re.escape(title)}\n(.+?)(?=^\1 |\Z)", text, re.DOTALL | re.MULTILINE)
        if found and CONSOLE.search(found[2]):
            return found[2]
    raise AssertionError(f"no page has the section {title!r} with something to type")


def typed(text: str) -> list[str]:
    """The commands of its console blocks, in order, without what is explained beside them."""
    lines = "\n".join(CONSOLE.findall(text)).replace("\\\n", " ").splitlines()
    return [re.sub(r"\s+#\s.*", "", line[2:]) for line in lines if line.startswith("$ ")]


def script(commands: list[str]) -> str:
    """One shell's script: what is printed by `register` is pasted into what comes after it; each command is shown."""
    lines = ["set -euo pipefail"]
    for command in commands:
        shown = command
        if "register sample" in command:
            command += " | tee printed.txt"
        for name in REFERENCE.findall(shown):
            which = 2 if ".green.model" in shown and name.endswith("ridge") else 1
            printed = f"grep -o '{name}:[0-9a-f]*' printed.txt | awk '!seen[$0]++' | sed -n {which}p"
            command = command.replace(f"{name}:...", f"$({printed})", 1)
        lines += [f"echo {shlex.quote('$ ' + shown)}", command]
    return "\n".join(lines)


class Clone:
    """A fresh clone of the repository, and a shell in it that has nothing of the developer's."""

    def __init__(self, folder: Path, more: Mapping[str, str]) -> None:
        self.folder = folder
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, check=True).stdout
        for name in filter(None, tracked.decode().split("\0")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, folder / name)
        kept = {name: text for name, text in os.environ.items() if name in RUNNER or INDEX.fullmatch(name)}
        own = {"PATH": os.environ["PATH"], "SAFE_ROLLOUT_CACHE": str(cache_dir()), "PULUMI_SKIP_CONFIRMATIONS": "true"}
        self.environment = {**kept, **own, **more}

    def type(self, commands: list[str]) -> str:
        """All of it in one shell; what it shows."""
        shell = ["bash", "--noprofile", "--norc", "-c", script(commands)]
        told = subprocess.run(
            shell, cwd=self.folder, env=self.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        assert told.returncode == 0, told.stdout[-4000:] + told.stderr[-4000:]
        return told.stdout + told.stderr


@pytest.fixture
def by_hand(tmp_path: Path) -> Iterator[Clone]:
    """A clone whose local Azure is stopped whatever happens."""
    clone = Clone(tmp_path / "clone", {})
    yield clone
    rollout = clone.folder / ".venv" / "bin" / "rollout"
    if rollout.exists():
        subprocess.run([rollout, "local", "stop"], cwd=clone.folder, check=True, capture_output=True)


def test_by_hand_from_the_first_line_to_the_last(by_hand: Clone) -> None:
    """Estate, blue, green, a shift, each scored; at the end nothing runs."""
    commands = typed(section("By hand, on the local Azure", "README.md"))
    assert commands[0].startswith("make azure")
    assert commands[-1] == "rollout local stop"
    # The one thing that differs: somebody else's local Azure may have the usual ports.
    commands[0] = re.sub(r'ARGS="(.*)"', rf'ARGS="\1 {ANY_PORTS}"', commands[0])
    said = by_hand.type(commands)
    assert "diabetes: blue 100 -> 90, green 0 -> 10, mirror none" in said
    assert "NEW green = diabetes-ridge:" in said
    assert said.count("answered: status 200") == 3
    assert "green answered: status 200" in said
    state = by_hand.folder / ".local"
    assert not (state / "ready.json").exists()


def test_on_azure_from_an_empty_subscription(rollout: Rollout, tmp_path: Path) -> None:
    """PATH, who you are, estate, register, versions, two ups, score, destroy; what `az` brings is the local Azure's."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "az").write_text(f"#!/bin/sh\necho {rollout.ready.subscription_id}\n")
    (programs / "az").chmod(0o755)
    azure = {
        key: text for key, text in rollout.engine.environment.items() if key.startswith(("ARM_", "AZURE", "PULUMI"))
    }
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NO_PROXY", "no_proxy"):
        azure[name] = rollout.engine.environment[name]
    del azure["ARM_SUBSCRIPTION_ID"], azure["AZURE_SUBSCRIPTION_ID"]
    stacks = tmp_path / "stacks"
    stacks.mkdir()
    azure |= {"PULUMI_BACKEND_URL": f"file://{stacks}", "PULUMI_CONFIG_PASSPHRASE": "correct horse"}
    clone = Clone(tmp_path / "clone", {**azure, "PATH": f"{programs}:{os.environ['PATH']}"})
    commands = typed(section("On Azure", "README.md", "docs/on-azure.md"))
    walk = commands[: 1 + commands.index("pulumi destroy --run-program")]
    walk = [command for command in walk if "--secret" not in command]  # it asks for the secret's value
    said = clone.type([command.replace("YOURS", "readme") for command in walk])
    assert "blue answered: status 200" in said
    assert 'diabetes-readme: "blue 100"' in said or '"no traffic" => "blue 100"' in said
    assert "rg-diabetes-readme" not in rollout.azure.resource_groups()
