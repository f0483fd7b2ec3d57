"""SIGKILL at any moment, again and again, while writes and operations are under way."""

import itertools
import json
import os
import random
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from localazure.ca import ensure_ca
from localazure.testing.client import VERSION, estate_bodies

pytestmark = pytest.mark.slow
KILLS = 12
PROJECT = Path(__file__).parents[2]
PLACE = {"location": "westeurope"}
ENDED = {"Succeeded", "Failed", "Canceled"}


@dataclass
class Writer:
    """Sends numbers, one after the other; knows the last that was acknowledged, and the last that was sent."""

    path: str
    body: Callable[[int], dict[str, Any]]
    read: Callable[[dict[str, Any]], int]
    sent: int = 0
    acknowledged: int = 0
    operations: list[str] = field(default_factory=list)

    def write(self, http: httpx2.Client) -> None:
        """The next number; a refusal (the last one is under way) acknowledges nothing."""
        self.sent += 1
        answer = ask(http, "PUT", self.path, self.body(self.sent))
        if answer.is_success:
            self.acknowledged = self.sent
            if status := answer.headers.get("azure-asyncoperation"):
                self.operations.append(status.partition("?")[0].partition("/subscriptions/")[2])
        else:
            assert answer.status_code == 409, answer.text
            time.sleep(0.01)


def ask(http: httpx2.Client, method: str, path: str, body: Any = None) -> httpx2.Response:
    """One ARM request."""
    return http.request(method, path, params={"api-version": VERSION}, json=body)


@contextmanager
def running(state: Path) -> Iterator[tuple[subprocess.Popen[str], httpx2.Client, str]]:
    """A server over the state, a client, and the id of its subscription."""
    command = [sys.executable, "-m", "tests.azure.killed_server", str(state)]
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            told = json.loads(process.stdout.readline() if process.stdout else "")
            verify = ssl.create_default_context(cafile=ensure_ca(state).ca)
            headers = {"authorization": f"Bearer {told['token']}"}
            with httpx2.Client(base_url=told["url"], verify=verify, headers=headers, trust_env=False) as http:
                yield process, http, told["subscription"]
        finally:
            process.kill()


def writers(subscription: str) -> list[Writer]:
    """Of what is done at once, of what takes an operation, and of what never changes (a number of versions)."""
    group = f"/subscriptions/{subscription}/resourceGroups/rg"
    workspace = f"{group}/providers/Microsoft.MachineLearningServices/workspaces/ws"
    uri = f"azureml:/{workspace}/datastores/workspaceblobstore/paths/LocalUpload/ab12/model"

    def endpoint(number: int) -> dict[str, Any]:
        return {**PLACE, "tags": {"n": str(number)}, "properties": {"authMode": "Key", "traffic": {}}}

    def tag(shown: dict[str, Any]) -> int:
        return int(shown["tags"]["n"])

    def latest(shown: dict[str, Any]) -> int:
        return int(shown["properties"]["description"])

    return [
        Writer(group, lambda number: {**PLACE, "tags": {"n": str(number)}}, tag),
        Writer(f"{workspace}/onlineEndpoints/one", endpoint, tag),
        Writer(f"{workspace}/onlineEndpoints/two", endpoint, tag),
        Writer(
            f"{workspace}/models/m/versions/1",
            lambda number: {"properties": {"modelUri": uri, "description": str(number)}},
            latest,
        ),
    ]


def write_until_killed(process: subprocess.Popen[str], http: httpx2.Client, all_writers: list[Writer]) -> None:
    """Every writer writes in a thread of its own; after a random time the server is killed."""

    def write(writer: Writer) -> None:
        try:
            while True:
                writer.write(http)
        except httpx2.TransportError:
            return  # killed

    threads = [threading.Thread(target=write, args=[writer]) for writer in all_writers]
    for thread in threads:
        thread.start()
    time.sleep(random.uniform(0.02, 0.8))
    process.kill()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def ended(http: httpx2.Client, operation: str) -> str:
    """How an operation that was acknowledged ends."""
    for _ in itertools.count():
        answer = ask(http, "GET", f"/subscriptions/{operation}")
        assert answer.status_code == 200, answer.text
        if (status := answer.json()["status"]) in ENDED:
            return str(status)
        time.sleep(0.02)
    raise AssertionError


def test_no_acknowledged_write_is_lost(tmp_path: Path) -> None:
    """After each of twelve kills every acknowledged write is there, and every operation goes on to its end."""
    with running(tmp_path) as (_, http, subscription):
        for path, body in estate_bodies(subscription, "ws", PLACE["location"]).items():
            assert ask(http, "PUT", path, body).is_success
        all_writers = writers(subscription)
    for _ in range(KILLS):
        with running(tmp_path) as (process, http, _):
            for writer in all_writers:
                for operation in writer.operations:
                    assert ended(http, operation) == "Succeeded"
                writer.operations.clear()
                if writer.acknowledged:
                    shown = ask(http, "GET", writer.path).json()
                    assert writer.acknowledged <= writer.read(shown) <= writer.sent, writer.path
            write_until_killed(process, http, all_writers)
    assert all(writer.acknowledged > KILLS for writer in all_writers)
