"""Who holds a stack's lock in a backend of files, as the engine writes it there.

Source: pulumi pkg/backend/diy/lock.go: `.pulumi/locks/<org>/<project>/<stack>/<uuid>.json` with pid, username, hostname
and timestamp; it never expires. Taken by up, refresh, destroy and import, not by a preview.
"""

import json
import os
import pwd
import socket
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

State = Literal["running", "stale", "elsewhere"]
_ANY = "*"


@dataclass(frozen=True, slots=True)
class Lock:
    """One lock. `state`: `running` here, as this user; `stale`: its process is gone; `elsewhere`: it can't be told."""

    pid: int
    user: str
    host: str
    since: str
    state: State

    @property
    def text(self) -> str:
        """In words, as the engine says it."""
        what = {
            "running": "running",
            "stale": "that process is gone",
            "elsewhere": "on another host or by another user",
        }
        return f"{self.user}@{self.host} (pid {self.pid}) since {self.since[:19].replace('T', ' ')}; {what[self.state]}"

    def as_dict(self) -> dict[str, object]:
        """As JSON."""
        return {"pid": self.pid, "user": self.user, "host": self.host, "since": self.since, "state": self.state}


def locks_of(stack: str, project: str, environ: Mapping[str, str]) -> tuple[Lock, ...] | None:
    """The locks on a stack; None where its backend is none of files, which only the engine can ask."""
    folder = _folder(environ)
    if folder is None:
        return None
    parts = stack.split("/")
    of_stack = (_ANY, project, parts[-1]) if len(parts) < 3 else tuple(parts)
    found = sorted((folder / ".pulumi" / "locks").glob("/".join((*of_stack, "*.json"))))
    return tuple(lock for lock in map(_read, found) if lock)


def _read(file: Path) -> Lock | None:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        pid, user, host, since = int(told["pid"]), *(str(told[key]) for key in ("username", "hostname", "timestamp"))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # it was just released, or is just being written
    return Lock(pid, user, host, since, _state(pid, user, host))


def _state(pid: int, user: str, host: str) -> State:
    if host != socket.gethostname():
        return "elsewhere"
    if not _is_engine(pid):
        return "stale"
    return "running" if user == _user() else "elsewhere"


def _user() -> str:
    """As the engine writes it: by the process's own id, whatever the environment says."""
    with suppress(KeyError):
        return pwd.getpwuid(os.geteuid()).pw_name
    return str(os.geteuid())


def _is_engine(pid: int) -> bool:
    """Whether the process lives and is a pulumi; another one may have got the number since."""
    if Path("/proc/self/stat").exists():
        try:
            name, _, rest = Path(f"/proc/{pid}/stat").read_text(errors="replace").partition("(")[2].rpartition(")")
        except OSError:
            return False
        state = rest.strip()
    else:
        asked = ["ps", "-p", str(pid), "-o", "stat=,comm="]
        told = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
        state, _, name = told.strip().partition(" ")
    return bool(state) and not state.startswith("Z") and "pulumi" in name


def _folder(environ: Mapping[str, str]) -> Path | None:
    """The folder of the backend that the environment or `pulumi login` names; None where it is none of files."""
    url = environ.get("PULUMI_BACKEND_URL") or _logged_in(environ)
    parts = urlsplit(url)
    if parts.scheme != "file":
        return None
    path = unquote(f"{parts.netloc}{parts.path}")
    return Path(path.replace("~", environ.get("HOME", "~"), 1) if path.startswith("~") else path)


def _logged_in(environ: Mapping[str, str]) -> str:
    home = environ.get("PULUMI_HOME") or os.path.join(environ.get("HOME", ""), ".pulumi")  # noqa: PTH118
    try:
        return str(json.loads(Path(home, "credentials.json").read_text(encoding="utf-8")).get("current") or "")
    except (OSError, ValueError, AttributeError):
        return ""
