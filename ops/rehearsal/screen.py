"""Shows a rehearsal while it runs: a line a step, and a last line that tells step, command and time.

With -v what is typed and what Pulumi says scrolls by too; it is always kept in the log.
"""

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from ops.setup.progress import clock

PER_SECOND = 4


class Screen:
    """A live last line on a terminal; elsewhere the lines alone. `log` is a file for all that is said."""

    def __init__(self, console: Console, total: int, *, verbose: bool = True, log: Path | None = None) -> None:
        self.console, self.verbose, self._log = console, verbose, log
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
        self._keep(f"# {self._step}")
        if self.verbose:
            self.console.rule(Text(f" {number}/{self._total}  {name} ", style="bold"), align="left")

    def doing(self, what: str) -> None:
        """What the step does now, as a person would type it."""
        self._doing = what
        self._keep(f"$ {what}")
        if self.verbose:
            self.console.print(Text(f"$ {what}", style="cyan"), soft_wrap=True)

    def load(self, told: Callable[[], str]) -> None:
        """How the load goes, asked for whenever the last line is drawn."""
        self._load = told

    def line(self, line: str) -> None:
        """A line that Pulumi said, in its own colours."""
        text = Text.from_ansi(line)
        self._keep(text.plain)
        if self.verbose and line.strip():
            self.console.print(text, soft_wrap=True)

    def detail(self, line: str) -> None:
        """A line of the rehearsal's own that only who looks closely wants."""
        self._keep(line)
        if self.verbose:
            self.tell(line)

    def done(self, line: str, *, ok: bool) -> None:
        """A step is over, in one line."""
        mark, step = ("ok", "green") if ok else ("NO", "bold red")
        text = Text.assemble((f"{mark} ", step), f"{self._step}{line}")
        self.console.print(text, soft_wrap=True)

    def _keep(self, line: str) -> None:
        if self._log:
            with self._log.open("a", encoding="utf-8") as log:
                log.write(f"{line}\n")

    def tell(self, line: str, style: str = "") -> None:
        """A line of the rehearsal's own."""
        self.console.print(Text(line, style=style), soft_wrap=True)
