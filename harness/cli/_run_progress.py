"""Progress of a run: a live display with the cell under way, time left and results so far; plain lines elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.cli.console import note
from harness.results import Cell, Status
from harness.run.runner import Progress
from harness.units import figure, format_bytes, format_rate, format_seconds

if TYPE_CHECKING:
    from rich.console import Group


class _Pace:
    """How far a run is and how long it will go on, from the cells finished in this session."""

    def __init__(self) -> None:
        self.began_s = time.monotonic()
        self.total = self.done = self.fresh = 0

    def left_s(self) -> float | None:
        """Seconds left, or None before the first cell is finished."""
        if not self.fresh:
            return None
        return (time.monotonic() - self.began_s) / self.fresh * (self.total - self.done)

    def finished(self) -> None:
        self.done += 1
        self.fresh += 1


def result_line(cell: Cell) -> str:
    """One line about a finished cell."""
    name = f"{cell.implementation} on {cell.workload} at {cell.size}"
    if cell.status is not Status.OK or cell.throughput is None:
        return f"{name}: {cell.status}: {cell.reason}" if cell.reason else f"{name}: {cell.status}"
    parts = [format_rate(cell.throughput.per_s.median)]
    if cell.speed_up is not None:
        parts.append(f"{figure(cell.speed_up.ratio.median)} x {cell.speed_up.baseline}")
    if cell.memory is not None and cell.memory.peak_bytes is not None:
        parts.append(f"{format_bytes(cell.memory.peak_bytes)} over runtime")
    return f"{name}: verified, {', '.join(parts)}"


class _Plain:
    """One line when a cell begins, one when it is finished."""

    def __init__(self) -> None:
        self._pace = _Pace()

    def begin(self, total: int, done: int) -> None:
        self._pace.total, self._pace.done = total, done
        cells = "1 cell" if total == 1 else f"{total} cells"
        note(f"{cells}, {done} of them done already" if done else cells)

    def cell(self, implementation: str, workload: str, size: str) -> None:
        left_s = self._pace.left_s()
        left = "" if left_s is None else f", about {format_seconds(left_s)} left"
        note(f"[{self._pace.done + 1}/{self._pace.total}] {implementation} on {workload} at {size}{left}")

    def phase(self, text: str) -> None:
        """Plain output stays short."""

    def finished(self, cell: Cell) -> None:
        self._pace.finished()
        note(f"    {result_line(cell)}")

    def taken_back(self, cell: Cell) -> None:
        note(f"    taken back: {result_line(cell)}")


class _Live:
    """A table of results so far, the cell under way, a bar with the time left."""

    def __init__(self) -> None:
        self._pace = _Pace()
        self._now = self._phase = ""
        self._lines: list[Cell] = []

    def begin(self, total: int, done: int) -> None:
        self._pace.total, self._pace.done = total, done

    def cell(self, implementation: str, workload: str, size: str) -> None:
        self._now, self._phase = f"{implementation} on {workload} at {size}", ""

    def phase(self, text: str) -> None:
        self._phase = text

    def finished(self, cell: Cell) -> None:
        self._pace.finished()
        self._lines.append(cell)

    def taken_back(self, cell: Cell) -> None:
        self._lines = [one for one in self._lines if one.key != cell.key] + [cell]

    def __rich__(self) -> "Group":
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        results = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for cell in self._lines[-20:]:
            good = cell.status is Status.OK
            results.add_row(Text("✓" if good else "✗", style="green" if good else "red"), Text(result_line(cell)))
        left_s = self._pace.left_s()
        left = "" if left_s is None else f", about {format_seconds(left_s)} left"
        status = f" {self._pace.done}/{self._pace.total}  {self._now}: {self._phase}{left}"
        bar = ProgressBar(total=max(1, self._pace.total), completed=self._pace.done, width=40)
        return Group(results, Text(status), bar)


@contextmanager
def progress_display() -> Iterator[Progress]:
    """A live display where standard error is a terminal, else plain lines."""
    if not sys.stderr.isatty():
        yield _Plain()
        return
    from rich.console import Console
    from rich.live import Live

    display = _Live()
    with Live(display, console=Console(stderr=True), refresh_per_second=4):
        yield display
