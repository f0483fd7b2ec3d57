"""What the stack applied last is read while the engine may be writing it."""

import asyncio
from typing import Any

import pulumi
import pytest

from components import own_state


def reading(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> list[Any]:
    """Let the engine answer so, one after the other; an exception is raised."""
    left = list(answers)

    async def invoke(_token: str, _arguments: dict[str, str]) -> Any:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(own_state, "invoke_async", invoke)
    monkeypatch.setattr(own_state, "_own_name", lambda: "organization/project/stack")
    monkeypatch.setattr(own_state, "_PAUSES", (0.0, 0.0))
    return left


def test_a_half_written_state_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer is an error of the backend, the second one counts."""
    outputs = {"applied": {"estate": {"workspace.name": "ws"}, "endpoints": {}}, "keys": {"d": {"primary": "p"}}}
    left = reading(monkeypatch, RuntimeError("failed to load checkpoint: EOF"), {"outputs": outputs})
    kept = asyncio.run(own_state.read_kept())
    assert (kept.applied.estate, kept.keys, left) == ({"workspace.name": "ws"}, {"d": {"primary": "p"}}, [])


def test_a_state_that_cannot_be_read_stops_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a split made by hand would not be seen, so nothing is done, and there is no traceback."""
    reading(monkeypatch, RuntimeError("no"), RuntimeError("access denied"))
    with pytest.raises(pulumi.RunError, match="nothing was touched: access denied"):
        asyncio.run(own_state.read_kept())
