"""How far a recording has come, on standard error: a bar on a terminal, else a line now and then."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from harness.cli.console import note

if TYPE_CHECKING:
    from rich.progress import Progress

_LINE_EVERY_S = 5.0


class Bar:
    """A context manager whose `show` is told the part that is done.

    Parameters
    ----------
    title
        What is being done.
    quiet
        Show nothing.
    """

    def __init__(self, title: str, quiet: bool = False) -> None:
        self._title = title
        self._quiet = quiet
        self._rich: Progress | None = None
        self._told_s = time.monotonic()

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.markup import escape
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

            columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
            self._rich = Progress(*columns, TextColumn("{task.fields[detail]}"), console=Console(stderr=True))
            self._task = self._rich.add_task(escape(self._title), total=1.0, detail="")
            self._rich.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._rich is not None:
            self._rich.stop()

    def show(self, part: float, detail: str = "") -> None:
        """`part` from 0 to 1 is done; `detail` says more."""
        if self._rich is not None:
            self._rich.update(self._task, completed=min(part, 1.0), detail=detail)
        elif not self._quiet and time.monotonic() - self._told_s >= _LINE_EVERY_S:
            self._told_s = time.monotonic()
            note(f"{self._title}: {min(part, 1.0):.0%} {detail}".rstrip())
