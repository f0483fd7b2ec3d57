"""Shows a rehearsal while it runs: what Pulumi says scrolls by, the last line tells step, command and time."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from ops.setup.progress import clock

PER_SECOND = 4


class Screen:
    """A live last line on a terminal; elsewhere the lines alone."""

    def __init__(self, console: Console, total: int) -> None:
        self.console = console
        self._total = total
        self._began = self._step_began = time.monotonic()
        self._step = self._doing = ""
        self._load: Callable[[], str] = str
        self._spinner = Spinner("dots")
        self._live = Live(self, console=console, refresh_per_second=PER_SECOND, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._live.stop()

    def __rich__(self) -> RenderableType:
        now = time.monotonic()
        times = f"{clock(now - self._step_began)} (in all {clock(now - self._began)})"
        parts = [part for part in (self._step, self._doing, self._load(), times) if part]
        self._spinner.update(text=Text(" · ".join(parts), overflow="ellipsis", no_wrap=True))
        return self._spinner

    def step(self, number: int, name: str) -> None:
        """A step begins."""
        self._step_began = time.monotonic()
        self._step, self._doing = f"{number}/{self._total} {name}", ""
        self.console.rule(Text(f" {number}/{self._total}  {name} ", style="bold"), align="left")

    def doing(self, what: str) -> None:
        """What the step does now, as a person would type it."""
        self._doing = what
        self.console.print(Text(f"$ {what}", style="cyan"), soft_wrap=True)

    def load(self, told: Callable[[], str]) -> None:
        """How the load goes, asked for whenever the last line is drawn."""
        self._load = told

    def line(self, line: str) -> None:
        """A line that Pulumi said, in its own colours."""
        if line.strip():
            self.console.print(Text.from_ansi(line), soft_wrap=True)

    def tell(self, line: str, style: str = "") -> None:
        """A line of the rehearsal's own."""
        self.console.print(Text(line, style=style), soft_wrap=True)
