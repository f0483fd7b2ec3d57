"""Runs the Pulumi engine as a person would, one subprocess a command, and tells what it says line by line."""

import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ops.messages import UserError

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
INTERRUPT_GRACE_SECONDS = 30.0
LOOK_SECONDS = 0.1

OnLine = Callable[[str], None]


class PulumiError(UserError):
    """The engine ended with an error. `diagnostics` is what it said of it, `output` all it said, without colours."""

    def __init__(self, operation: str, exit_code: int, output: str) -> None:
        self.operation, self.exit_code, self.output = operation, exit_code, output
        self.diagnostics = diagnostics_of(output)
        super().__init__("E001", f"pulumi {operation}", f"ended with exit code {exit_code}", cure=self.diagnostics)


def diagnostics_of(output: str) -> str:
    """The part of the output that says what went wrong: its Diagnostics, else its `error:` lines, else its end."""
    lines = output.splitlines()
    if "Diagnostics:" in lines:
        begin = lines.index("Diagnostics:") + 1
        ends = (i for i in range(begin, len(lines)) if lines[i] and not lines[i].startswith(" "))
        return "\n".join(line for line in lines[begin : next(ends, len(lines))] if line.strip())
    errors = [line for line in lines if line.startswith("error:")]
    return "\n".join(errors or lines[-10:])


