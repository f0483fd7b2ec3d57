"""Child processes: ended when their owner is, found again by the next start, and one owner to a folder."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from localazure.serving.children import Children, birth, tail
from localazure.serving.contract import ServingError

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
OWNER = """
import asyncio, sys
from pathlib import Path
from localazure.serving.children import Children

async def main():
    child = await Children(Path(sys.argv[1])).start(
        "sleeper", [sys.executable, "-c", "import time; time.sleep(600)"], env={}, cwd=Path("/"), log=Path(sys.argv[2])
    )
    print(child.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.parametrize("variables", [{"A=B": "x"}, {"A": "a\0b"}, {"A": "x" * 200_000}])
def test_what_the_system_does_not_start_is_said(tmp_path: Path, variables: dict[str, str]) -> None:
    """Variables that no process can have are no breakdown: the error names the process."""

    async def run() -> None:
        children = Children(tmp_path)
        try:
            with pytest.raises(ServingError, match="The process sleeper could not be started"):
                await children.start("sleeper", SLEEP, env=variables, cwd=tmp_path, log=tmp_path / "log")
        finally:
            children.close()

    asyncio.run(run())


def wait_until_gone(pid: int) -> None:
    """Return when the process has ended."""
    end = time.monotonic() + 30
    while birth(pid) is not None:
        assert time.monotonic() < end, f"{pid} still runs"
        time.sleep(0.02)


def test_tail_is_the_last_lines(tmp_path: Path) -> None:
    """The end of a log is read by lines, a missing log is empty, and zero lines are none."""
    log = tmp_path / "log"
    assert tail(log, 3) == ""
    log.write_text("one\ntwo\nthree\n")
    assert (tail(log, 2), tail(log, 9), tail(log, 0)) == ("two\nthree\n", "one\ntwo\nthree\n", "")


def test_a_process_is_told_from_a_later_one_of_its_id() -> None:
    """The moment of birth is that of one process, and a process that is gone has none."""
    with subprocess.Popen(SLEEP) as process:
        born = birth(process.pid)
        assert born is not None
        assert birth(os.getpid()) != born
        process.kill()
    assert birth(process.pid) is None


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    """A second local Azure on the same state is refused and told what to do, until the first lets go."""
    first = Children(tmp_path)
    with pytest.raises(ServingError, match="in use by another local Azure"):
        Children(tmp_path)
    first.close()
    Children(tmp_path).close()


def test_stop_ends_the_whole_group(tmp_path: Path) -> None:
    """A child that ignores SIGTERM is killed after the grace, with what it has started itself."""
    program = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "sleep = [sys.executable, '-c', 'import time; time.sleep(600)'];"
        "print(subprocess.Popen(sleep).pid, flush=True); time.sleep(600)"
    )

    async def run() -> None:
        children = Children(tmp_path / "processes")
        log = tmp_path / "log"
        child = await children.start("stubborn", [sys.executable, "-c", program], env={}, cwd=tmp_path, log=log)
        while not log.exists() or not log.read_text().endswith("\n"):
            await asyncio.sleep(0.02)
        await child.stop(0.2)
        assert child.exit_code == -signal.SIGKILL
        wait_until_gone(int(log.read_text()))
        assert list((tmp_path / "processes").glob("*.json")) == []
        children.close()

    asyncio.run(run())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux's")
def test_children_end_with_a_killed_owner(tmp_path: Path) -> None:
    """SIGKILL of the owner leaves no child."""
    command = [sys.executable, "-c", OWNER, str(tmp_path / "processes"), str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        owner.kill()
    wait_until_gone(pid)


def test_the_next_start_ends_what_was_left(tmp_path: Path) -> None:
    """A noted process that still runs is ended; one whose id has been given to another is not."""
    with subprocess.Popen(SLEEP, start_new_session=True) as left, subprocess.Popen(SLEEP) as other:
        (tmp_path / "left.json").write_text(f'{{"pid": {left.pid}, "birth": "{birth(left.pid)}"}}')
        (tmp_path / "other.json").write_text(f'{{"pid": {other.pid}, "birth": "long ago"}}')
        Children(tmp_path).close()
        assert left.wait() == -signal.SIGKILL
        assert other.poll() is None
        other.kill()
    assert list(tmp_path.glob("*.json")) == []
