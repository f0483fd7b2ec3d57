"""One stack on one local Azure for all tests of a session: estate, an endpoint with blue live and green idle."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from benchmarks.preview import endpoints
from benchmarks.stack import local_stack, register, write
from ops.engine import Engine
from ops.local.environment import Ready
from ops.local.view import LocalView


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one situation come one after the other, in whatever order: bringing a situation about takes its time."""
    places = [place for place, item in enumerate(items) if _situation(item)]
    first = {_situation(items[place]): place for place in reversed(places)}
    in_turn = sorted((items[place] for place in places), key=lambda item: first[_situation(item)])
    for place, item in zip(places, in_turn, strict=True):
        items[place] = item


def _situation(item: pytest.Item) -> Any:
    """The situation that a test is for, if it is for one."""
    call = getattr(item, "callspec", None)
    return call.params.get("situation") if call else None


@dataclass(frozen=True)
class Rollout:
    """The engine on the stack, the local Azure it speaks to, and the references of the registered assets."""

    engine: Engine
    ready: Ready
    assets: dict[str, Any]

    def write(self, traffic: dict[str, int]) -> None:
        """The stack file with this split."""
        write(self.engine, endpoints(self.assets, traffic))

    def writes(self) -> int:
        """How many requests have changed something in the local Azure."""
        journal = httpx2.get(f"{self.ready.control}/journal").json()
        return sum(entry["method"] in ("PUT", "PATCH", "DELETE") for entry in journal)

    @property
    def azure(self) -> LocalView:
        """The local Azure, seen from outside the stack."""
        return LocalView(self.ready)


@pytest.fixture(scope="session")
def _stack() -> Iterator[Rollout]:
    with local_stack() as (engine, ready):
        write(engine, {})
        engine.up()
        rollout = Rollout(engine, ready, register(engine))
        rollout.write({"blue": 100})
        engine.up()
        engine.up()
        yield rollout


@pytest.fixture
def rollout(_stack: Rollout) -> Iterator[Rollout]:
    """The stack with blue 100, before and after each test."""
    before = _stack.writes()
    yield _stack
    _stack.write({"blue": 100})
    if _stack.writes() != before:
        _stack.engine.refresh(diff=False)
        _stack.engine.up()


def by_hand(rollout: Rollout, *shares: str) -> None:
    """Someone sets the traffic past the stack, e.g. `blue=50`, `green=50`; with `delete` the endpoint goes."""
    script = Path(__file__).with_name("by_hand.py")
    command = [sys.executable, str(script), "rg-bench", "ws-bench", "diabetes", *shares]
    subprocess.run(command, env=dict(rollout.engine.environment), check=True, capture_output=True, text=True)
