"""Secrets of the stack file through the real engine: nowhere in clear, and where they are needed all the same."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from localazure.client import Ready

from benchmarks.stack import local_stack, register, write
from ops.engine import Engine
from ops.project import find_place

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
DEPLOYMENT = "safe-rollout:endpoints.diabetes.deployments.blue"
PLACES = {
    f"{DEPLOYMENT}.variables.TOKEN": "sk-variable",
    f"{DEPLOYMENT}.variables.NUMBER": "48151623",
    f"{DEPLOYMENT}.description": "sk-description",
    f"{DEPLOYMENT}.tags.owner": "sk-tag",
    "safe-rollout:endpoints.diabetes.description": "sk-endpoint",
    "safe-rollout:endpoints.diabetes.tags.owner": "sk-endpointtag",
    "safe-rollout:watching.actionGroup.webhooks.pager": "https://example.org/sk-webhook",
    "safe-rollout:watching.actionGroup.emails.oncall": "sk-mail@example.org",
    "safe-rollout:workspace.friendlyName": "sk-friendly",
    "safe-rollout:tags.owner": "sk-stacktag",
}
SECRETS = [value.removeprefix("https://example.org/") for value in PLACES.values()]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Ready]]:
    """A local Azure and a stack whose file has a secret at every place that takes free text."""
    with local_stack() as (engine, ready):
        write(engine, {})
        engine.up()
        assets = register(engine)
        references = {"model": sorted(assets["models"].values())[0], "code": assets["code"]}
        blue = {**references, "environment": assets["environment"], "instanceType": "Standard_DS3_v2"}
        endpoints = {"diabetes": {"deployments": {"blue": blue}, "traffic": {"blue": 100}}}
        watching = {"actionGroup": {"shortName": "oncall"}}
        write(engine, {"safe-rollout:endpoints": endpoints, "safe-rollout:watching": watching})
        for place, value in PLACES.items():
            engine.run("config", "set", "--path", "--secret", place, value)
        yield engine, ready


def found_in(text: str) -> list[str]:
    """The secrets that stand in a text."""
    return [secret for secret in SECRETS if secret in text]


def test_no_secret_stands_in_clear(stack: tuple[Engine, Ready], tmp_path: Path) -> None:
    """Not in previews, saved plans, what `up` says, the state, its backups, or the outputs; traffic opens as ever."""
    engine, _ = stack
    plan = tmp_path / "plan.json"
    said = [engine.preview(extra=["--save-plan", str(plan)]), engine.run("preview", "--json")]
    said += [engine.up(diff=True), engine.up(diff=True), engine.refresh(), json.dumps(engine.outputs())]
    said += [plan.read_text(encoding="utf-8"), replace(engine, config_file=None).run("stack", "export")]
    engine.preview(extra=["--expect-no-changes"])
    assert [found_in(text) for text in said] == [[] for _ in said]
    backend = Path(engine.environment["PULUMI_BACKEND_URL"].removeprefix("file://"))
    kept = {str(file): found_in(file.read_text(errors="replace")) for file in backend.rglob("*") if file.is_file()}
    assert {file: secrets for file, secrets in kept.items() if secrets} == {}


def test_the_file_is_read_without_its_passphrase(stack: tuple[Engine, Ready]) -> None:
    """`rollout check` and its like know what is encrypted for text and go on."""
    engine, _ = stack
    settings = find_place(file=engine.config_file).settings()
    assert settings.endpoints["diabetes"].traffic == {"blue": 100}
    assert settings.is_secret("endpoints")
    assert not settings.is_secret("registry")


def test_what_an_older_version_left_in_clear_is_encrypted(stack: tuple[Engine, Ready], tmp_path: Path) -> None:
    """The next `up` encrypts it in inputs and outputs, though no resource changes; addresses stay readable."""
    engine, _ = stack
    engine.up()
    engine.up()
    plain, older = replace(engine, config_file=None), tmp_path / "older.json"
    state = json.loads(plain.run("stack", "export", "--show-secrets"))
    older.write_text(json.dumps(in_clear(state)), encoding="utf-8")
    assert set(found_in(older.read_text(encoding="utf-8"))) == set(SECRETS)
    plain.run("stack", "import", "--file", str(older))
    assert "to update" not in engine.preview()
    assert "updated" not in engine.up()
    assert found_in(plain.run("stack", "export")) == []
    assert engine.outputs()["endpoints"]["diabetes"]["traffic"] == {"blue": 100}
    for kept in ("history", "backups"):  # they hold what was imported
        shutil.rmtree(Path(engine.environment["PULUMI_BACKEND_URL"].removeprefix("file://")) / ".pulumi" / kept)


def in_clear(value: Any) -> Any:
    """A state with all that is encrypted in clear, as a version left it that marked nothing."""
    if isinstance(value, dict):
        return json.loads(value["plaintext"]) if "plaintext" in value else {k: in_clear(v) for k, v in value.items()}
    return [in_clear(one) for one in value] if isinstance(value, list) else value
