"""Who holds the lock of a stack, read where the engine writes it."""

import json
import os
import pwd
import socket
import subprocess
from pathlib import Path

import pytest

from ops.lock import locks_of


def write(folder: Path, pid: int, host: str | None = None, user: str | None = None, stack: str = "dev") -> None:
    """A lock as the engine writes it."""
    at = folder / ".pulumi" / "locks" / "organization" / "fraud" / stack
    at.mkdir(parents=True, exist_ok=True)
    lock = {
        "pid": pid,
        "username": user or pwd.getpwuid(os.geteuid()).pw_name,
        "hostname": host or socket.gethostname(),
    }
    (at / f"{pid}-{host}.json").write_text(
        json.dumps({**lock, "timestamp": "2026-11-25T16:00:00.5Z"}), encoding="utf-8"
    )


def test_a_process_that_is_gone_is_told_from_one_that_runs(tmp_path: Path) -> None:
    """A number that another program has got since is gone too; of another host nothing is known."""
    environ = {"PULUMI_BACKEND_URL": f"file://{tmp_path}"}
    assert locks_of("dev", "fraud", environ) == ()
    write(tmp_path, os.getpid())
    write(tmp_path, 1, host="runner-7", user="ci")
    write(tmp_path, 4711, stack="prod")
    program = tmp_path / "pulumi-waits"
    program.write_bytes(Path("/bin/sleep").read_bytes())
    program.chmod(0o755)
    with subprocess.Popen([str(program), "60"]) as process:
        write(tmp_path, process.pid)
        states = {lock.pid: lock.state for lock in locks_of("dev", "fraud", environ) or ()}
        process.kill()
    assert states == {os.getpid(): "stale", 1: "elsewhere", process.pid: "running"}
    (elsewhere,) = (lock for lock in locks_of("organization/fraud/dev", "fraud", environ) or () if lock.pid == 1)
    assert elsewhere.text == "ci@runner-7 (pid 1) since 2026-11-25 16:00:00; on another host or by another user"


def test_the_backend_that_one_is_logged_in_to(tmp_path: Path) -> None:
    """Without a variable the engine's own credentials say which; a home is `~`; others than files are not known."""
    write(tmp_path, 1, host="runner-7")
    credentials = tmp_path / "credentials.json"
    credentials.write_text(json.dumps({"current": "file://~"}), encoding="utf-8")
    environ = {"PULUMI_HOME": str(tmp_path), "HOME": str(tmp_path)}
    assert [lock.host for lock in locks_of("dev", "fraud", environ) or ()] == ["runner-7"]
    credentials.write_text(json.dumps({"current": "azblob://state"}), encoding="utf-8")
    assert locks_of("dev", "fraud", environ) is None
    assert locks_of("dev", "fraud", {}) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_half_a_lock_is_none(tmp_path: Path, text: str) -> None:
    """It is read while the engine writes it."""
    write(tmp_path, 1)
    for file in tmp_path.rglob("1-*.json"):
        file.write_text(text, encoding="utf-8")
    assert locks_of("dev", "fraud", {"PULUMI_BACKEND_URL": f"file://{tmp_path}"}) == ()
