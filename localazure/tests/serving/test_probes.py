"""Probes, and how long a log gets."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from localazure.serving.children import shorten
from localazure.serving.contract import Probe
from localazure.serving.probes import watch


def told(answers: Iterable[bool], probe: Probe) -> list[str]:
    """What a watch tells of these answers, each as `fails N` or `recovers N`: after how many of them."""
    asked = iter(answers)
    count = 0
    heard: list[str] = []

    async def check(timeout: float) -> bool:
        nonlocal count
        assert timeout == probe.timeout
        count += 1
        try:
            return next(asked)
        except StopIteration:
            raise asyncio.CancelledError from None

    async def run() -> None:
        await watch(check, probe, lambda: heard.append(f"fails {count}"), lambda: heard.append(f"recovers {count}"))

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    return heard


def test_thresholds_count_answers_in_a_row() -> None:
    """Two failures and a success begin anew; three in a row fail, and two successes in a row mend it."""
    probe = Probe(initial_delay=0, period=0, timeout=0.5, success_threshold=2, failure_threshold=3)
    answers = [True, False, False, True, False, False, False, False, True, False, True, True, True, False]
    assert told(answers, probe) == ["fails 7", "recovers 12"]


def test_a_long_log_keeps_its_last_half(tmp_path: Path) -> None:
    """Whole lines from the end, and a writer that appends goes on after them."""
    log = tmp_path / "log"
    with log.open("a") as writer:
        writer.writelines(f"line {number:04}\n" for number in range(1000))
        writer.flush()
        shorten(log, 20_000)
        assert log.stat().st_size == 10_000
        shorten(log, 1_000)
        writer.write("after\n")
    lines = log.read_text().splitlines()
    assert lines == [*(f"line {number:04}" for number in range(951, 1000)), "after"]


def test_a_log_that_is_not_there_is_short(tmp_path: Path) -> None:
    """Nothing happens."""
    shorten(tmp_path / "log", 10)
    assert not (tmp_path / "log").exists()
