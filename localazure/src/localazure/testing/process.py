"""The local Azure as a process of its own, for slow tests."""

import json
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from localazure.cli.tools import ensure_azurite, find_node
from localazure.paths import default_cache
from localazure.testing.client import VERSION, estate_bodies


def command(state: Path, *more: str) -> list[str]:
    """The command line, any free port for everything."""
    ports = [text for name in ("arm", "gateway", "blob", "control") for text in (f"--{name}-port", "0")]
    cache, node = default_cache(), find_node()
    tools = ["--azurite", str(ensure_azurite(cache, node)), "--node", str(node), "--cache", str(cache)]
    how = [*tools, *ports, "--clock", "instant", *more]
    return [sys.executable, "-P", "-m", "localazure", "serve", "--state", str(state), *how]


@contextmanager
def served(state: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A running local Azure and what its ready.json says."""
    process = subprocess.Popen(command(state, *more), stderr=subprocess.PIPE, text=True)
    try:
        ready = state / "ready.json"
        while not ready.exists() or json.loads(ready.read_text())["pid"] != process.pid:
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            time.sleep(0.1)
        yield process, json.loads(ready.read_text())
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=60)


@contextmanager
def arm_client(ready: dict[str, Any]) -> Iterator[httpx2.Client]:
    """A client with a token, over the wire."""
    verify = ssl.create_default_context(cafile=ready["caBundle"])
    form = {"grant_type": "client_credentials", "scope": f"{ready['arm']}/.default"}
    form |= {"client_id": ready["clientId"], "client_secret": ready["clientSecret"]}
    with httpx2.Client(base_url=ready["arm"], verify=verify, trust_env=False, timeout=30) as http:
        token = http.post("/adfs/oauth2/token", data=form).json()["access_token"]
        http.headers["authorization"] = f"Bearer {token}"
        yield http


def ask(http: httpx2.Client, method: str, path: str, body: Any = None) -> httpx2.Response:
    """One ARM request."""
    return http.request(method, path, params={"api-version": VERSION}, json=body)


def make_estate(ready: dict[str, Any]) -> None:
    """Everything up to the workspace."""
    with arm_client(ready) as http:
        for path, body in estate_bodies(ready["subscriptionId"], "ws", "westeurope").items():
            answer = ask(http, "PUT", path, body)
            assert answer.is_success, answer.text


def resident_megabytes(pid: int) -> float:
    """Memory of one process, its children apart."""
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(told.stdout) / 1024
