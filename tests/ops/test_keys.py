"""`rollout keys regenerate`: what it does, what it says, and what it refuses."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops import cli
from ops.keys import command as keys
from ops.keys.command import renew
from ops.keys.model import Key
from ops.messages import UserError


class FakeKeys:
    """Endpoints by name with how callers sign in; each regeneration counts a key up."""

    def __init__(self, **auth: str) -> None:
        self._auth = auth
        self.made = {Key.PRIMARY: 1, Key.SECONDARY: 1}

    def auth(self, endpoint: str) -> str | None:
        """None: no such endpoint."""
        return self._auth.get(endpoint)

    def regenerate(self, endpoint: str, key: Key) -> None:
        """One more."""
        self.made[key] += 1

    def value(self, endpoint: str, key: Key) -> str:
        """The key's number."""
        return f"{key}-{self.made[key]}"


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeKeys:
    """An Azure with one endpoint for each way to sign in, and a stack file in an empty folder."""
    fake = FakeKeys(diabetes="key", tokens="aml_token")
    workspace = {"name": "ws-dev", "resourceGroup": "rg-dev"}
    config = {"safe-rollout:workspace": workspace, "safe-rollout:registry": {"name": "acrdev01"}}
    text = json.dumps({"config": {"azure-native:location": "westeurope", **config}})
    (tmp_path / "Pulumi.dev.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", "s")
    monkeypatch.setattr(keys, "open_keys", lambda target: fake)
    return fake


def regenerate(*arguments: str) -> tuple[int, str]:
    """Exit code and output of the command on the stack dev."""
    result = CliRunner().invoke(cli.app, ["keys", "regenerate", *arguments, "--stack", "dev"])
    return (2, str(result.exception)) if isinstance(result.exception, UserError) else (result.exit_code, result.output)


def test_one_key_is_made_anew_and_none_is_shown(found: FakeKeys) -> None:
    """The other key stays; the output names the commands that bring the stack's outputs up to date, and no key."""
    code, said = regenerate("diabetes", "--key", "secondary", "--yes")
    assert (code, found.made) == (0, {Key.PRIMARY: 1, Key.SECONDARY: 2})
    assert "the secondary key is new" in said
    assert "pulumi up --stack dev" in said
    assert "secondary-" not in said


def test_the_new_key_is_shown_when_asked_for(found: FakeKeys) -> None:
    """As a line, and as JSON."""
    assert "primary key: primary-2" in regenerate("diabetes", "--key", "primary", "--yes", "--show")[1]
    told = json.loads(regenerate("diabetes", "--key", "primary", "--yes", "--show", "--json")[1])
    assert told == {"endpoint": "diabetes", "key": "primary", "value": "primary-3"}


@pytest.mark.parametrize(
    ("endpoint", "expected"), [("none", "K001 endpoints.none"), ("tokens", "K002 endpoints.tokens")]
)
def test_an_endpoint_without_keys_is_refused(found: FakeKeys, endpoint: str, expected: str) -> None:
    """One that is not there, and one whose callers sign in with tokens."""
    with pytest.raises(UserError, match=expected):
        renew(found, endpoint, Key.PRIMARY)
    assert found.made == {Key.PRIMARY: 1, Key.SECONDARY: 1}


def test_nobody_to_ask(found: FakeKeys) -> None:
    """Without a terminal and without --yes nothing happens, and the message says what to type."""
    code, said = regenerate("diabetes", "--key", "primary")
    assert (code, found.made[Key.PRIMARY]) == (2, 1)
    assert said.startswith("K003 endpoints.diabetes")
    assert "--yes" in said


def test_an_unknown_key_is_refused(found: FakeKeys) -> None:
    """There are two."""
    code, said = regenerate("diabetes", "--key", "third", "--yes")
    assert code == 2
    assert "primary" in said
