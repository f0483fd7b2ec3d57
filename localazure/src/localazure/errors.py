"""What a person reads when something is wrong with the local Azure itself, all in one place.

Every UserError is one message: `CODE where: what was found; what was expected. What to do.`
"""

import errno
from pathlib import Path

FILE_TROUBLE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}


class UserError(Exception):
    """Something a person can put right. `code` and `path` say where, `got` and `expected` what, `cure` what to type."""

    def __init__(self, code: str, path: str, got: str, expected: str = "", cure: str = "") -> None:
        self.code, self.path, self.got, self.expected, self.cure = code, path, got, expected, cure
        found = f"{got}; expected {expected}" if expected else got
        super().__init__(" ".join(part for part in (f"{code} {path}: {found}.", cure) if part))

    def as_dict(self) -> dict[str, str]:
        """What `--json` prints of it."""
        return {name: getattr(self, name) for name in ("code", "path", "got", "expected", "cure")}


def not_running(state: Path) -> UserError:
    """A command needs the local Azure, and none runs in this state folder."""
    return UserError(
        "L001", "local Azure", f"none is running in {state}", cure=f"Type: localazure start --state {state}"
    )


def port_taken(said: str) -> UserError:
    """One of the ports is in use; `said` is the server's own line about it."""
    return UserError("L002", "port", _plain(said) or "one of the ports is in use")


def server_died(code: int, log: Path, tail: str) -> UserError:
    """The local Azure ended before it was ready."""
    return UserError("L003", "local Azure", f"ended with exit code {code} at its start", cure=f"Log {log}:\n{tail}")


def not_ready(seconds: float, log: Path, tail: str) -> UserError:
    """The local Azure runs, but is not ready in time; it was stopped."""
    return UserError("L004", "local Azure", f"not ready after {seconds:.0f} s, stopped", cure=f"Log {log}:\n{tail}")


def other_version(pid: int, state: Path) -> UserError:
    """A local Azure runs that this version does not know how to speak to."""
    cure = f"Type: localazure stop --state {state}; then: localazure start --state {state}"
    return UserError("L006", "local Azure", f"process {pid} is of another version", cure=cure)


def other_state(said: str) -> UserError:
    """The state folder can't be gone on with; `said` is the server's own line about it, with what to type."""
    return UserError("L007", "local Azure", _plain(said) or "its state can't be used")


def no_state_folder(state: Path) -> UserError:
    """A folder that is to be emptied is none of a local Azure."""
    cure = "Nothing was removed. Name its state folder, or remove by hand what you no longer want."
    return UserError("L008", str(state), "a folder without the state of a local Azure", "one that has it", cure)


def no_node(oldest: int) -> UserError:
    """Azurite is a Node.js program, and there is none."""
    cure = "Install Node.js, or type: pip install 'localazure[node]'"
    return UserError("L009", "Node.js", "not found", f"Node.js {oldest} or newer, with npm, on PATH", cure)


def not_fetched(what: str, command: str, tail: str) -> UserError:
    """A part that is fetched once could not be; `tail` is the end of what the program said."""
    cure = f"Is its package registry reachable from here? What was fetched so far is kept. It said:\n{tail}"
    return UserError("L010", what, f"'{command}' failed", cure=cure)


def file_refused(error: OSError) -> UserError:
    """The system refuses a file: full disk, no permission, read-only."""
    return UserError("L011", str(error.filename or "file"), error.strerror or str(error), "a file that can be written")


def _plain(said: str) -> str:
    return said.removeprefix("localazure: ").rstrip(".")
