"""The command's frame: every error is one message, never a traceback."""

import errno
import json
import os
import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer

from ops import cli
from ops.engine import PulumiError
from ops.messages import UserError
from ops.paths import VENV_BIN
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


def run(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """The command as a person types it, at 80 columns."""
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", **more}
    return subprocess.run(
        [VENV_BIN / "rollout", *arguments], env=environment, capture_output=True, text=True, check=False
    )


def test_the_version() -> None:
    """Which one runs."""
    assert run("--version").stdout == f"rollout {version('safe-rollout')}\n"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["chekc"], "'check'"),
        (["local", "strat"], "'start'"),
        (["keys", "regenrate"], "'regenerate'"),
        (["register", "modle"], "'model'"),
        (["local", "fault", "remov"], "'remove'"),
        (["check", "--jsn"], "--json"),
    ],
)
def test_what_is_misspelt_is_guessed_at_every_level(typed: list[str], meant: str) -> None:
    """Commands, their commands, options."""
    told = run(*typed)
    assert told.returncode == 2
    assert meant in told.stderr


def everything(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """All commands of a group, those of its groups too, by what is typed."""
    context = group.make_context("rollout", [], resilient_parsing=True)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name), command
        if hasattr(command, "list_commands"):
            yield from everything(command, (*path, name))


ALL = dict(everything(typer.main.get_command(cli.app)))


def test_every_command_has_json_and_exit_codes() -> None:
    """What prints lines for a shell is none that a program reads; the help of `rollout local`'s own is localazure's."""
    shells = {("local", "env")}
    passed = {path for path, command in ALL.items() if command.context_settings.get("ignore_unknown_options")}
    doing = {path: command for path, command in ALL.items() if not hasattr(command, "list_commands")}
    lacking = [
        path
        for path, command in doing.items()
        if path not in passed | shells and "--json" not in {name for one in command.params for name in one.opts}
    ]
    assert lacking == []
    assert all("Exit codes: 0 done" in run(*path, "--help").stdout for path in [("check",), ("register", "model")])


@pytest.mark.parametrize("path", [("fault", "add"), ("snapshot",), ("restore",), ("reset",), ("start",), ("stop",)])
def test_the_local_azures_commands_have_json_too(path: tuple[str, ...]) -> None:
    """`rollout local` hands them on."""
    told = subprocess.run(
        [VENV_BIN / "localazure", *path, "--help"], env={**os.environ, "COLUMNS": "80"}, capture_output=True, text=True
    )
    assert "--json" in told.stdout


def test_a_help_page_fits_80_columns_and_has_no_completion_options() -> None:
    """Only the root installs completion; nothing is wider than the screen."""
    for path in [(), ("check",), ("keys",), ("keys", "regenerate"), ("invoke",), ("local", "start")]:
        told = run(*path, "--help").stdout
        assert max(map(len, told.splitlines())) <= 80
        assert ("--install-completion" in told) == (path == ())


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"_ROLLOUT_COMPLETE": "complete_bash", "COMP_WORDS": "rollout che", "COMP_CWORD": "1"}, "check"),
        ({"_ROLLOUT_COMPLETE": "complete_bash", "COMP_WORDS": "rollout keys re", "COMP_CWORD": "2"}, "regenerate"),
        ({"_ROLLOUT_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "rollout check --ma"}, "--markdown"),
        (
            {
                "_ROLLOUT_COMPLETE": "complete_fish",
                "_TYPER_COMPLETE_ARGS": "rollout inv",
                "_TYPER_COMPLETE_FISH_ACTION": "get-args",
            },
            "invoke",
        ),
    ],
)
def test_a_shell_completes(variables: dict[str, str], said: str) -> None:
    """By the protocol of each of the three shells; commands, commands of commands, options."""
    assert said in run(**variables).stdout


def test_bash_completes_with_what_it_is_given() -> None:
    """The script that `--show-completion` prints works in a real bash."""
    script = (
        'eval "$(rollout --show-completion bash)"; COMP_WORDS=(rollout keys reg); COMP_CWORD=2;'
        ' _rollout_completion rollout; echo "${COMPREPLY[@]}"'
    )
    path = f"{VENV_BIN}:{os.environ['PATH']}"
    told = subprocess.run(["bash", "-c", script], env={**os.environ, "PATH": path}, capture_output=True, text=True)
    assert told.stdout.split() == ["regenerate"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            UserError("L001", "local Azure", "none is running", "one", "Type: x"),
            {
                "error": {
                    "code": "L001",
                    "path": "local Azure",
                    "got": "none is running",
                    "expected": "one",
                    "cure": "Type: x",
                }
            },
        ),
        (Refused([REFUSAL]), {"refusals": [REFUSAL.as_dict()], "ok": False}),
    ],
)
def test_an_error_is_json_where_json_was_asked_for(
    error: Exception, told: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard output, where a program reads; nothing on standard error."""
    assert cli.complain(error, as_json=True) == 2
    said = capsys.readouterr()
    assert (json.loads(said.out), said.err) == (told, "")


def test_bad_usage_is_json_too() -> None:
    """A misspelt option beside --json."""
    told = run("check", "--jsn", "--json")
    assert told.returncode == 2
    assert json.loads(told.stdout)["error"]["code"] == "U001"
