"""The Pulumi engine: the one on PATH, else the official download, else a build from its Go module (ops/setup/go)."""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import tarfile
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from ops import messages
from ops.paths import cache_dir
from ops.setup.build import MODULES, build, tidy
from ops.setup.progress import Progress, Step
from ops.setup.run import bring

PROGRAMS = ("pulumi", "pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python")
RELEASES = "https://get.pulumi.com/releases/sdk"
CONNECT_SECONDS = 5.0


def engine_version() -> str:
    """The engine's version, as ops/setup/go/cli/go.mod requires it, e.g. 3.259.0."""
    text = (MODULES / "cli" / "go.mod").read_text(encoding="utf-8")
    found = re.search(r"pulumi/pkg/v3 v(\d+\.\d+\.\d+)", text)
    if not found:
        raise messages.not_set_up("ops/setup/go/cli/go.mod: pkg/v3")
    return found[1]


def parse_version(text: str) -> tuple[int, int, int]:
    """`v3.259.0-alpha` as (3, 259, 0); (0, 0, 0) for what is no version."""
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", text.strip())
    return (int(found[1]), int(found[2]), int(found[3])) if found else (0, 0, 0)


def archive_name(version: str, system: str, machine: str) -> str:
    """The official archive's name, e.g. pulumi-v3.259.0-linux-x64.tar.gz, for what the module `platform` tells."""
    systems = {"Linux": "linux", "Darwin": "darwin"}
    machines = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
    if system not in systems or machine.lower() not in machines:
        raise messages.unknown_platform(system, machine)
    return f"pulumi-v{version}-{systems[system]}-{machines[machine.lower()]}.tar.gz"


def cached_engine() -> Path:
    """Where the set-up puts an engine of its own: a folder with the four PROGRAMS."""
    return cache_dir() / "engine" / engine_version() / "bin"


def engine_on_path() -> Path | None:
    """The folder of a recent enough `pulumi` on PATH that has its Python language host beside it, else None."""
    found = shutil.which("pulumi")
    if not found or any(shutil.which(name, path=str(Path(found).parent)) is None for name in PROGRAMS[1:]):
        return None
    told = subprocess.run([found, "version"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    recent = parse_version(told.stdout) >= parse_version(engine_version())
    return Path(found).parent if recent else None


def find_engine() -> Path | None:
    """The folder of the engine's programs to use, None where the set-up has still to bring one."""
    cached = cached_engine()
    if all((cached / name).is_file() for name in PROGRAMS):
        return cached
    return engine_on_path()


def ensure_engine(progress: Progress) -> Path:
    """Find the engine, or bring it: download or build, once per version and cache, also with two set-ups at once."""
    found = find_engine()
    if found:
        return found
    home = cached_engine().parent

    def fill(target: Path) -> None:
        programs = target / "bin"
        programs.mkdir(parents=True)
        with progress.step(f"Pulumi engine {home.name}, official download") as step:
            downloaded = download(programs, step)
        if not downloaded:
            build(home.name, programs, progress)
        tidy(progress)

    brought = bring(home, find_engine, fill, progress)
    return home / "bin" if brought == home else brought


def fetch(url: str, step: Step) -> bytes:
    """Download `url` whole (the archive has about 100 MB), telling how far it is."""
    parts: list[bytes] = []
    with urllib.request.urlopen(url, timeout=CONNECT_SECONDS) as answer:  # noqa: S310 (a constant https address)
        total = int(answer.headers.get("Content-Length") or 0)
        while part := answer.read(1 << 20):
            parts.append(part)
            step.say(f"{sum(map(len, parts)) / 1e6:.0f} of {total / 1e6:.0f} MB")
    return b"".join(parts)


def download(target: Path, step: Step, fetch: Callable[[str, Step], bytes] = fetch) -> bool:
    """Fetch the official archive, check it against its published sha256, unpack PROGRAMS into `target`.

    False where the host can't be reached or has no such release; UserError T004 where the checksum differs.
    """
    version = engine_version()
    name = archive_name(version, platform.system(), platform.machine())
    try:
        sums = fetch(f"{RELEASES}/pulumi-{version}-checksums.txt", step).decode()
        expected = next(line.split()[0] for line in sums.splitlines() if line.endswith(name))
        archive = fetch(f"{RELEASES}/{name}", step)
    except (OSError, StopIteration) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        step.result = f"not to be had here ({str(reason) or 'no such release'})"
        return False
    got = hashlib.sha256(archive).hexdigest()
    if got != expected:
        raise messages.bad_checksum(f"{RELEASES}/{name}", got, expected)
    unpack(archive, target)
    return True


def unpack(archive: bytes, target: Path) -> None:
    """Write PROGRAMS, and nothing else, out of a release archive into `target`, executable."""
    with tempfile.TemporaryFile() as file:
        file.write(archive)
        file.seek(0)
        with tarfile.open(fileobj=file) as tar:
            for member in tar:
                name = Path(member.name).name
                content = tar.extractfile(member) if name in PROGRAMS else None
                if content is not None:
                    (target / name).write_bytes(content.read())
                    os.chmod(target / name, 0o755)  # noqa: S103, PTH101
    missing = [name for name in PROGRAMS if not (target / name).is_file()]
    if missing:
        raise messages.step_failed("Pulumi engine", "unpack", f"the official archive lacks {', '.join(missing)}")


def needed_engine() -> Path:
    """The folder of the engine that the set-up found or brought; UserError T005 where it has not run."""
    engine = find_engine()
    if engine is None:
        raise messages.not_set_up("the Pulumi engine")
    return engine
