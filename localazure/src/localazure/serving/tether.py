"""Run a program that ends when its parent does: `python tether.py PARENT_PID PROGRAM ARGUMENT...`.

Linux only (PR_SET_PDEATHSIG, kept over exec); elsewhere the next start of the local Azure ends what was left over.
This file is also run by the interpreters of scoring environments, so it uses the standard library alone.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """Have the kernel send SIGKILL when the parent (a process id) is gone; exit at once if it already is."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(0)


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606
