"""The set-up's choices: which Go, Node.js and engine are recent enough, what is downloaded, what is refused."""

import hashlib
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tarfile
import urllib.error
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from rich.console import Console

from ops.messages import UserError
from ops.paths import CHECKOUT, cache_dir
from ops.setup import build, engine, run
from ops.setup.progress import Step


@pytest.fixture
def step() -> Step:
    """A step that shows nothing."""
    return Step(Console(file=io.StringIO()), "test", None)


@pytest.fixture
def bootstrap() -> ModuleType:
    """tools/bootstrap.py, which is no part of a package."""
    spec = importlib.util.spec_from_file_location("bootstrap", CHECKOUT / "tools" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def release(*programs: str) -> bytes:
    """A release archive as the engine's makers lay it out."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name in (*programs, "pulumi-language-nodejs"):
            info = tarfile.TarInfo(f"pulumi/{name}")
            info.size = len(name)
            tar.addfile(info, io.BytesIO(name.encode()))
    return buffer.getvalue()


def test_the_engines_version_is_the_one_its_go_module_requires() -> None:
    """There is one place for the version: ops/setup/go/cli/go.mod."""
    assert f"pkg/v3 v{engine.engine_version()}\n" in (CHECKOUT / "ops/setup/go/cli/go.mod").read_text()


@pytest.mark.parametrize(
    ("told", "expected"),
    [("v3.259.0\n", (3, 259, 0)), ("3.300.1-alpha.1", (3, 300, 1)), ("", (0, 0, 0)), ("not found", (0, 0, 0))],
)
def test_an_engine_without_a_version_counts_as_too_old(told: str, expected: tuple[int, int, int]) -> None:
    """`pulumi version` is empty for a build without version flags."""
    assert engine.parse_version(told) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [("go version go1.26.8 linux/amd64", (1, 26, 8)), ("go version go1.27 darwin/arm64", (1, 27, 0)), ("", ())],
)
def test_a_go_is_read_from_what_it_says(told: str, expected: tuple[int, ...]) -> None:
    """A Go that says nothing is older than any."""
    assert build.parse_go(told) == expected


@pytest.mark.parametrize(
    ("system", "machine", "expected"),
    [
        ("Linux", "x86_64", "pulumi-v3.259.0-linux-x64.tar.gz"),
        ("Linux", "aarch64", "pulumi-v3.259.0-linux-arm64.tar.gz"),
        ("Darwin", "arm64", "pulumi-v3.259.0-darwin-arm64.tar.gz"),
    ],
)
def test_the_official_archive_is_named_after_the_platform(system: str, machine: str, expected: str) -> None:
    """The names are those of the engine's makers, not of Python or Go."""
    assert engine.archive_name("3.259.0", system, machine) == expected


def test_an_unknown_platform_is_refused() -> None:
    """The message names what was found and what is known."""
    with pytest.raises(UserError, match=r"T006 platform: Plan9 mips; expected Linux or macOS"):
        engine.archive_name("3.259.0", "Plan9", "mips")


def test_the_download_is_checked_and_only_the_four_programs_are_unpacked(tmp_path: Path, step: Step) -> None:
    """Other language hosts of the archive are left out."""
    archive = release(*engine.PROGRAMS)
    name = engine.archive_name(engine.engine_version(), "Linux", "x86_64")
    line = f"{hashlib.sha256(archive).hexdigest()}  {name}\n"
    answers = {"checksums.txt": line.replace("linux-x64", host_suffix()).encode(), "tar.gz": archive}

    def fetch(url: str, _: Step) -> bytes:
        return next(content for ending, content in answers.items() if url.endswith(ending))

    assert engine.download(tmp_path, step, fetch) is True
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(engine.PROGRAMS)
    assert all(path.stat().st_mode & 0o111 for path in tmp_path.iterdir())


def host_suffix() -> str:
    """This machine's part of an archive's name."""
    import platform

    name = engine.archive_name("1", platform.system(), platform.machine())
    return name.removeprefix("pulumi-v1-").removesuffix(".tar.gz")


def test_a_download_with_another_checksum_is_thrown_away(tmp_path: Path, step: Step) -> None:
    """Nothing of it is unpacked."""

    def fetch(url: str, _: Step) -> bytes:
        name = f"pulumi-v{engine.engine_version()}-{host_suffix()}.tar.gz"
        return f"{'0' * 64}  {name}\n".encode() if url.endswith("checksums.txt") else release("pulumi")

    with pytest.raises(UserError, match=r"T004 .*: sha256 .*expected 0{64}"):
        engine.download(tmp_path, step, fetch)
    assert list(tmp_path.iterdir()) == []


def test_a_host_that_cannot_be_reached_leads_to_the_build(tmp_path: Path, step: Step) -> None:
    """No error: the next way is tried."""

    def fetch(url: str, _: Step) -> bytes:
        raise urllib.error.URLError("Name or service not known")

    assert engine.download(tmp_path, step, fetch) is False
    assert "Name or service not known" in step.result


def test_too_little_disk_is_told_with_both_figures() -> None:
    """Before anything is fetched, not in the middle of a build."""
    with pytest.raises(UserError, match=r"T001 disk: 1\.5 GB free in cache; expected at least 5\.0 GB for the build\."):
        run.check_disk("the build", Path("cache"), 5.0, lambda _: SimpleNamespace(free=1.5e9))
    run.check_disk("the build", Path("cache"), 5.0, lambda _: SimpleNamespace(free=20e9))


def test_an_engine_on_path_counts_only_with_its_language_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lone `pulumi` would fail at the first Python program."""
    pulumi = tmp_path / "pulumi"
    pulumi.write_text("#!/bin/sh\necho v9.0.0\n")
    pulumi.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert engine.engine_on_path() is None
    for name in engine.PROGRAMS[1:]:
        shutil.copy(pulumi, tmp_path / name)
    assert engine.engine_on_path() == tmp_path


def test_an_engine_on_path_that_is_too_old_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The set-up then brings its own."""
    for name in engine.PROGRAMS:
        (tmp_path / name).write_text("#!/bin/sh\necho v3.200.0\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert engine.engine_on_path() is None


@pytest.mark.parametrize("given", [{"SAFE_ROLLOUT_CACHE": "/a/b"}, {"XDG_CACHE_HOME": "/c"}, {"HOME": "/home/x"}])
def test_bootstrap_and_the_rest_agree_on_the_cache(
    given: dict[str, str], bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule stands twice, as bootstrap has only the standard library and no package."""
    for name in ("SAFE_ROLLOUT_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert bootstrap.cache_dir() == cache_dir()


def test_an_old_python_gets_one_line(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what to type, and no traceback."""
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit) as ended:
        bootstrap.main()
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert told.startswith("set-up: this is Python 3.9.2; 3.11 or newer is needed. Type: make setup PYTHON=")
    assert told.count("\n") == 1


def test_a_shim_without_a_uv_behind_it_is_no_uv(bootstrap: ModuleType, tmp_path: Path) -> None:
    """Version managers put such programs on PATH."""
    shim = tmp_path / "uv"
    shim.write_text("#!/bin/sh\necho 'uv: command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    assert bootstrap.uv_version(str(shim)) == ()


@pytest.mark.slow
def test_a_second_set_up_does_nothing() -> None:
    """It looks, finds everything and says so in its only line."""
    told = subprocess.run([sys.executable, "-m", "ops.setup"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert told.stderr.startswith("set-up: everything is there")
    assert told.stderr.count("\n") == 1


def test_the_path_has_this_checkouts_programs_and_the_engine() -> None:
    """What README puts on PATH: rollout and uv of this checkout, then the engine."""
    found = subprocess.run(
        [sys.executable, "-m", "ops.setup", "--path"], capture_output=True, text=True, check=True
    ).stdout.strip()
    programs, engine = found.split(os.pathsep)
    assert (Path(programs) / "rollout").exists()
    assert (Path(engine) / "pulumi").exists()
