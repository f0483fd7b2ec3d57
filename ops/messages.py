"""Errors of the command: what a person reads when something is wrong, all in one place.

UserError
 +- PulumiError   (ops.engine) the engine said no; carries its diagnostics
Every UserError is one message: `CODE where: what was found; what was expected. What to do.` T codes are of the
set-up (tools), L codes of the local Azure (localazure/src/localazure/errors.py), E codes of the engine.
"""

from pathlib import Path

from ops.paths import SET_UP


class UserError(Exception):
    """Something a person can put right. `code` and `path` say where, `got` and `expected` what, `cure` what to type."""

    def __init__(self, code: str, path: str, got: str, expected: str = "", cure: str = "") -> None:
        self.code, self.path, self.got, self.expected, self.cure = code, path, got, expected, cure
        found = f"{got}; expected {expected}" if expected else got
        super().__init__(" ".join(part for part in (f"{code} {path}: {found}.", cure) if part))

    def as_dict(self) -> dict[str, str]:
        """The five fields by name, for `--json`."""
        fields = {"code": self.code, "path": self.path, "got": self.got}
        return {**fields, "expected": self.expected, "cure": self.cure}


def disk_full(what: str, where: Path, free_gb: float, needed_gb: float) -> UserError:
    """Too little room for a step."""
    return UserError(
        "T001",
        "disk",
        f"{free_gb:.1f} GB free in {where}",
        f"at least {needed_gb:.1f} GB for {what}",
        f"Free some space, or set SAFE_ROLLOUT_CACHE to a folder on a larger disk, then run '{SET_UP}' again.",
    )


def no_space(what: str, where: Path) -> UserError:
    """The disk is full in the middle of a step."""
    return UserError(
        "T007",
        what,
        f"no space left on the disk of {where}",
        cure="Free some space, or set SAFE_ROLLOUT_CACHE to a folder on a larger disk, then run this again.",
    )


def file_refused(error: OSError) -> UserError:
    """The system refuses a file: full disk, no permission, read-only."""
    return UserError("T008", str(error.filename or "file"), error.strerror or str(error), "a file that can be written")


def no_network(what: str, detail: str) -> UserError:
    """A registry that should give `what` can't be reached."""
    return UserError(
        "T002",
        what,
        f"could not be fetched ({detail})",
        "a reachable package registry",
        f"Check the network or your proxy settings, then run '{SET_UP}' again; what was fetched so far is kept.",
    )


def step_failed(what: str, command: str, tail: str) -> UserError:
    """A program of the set-up ended with an error; `tail` is the end of what it said."""
    return UserError("T003", what, f"'{command}' failed", cure=f"It said:\n{tail}")


def bad_checksum(url: str, got: str, expected: str) -> UserError:
    """A download that is not what its publisher says it is."""
    return UserError("T004", url, f"sha256 {got}", expected, f"The file was thrown away. Run '{SET_UP}' again.")


def not_set_up(what: str) -> UserError:
    """A part of the set-up is not there."""
    return UserError("T005", what, "not installed", cure=f"Type: {SET_UP}")


def no_local_azure() -> UserError:
    """The extra `local` is not installed, as in a pipeline."""
    cure = "Type: uv sync, in a project that has safe-rollout[local]; or: pip install 'safe-rollout[local]'"
    return UserError("T005", "localazure", "not installed", cure=cure)


def unknown_platform(system: str, machine: str) -> UserError:
    """A platform for which there is no official engine."""
    return UserError("T006", "platform", f"{system} {machine}", "Linux or macOS on x86-64 or arm64")
