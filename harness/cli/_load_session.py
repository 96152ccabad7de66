"""What 'latency' and 'capacity' share: options, the folder they store into, progress with the time left."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from harness.cli._folders import out_option, run_option
from harness.cli.console import note
from harness.cli.options import (
    Decorator,
    Unit,
    json_option,
    processor_option,
    size_option,
    threads_option,
    workload_option_for,
)
from harness.results import Cell
from harness.units import format_rate, format_seconds

if TYPE_CHECKING:
    from harness.measure.load.latency import Load

ARRIVALS = ("workload", "constant", "poisson", "bursty")


class Several(click.ParamType[Any]):
    """Values of a unit, separated by commas: each once, in their order."""

    def __init__(self, unit: Unit) -> None:
        self.name = unit.name
        self._unit = unit

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Parse a text; anything else was parsed before."""
        if not isinstance(value, str):
            return value
        return tuple(dict.fromkeys(self._unit.convert(part, param, ctx) for part in value.split(",")))


def load_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that both commands have."""
    options: tuple[Decorator, ...] = (
        processor_option,
        workload_option_for("Workload: a name, replay:FILE or path/to/file.py; repeatable.", ("steady",)),
        size_option,
        threads_option,
        click.option(
            "--channel",
            metavar="NAME",
            help="Readings come through this channel from a process of their own (default: from the same process).",
        ),
        click.option(
            "--arrivals",
            type=click.Choice(ARRIVALS),
            default="workload",
            show_default=True,
            help="How readings are meant to arrive: as the workload's own do, or otherwise.",
        ),
        click.option(
            "--sensors", "sensors_path", type=click.Path(), help="Sensor table of a replay (sensor,gain,offset)."
        ),
        run_option,
        out_option,
        json_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


class TimeLeft:
    """Says how long `units` of work of about `unit_s` each will still take; learns from those that are done."""

    def __init__(self, units: int, unit_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._units, self._unit_s, self._clock = units, unit_s, clock
        self._done = 0
        self._under_way = False
        self._began_s = self._ended_s = clock()

    def begin(self) -> None:
        """The next unit begins, so that the one under way is done."""
        self.end()
        self._under_way = True

    def end(self) -> None:
        """No unit is under way any more."""
        if self._under_way:
            self._done += 1
            self._ended_s = self._clock()
        self._under_way = False

    def leave_out(self, units: int) -> None:
        """So many units will not be done."""
        self.end()
        self._units -= units

    def teller(self, cell: Cell) -> "Callable[[Load, int], None]":
        """What is told of each repetition of a load that `cell` is put under."""

        def told(load: "Load", number: int) -> None:
            interval = f" every {format_seconds(load.interval_s)}" if load.interval_s else ""
            offered = f"{format_rate(load.offered_per_s)}{interval}"
            self.begin()
            self.say(f"{cell.implementation} on {cell.workload} at {cell.size}: {offered}, run {number + 1}")

        return told

    def say(self, text: str) -> None:
        """A line of progress, with the time left."""
        left_s = self.left_s()
        note(f"{text}, about {format_seconds(left_s)} left" if left_s else text)

    def left_s(self) -> float:
        """Seconds left: it counts down while a unit is under way, and waits where that takes longer than others did."""
        unit_s = (self._ended_s - self._began_s) / self._done if self._done else self._unit_s
        spent_s = min(unit_s, self._clock() - self._ended_s)
        return max(0.0, unit_s * (self._units - self._done) - spent_s)
