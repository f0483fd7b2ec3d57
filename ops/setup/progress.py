"""Shows that set-up and start-up go on: a live line on a terminal, a plain line now and then elsewhere (CI logs)."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console
from rich.markup import escape
from rich.status import Status

PLAIN_EVERY_SECONDS = 15.0


def clock(seconds: float) -> str:
    """Seconds as m:ss."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class Step:
    """One running step. Call `say` with what it does now, as often as you like; the elapsed time is added."""

    def __init__(self, console: Console, title: str, status: Status | None) -> None:
        self._console, self._title, self._status = console, title, status
        self._begin = self._last = time.monotonic()
        self.result = "done"

    @property
    def elapsed(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self._begin

    def say(self, detail: str) -> None:
        """Show `detail` as the present state of this step."""
        text = f"{self._title}: {detail}  {clock(self.elapsed)}"
        if self._status is not None:
            self._status.update(escape(text))
        elif time.monotonic() - self._last >= PLAIN_EVERY_SECONDS:
            self._last = time.monotonic()
            self._console.print(f"  … {text}", markup=False, highlight=False, soft_wrap=True)


class Progress:
    """Steps on one console: each is announced, shown while it runs, and closed with its result."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)

    def tell(self, line: str) -> None:
        """One line that stays."""
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def waiting(self, title: str) -> Iterator[None]:
        """Show on a terminal that a block works; nothing stays of it, and nothing goes to a file."""
        # On the stream as it is now: azure-ai-ml's own writing to standard error is turned away meanwhile.
        console = Console(file=sys.stderr) if self.console.stderr else self.console
        with console.status(escape(title)) if console.is_terminal else nullcontext():
            yield

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Run a block as one step; its last line is `title: result  m:ss`. Errors pass through."""
        if self.console.is_terminal:
            with self.console.status(escape(title)) as status:
                step = Step(self.console, title, status)
                yield step
        else:
            self.tell(f"{title} …")
            step = Step(self.console, title, None)
            yield step
        self.tell(f"{title}: {step.result}  {clock(step.elapsed)}")
