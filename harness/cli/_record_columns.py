"""The options by which ``record convert`` is told what a file does not say of itself."""

from collections.abc import Callable
from typing import Any

import click

_UNITS = ("s", "ms", "us", "ns")
_OPTIONS = (
    click.option("--time-column", "time", metavar="NAME", help="The column of times, where its name does not say so."),
    click.option("--sensor-column", "sensor", metavar="NAME", help="The column of sensors' names, in long form."),
    click.option("--value-column", "value", metavar="NAME", help="The column of values, in long form."),
    click.option(
        "--time-unit", type=click.Choice(_UNITS), help="Of epoch numbers, where their size would tell another one."
    ),
)


def column_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that name columns and the unit of times; they are the parts of `workloads.recordings.Hints`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
