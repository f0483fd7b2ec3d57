"""Shows that long work goes on: a live line on a terminal, a plain line now and then elsewhere (CI logs)."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

PLAIN_EVERY_SECONDS = 15.0
Say = Callable[[str], None]
"""Called with what is being done now, as often as one likes."""


@contextmanager
def step(title: str) -> Iterator[Say]:
    """Run a block as one step on standard error; its last line is `title: done  m:ss`. Errors pass through."""
    console = Console(stderr=True)
    begin = last = time.monotonic()

    def line(detail: str) -> str:
        seconds = int(time.monotonic() - begin)
        return f"{title}: {detail}  {seconds // 60}:{seconds % 60:02d}"

    def say_plain(detail: str) -> None:
        nonlocal last
        if time.monotonic() - last >= PLAIN_EVERY_SECONDS:
            last = time.monotonic()
            tell(f"  … {line(detail)}", console)

    if console.is_terminal:
        with console.status(escape(title)) as status:
            yield lambda detail: status.update(escape(line(detail)))
    else:
        tell(f"{title} …", console)
        yield say_plain
    tell(line("done"), console)


def tell(text: str, console: Console | None = None) -> None:
    """One line on standard error that stays."""
    (console or Console(stderr=True)).print(text, markup=False, highlight=False, soft_wrap=True)
