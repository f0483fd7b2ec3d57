"""ARM as somebody sees it who does not go through the stack."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from localazure.testing.process import arm_client

from ops.engine import Engine


@contextmanager
def open_arm(engine: Engine) -> Iterator[httpx2.Client]:
    """A client with a token for the local Azure that the engine speaks to."""
    assert engine.config_file is not None
    ready = engine.config_file.parent / "ready.json"
    with arm_client(json.loads(ready.read_text(encoding="utf-8"))) as http:
        yield http
