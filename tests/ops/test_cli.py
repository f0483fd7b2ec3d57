"""The command's frame: every error is one message, never a traceback."""

import errno
import re
from pathlib import Path

import pytest

from ops import cli
from ops.engine import PulumiError
from ops.messages import UserError
from settings.refusal import Refusal, Refused

REFUSAL = Refusal("R012", "endpoints.diabetes.traffic.green", "names no deployment", "one of blue", "Add it first.")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UserError("L001", "local Azure", "none is running", cure="Type: rollout local start"), "L001"),
        (Refused([REFUSAL, REFUSAL]), "R012"),
        (PulumiError("up", 255, "Diagnostics:\n  error: refused\n"), "E001"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/state.sqlite"), "T008"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "T008"),
    ],
)
def test_what_a_person_can_mend_is_told_and_ends_with_2(
    error: Exception, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message begins with its code."""
    assert cli.complain(error) == 2
    assert capsys.readouterr().err.startswith(f"{code} ")


def test_a_bug_is_one_line_and_its_traceback_is_in_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    """So that it can be sent, and does not frighten."""
    with pytest.raises(KeyError) as caught:
        {}["blue"]  # type: ignore[index]
    assert cli.complain(caught.value) == 70
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told.startswith("B001 rollout: KeyError: 'blue'. This is a bug")
    found = re.search(r"please send (\S+) with it", told)
    assert found is not None
    log = Path(found[1])
    assert "Traceback" in log.read_text()
    log.unlink()


def test_all_commands_are_listed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`rollout --help` names each, with its purpose."""
    monkeypatch.setattr("sys.argv", ["rollout", "--help"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert [name for name in cli.COMMANDS if name not in told] == []


def test_an_interrupted_command_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 130, as shells expect."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", interrupted)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_where_the_local_azure_is_not_installed_the_message_says_how_to_have_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A pipeline's environment has no localazure: that is no bug; another missing module is one."""
    assert cli.complain(ModuleNotFoundError("No module named 'localazure'", name="localazure.client")) == 2
    assert "T005 localazure: not installed. Type: uv sync" in capsys.readouterr().err
    assert cli.complain(ModuleNotFoundError("No module named 'other'", name="other")) == 70