@dataclass(frozen=True, slots=True)
class Engine:
    """One stack of one project, with the engine and the environment to run it in.

    `environment` is the whole environment (ops.local.environment.client_environment makes it for the local Azure);
    `config_file` is the stack file where it is not Pulumi.<stack>.yaml. Every method raises PulumiError when the engine
    says no.
    """

    pulumi: Path
    project: Path
    stack: str
    environment: Mapping[str, str]
    config_file: Path | None = None
    color: Literal["always", "never"] = "never"
    on_line: OnLine = field(default=lambda _: None)

    def preview(self, *, diff: bool = True, refresh: bool = False, extra: Sequence[str] = ()) -> str:
        """What an `up` would do, as the engine shows it."""
        return self.run("preview", *self._shown(diff), *(["--refresh"] if refresh else []), *extra)

    def up(self, *, diff: bool = False, extra: Sequence[str] = ()) -> str:
        """Make it so, without a second preview."""
        return self.run("up", "--yes", "--skip-preview", *self._shown(diff), *extra)

    def refresh(self, *, preview_only: bool = False, diff: bool = True, extra: Sequence[str] = ()) -> str:
        """Read what is live into the state, or with `preview_only` show how it differs."""
        how = ["--preview-only"] if preview_only else ["--yes", "--skip-preview"]
        return self.run("refresh", *how, *self._shown(diff), *extra)

    def destroy(self, *, extra: Sequence[str] = ()) -> str:
        """Delete all of the stack's resources; the program runs, as its hooks need it."""
        return self.run("destroy", "--yes", "--skip-preview", "--run-program", *self._shown(False), *extra)

    def has_stack(self) -> bool:
        """Whether the stack exists in the backend."""
        told = json.loads(self._plain("stack", "ls", "--json"))
        return any(stack["name"].rpartition("/")[2] == self.stack for stack in told)

    def stack_init(self) -> None:
        """Create the stack. The stack file stays as it is where it has an `encryptionsalt` already."""
        self._plain("stack", "init", self.stack, "--no-select")

    def stack_select(self) -> None:
        """Make the stack the one that plain `pulumi` commands in the project use."""
        self._plain("stack", "select", self.stack)

    def selected(self) -> str:
        """The stack that plain `pulumi` commands in the project use. Raises PulumiError where none is."""
        return self._plain("stack", "--show-name").strip()

    def config_set_all(self, values: Mapping[str, str]) -> None:
        """Write several keys in one go; keys are paths, e.g. `safe-rollout:endpoints.diabetes.traffic.blue`."""
        pairs = [part for key, value in values.items() for part in ("--plaintext", f"{key}={value}")]
        self.run("config", "set-all", "--path", *pairs)

    def config_set_text(self, key: str, value: str) -> None:
        """Write one text that would be read as a number or a boolean otherwise; the key is a path."""
        self.run("config", "set", "--path", "--type", "string", key, value)

    def take_over(self, file: Path, *, protect: bool) -> str:
        """Take what Azure has into the state, as the file lists it; writes no code."""
        how = ["--yes", "--generate-code=false", f"--protect={str(protect).lower()}", "--suppress-progress"]
        return self.run("import", "--file", str(file), *how)

    def export(self) -> dict[str, Any]:
        """The stack's state, what is secret in it still encrypted."""
        return dict(json.loads(self._plain("stack", "export", "--stack", self.stack)))

    def import_state(self, state: Mapping[str, Any]) -> None:
        """Replace the stack's state by what `export` gave, edited."""
        with tempfile.TemporaryDirectory(prefix="rollout-state-") as folder:
            file = Path(folder) / "state.json"
            file.write_text(json.dumps(state), encoding="utf-8")
            self._plain("stack", "import", "--stack", self.stack, "--file", str(file))

    def outputs(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """The stack's outputs."""
        secrets = ["--show-secrets"] if show_secrets else []
        told = self._plain("stack", "output", "--json", "--stack", self.stack, *secrets)
        return dict(json.loads(told))

    def history(self, count: int = 100) -> list[dict[str, Any]]:
        """The stack's last updates, the newest first, each with its whole configuration (`config`)."""
        told = self._plain(
            "stack", "history", "--json", "--page-size", str(count), "--page", "1", "--stack", self.stack
        )
        return list(json.loads(told) or ())

    def held(self) -> set[tuple[str, str]]:
        """What the state holds: (type without its package and module, logical name) of each resource."""
        urns = (resource["urn"].split("::") for resource in self.export()["deployment"].get("resources") or ())
        return {(parts[2].rpartition(":")[2], parts[3]) for parts in urns}

    def run(self, *arguments: str) -> str:
        """Run one command on this stack, its lines going to `on_line`; returns them without colours."""
        where = ["--stack", self.stack]
        if self.config_file:
            where += ["--config-file", str(self.config_file)]
        return self._execute([*arguments, *where], self.on_line)

    def _shown(self, diff: bool) -> list[str]:
        return ["--suppress-progress", *(["--diff"] if diff else [])]

    def _plain(self, *arguments: str) -> str:
        return self._execute(arguments, lambda _: None)

    def _execute(self, arguments: Sequence[str], on_line: OnLine) -> str:
        command = [str(self.pulumi), *arguments, "--non-interactive", "--color", self.color]
        # A file and no pipe: where this process is killed, the engine would die at its next line, and leave its lock.
        with tempfile.NamedTemporaryFile(prefix="rollout-engine-") as said:
            process = subprocess.Popen(
                command,
                cwd=self.project,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                output = stream(process, Path(said.name), on_line)
            except BaseException:
                interrupt(process)
                raise
        if process.returncode:
            raise PulumiError(" ".join(arguments[:2]), process.returncode, output)
        return output


def stream(process: subprocess.Popen[bytes], said: Path, on_line: OnLine) -> str:
    """Hand on each line that it writes into the file; the whole output, without colours, once it has ended."""
    lines: list[str] = []
    part, has_ended = b"", False
    with said.open("rb") as output:
        while not has_ended:
            with suppress(subprocess.TimeoutExpired):
                process.wait(LOOK_SECONDS)
            has_ended = process.returncode is not None  # what it wrote before its end is there now
            *whole, part = (part + output.read()).split(b"\n")
            for raw in [*whole, part] if has_ended and part else whole:
                line = raw.decode(errors="replace")
                on_line(line)
                lines.append(ANSI.sub("", line) + "\n")
    return "".join(lines)


def interrupt(process: subprocess.Popen[Any]) -> None:
    """Let the engine finish what it has begun and write its state (one SIGINT); end its whole group if it hangs.

    It runs in a session of its own, so a Ctrl-C on the terminal reaches it only once, from here: a second one would
    make it drop its state.
    """
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=INTERRUPT_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
