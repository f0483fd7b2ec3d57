"""First part of the set-up: from nothing but Python to a filled `.venv`. Standard library only.

`python3 tools/bootstrap.py [--only-sync | --uv-version]` finds uv (PATH, or a pinned one from the package index in the
cache folder), brings `.venv` to what `uv.lock` says, and hands over to `python -m ops.setup` there, which has the rest.
Nothing is asked. `--uv-version` only prints the version that is pinned here: pipelines install that one.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
VENV = CHECKOUT / ".venv"
STAMP = VENV / "safe-rollout-sync"
OLDEST_PYTHON = (3, 11)
OLDEST_UV = (0, 9)
PINNED_UV = "0.13.9"
NEEDED_GB = 2.0


def stop(message: str) -> None:
    """End with one message on standard error, exit code 1."""
    sys.stderr.write(f"set-up: {message}\n")
    sys.exit(1)


def cache_dir() -> Path:
    """Where everything goes that is not of this checkout alone; the same rule as ops.paths.cache_dir."""
    given = os.environ.get("SAFE_ROLLOUT_CACHE")
    if given:
        return Path(given).expanduser().resolve()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "safe-rollout"


def wanted_stamp() -> str:
    """What `.venv` must have been made from: lock, project file and the Python that runs this."""
    digest = hashlib.sha256(sys.version.encode())
    for name in ("uv.lock", "pyproject.toml", "localazure/pyproject.toml"):
        digest.update((CHECKOUT / name).read_bytes())
    return digest.hexdigest()


def base_python() -> str:
    """The Python behind the one that runs this, which may be the one of `.venv` itself."""
    return str(getattr(sys, "_base_executable", "") or sys.executable)


def is_synced(stamp: str) -> bool:
    """Whether the last sync into `.venv` was from this very lock."""
    return STAMP.is_file() and STAMP.read_text(encoding="utf-8") == stamp and (VENV / "bin" / "python").exists()


def uv_version(uv: str) -> tuple[int, ...]:
    """The version a uv binary tells, () where it tells none (a shim without a uv behind it)."""
    told = subprocess.run([uv, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"uv (\d+)\.(\d+)", told.stdout)
    return tuple(int(part) for part in found.groups()) if found else ()


def find_uv() -> str:
    """A uv that is recent enough: the one on PATH, else the pinned one, installed once into the cache."""
    on_path = shutil.which("uv")
    if on_path and uv_version(on_path) >= OLDEST_UV:
        return on_path
    home = cache_dir() / "bootstrap" / PINNED_UV
    uv = home / "bin" / "uv"
    if uv.exists() and uv_version(str(uv)) >= OLDEST_UV:
        return str(uv)
    print(f"set-up: no uv on PATH; installing uv {PINNED_UV} into {home}", flush=True)
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=False).returncode:
        stop("this Python makes no virtual environments. Install its venv module (Debian: apt install python3-venv).")
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, f"uv=={PINNED_UV}"], check=False).returncode:
        stop("pip could not install uv (see above). Is the Python package index reachable from here?")
    return str(uv)


def sync(uv: str, stamp: str) -> None:
    """Bring `.venv` to what the lock says, with uv's own progress on the terminal."""
    free = shutil.disk_usage(CHECKOUT).free / 1e9
    if not VENV.exists() and free < NEEDED_GB:
        stop(f"disk: {free:.1f} GB free in {CHECKOUT}, {NEEDED_GB:.1f} GB needed for .venv. Free some space.")
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(VENV), "UV_PYTHON_DOWNLOADS": "never"}
    environment.pop("VIRTUAL_ENV", None)
    print("set-up: Python packages from uv.lock into .venv", flush=True)
    STAMP.unlink(missing_ok=True)
    command = [uv, "sync", "--locked", "--python", base_python(), "--directory", str(CHECKOUT)]
    if subprocess.run(command, env=environment, check=False).returncode:
        stop("uv could not install what uv.lock names (see above). Is the Python package index reachable from here?")
    STAMP.write_text(stamp, encoding="utf-8")


def main() -> None:
    """Check Python, sync where needed, hand over to ops.setup."""
    if sys.version_info < OLDEST_PYTHON:
        told = ".".join(str(part) for part in sys.version_info[:3])
        stop(
            f"this is Python {told}; 3.11 or newer is needed. Type: make setup PYTHON=python3.12 (or the one you have)."
        )
    if "--uv-version" in sys.argv[1:]:
        print(PINNED_UV)
        return
    stamp = wanted_stamp()
    if not is_synced(stamp):
        sync(find_uv(), stamp)
    if "--only-sync" not in sys.argv[1:]:
        os.chdir(CHECKOUT)
        python = str(VENV / "bin" / "python")
        os.execv(python, [python, "-m", "ops.setup"])  # noqa: S606 (hand over, same terminal)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        stop("interrupted; what was fetched so far is kept. Type: make setup")
