"""Options that several commands share: one name, one meaning, one help text."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

import click

from harness.contract import STANDARD_SIZES
from harness.discovery import Entry, Kind, distinct_workloads, entries, find
from harness.errors import UsageError
from harness.results import Level
from harness.units import parse_bytes, parse_count, parse_rate, parse_seconds

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class Unit(click.ParamType[Any]):
    """A click type made of one of the parsers of :mod:`harness.units`."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Parse a text; anything else was parsed before."""
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except UsageError as error:
            self.fail(str(error), param, ctx)


def _with_unit(parse: Callable[[str], Any], example: str) -> Callable[[str], Any]:
    """`parse` for texts that name their unit: a number alone is hardly ever meant in seconds or bytes."""

    def parse_with_unit(text: str) -> Any:
        value = parse(text)
        if not text.strip()[-1:].isalpha():
            raise UsageError(f"{text!r} has no unit; write it like {example}")
        return value

    return parse_with_unit


SECONDS = Unit("duration", parse_seconds)
BYTES = Unit("memory", parse_bytes)
TIME_WITH_UNIT = Unit("duration", _with_unit(parse_seconds, "5ms, 100ms or 2s"))
BYTES_WITH_UNIT = Unit("memory", _with_unit(parse_bytes, "64MiB or 16GiB"))
RATE = Unit("rate", parse_rate)
COUNT = Unit("count", parse_count)


def processor_option_for(default: str) -> Decorator:
    """The option that names implementations, with what is taken where none is named."""
    return click.option(
        "-p",
        "--processor",
        multiple=True,
        metavar="NAME",
        help=f"Implementation: a name, name[parameter=value] or path/to/file.py; repeatable (default: {default}).",
    )


processor_option = processor_option_for("all")
channel_option: Decorator = click.option(
    "-c",
    "--channel",
    multiple=True,
    metavar="NAME",
    help="Channel: a name, name[parameter=value] or path/to/file.py; repeatable (default: all).",
)


def workload_option_for(help_: str, default: tuple[str, ...] = ()) -> Decorator:
    """The option that names workloads: each is taken once, and two of one label are refused."""
    return click.option(
        "-w",
        "--workload",
        multiple=True,
        default=default,
        show_default=bool(default),
        metavar="NAME",
        callback=lambda _context, _option, texts: distinct_workloads(texts),
        help=help_,
    )


workload_option = workload_option_for(
    "Workload: a name, replay:FILE or path/to/file.py; repeatable (default: all that make sense)."
)
size_option: Decorator = click.option(
    "--size",
    type=click.Choice(list(STANDARD_SIZES)),
    help="Size (default: small; of a recording its own, to any other it is cut or repeated).",
)
threads_option: Decorator = click.option(
    "--threads", type=click.IntRange(1, 1024), default=1, show_default=True, help="Threads an implementation may use."
)
memory_option: Decorator = click.option(
    "--memory",
    type=BYTES,
    metavar="BYTES",
    help="What an implementation may use over its runtime, e.g. 64MiB: enforced (default: 60% of all memory).",
)
json_option: Decorator = click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")


def processors(names: tuple[str, ...] = ()) -> list[Entry]:
    """The implementations that `names` call for, each once, or all there are."""
    return _entries("processors", names)


def channels(names: tuple[str, ...] = ()) -> list[Entry]:
    """The channels that `names` call for, each once, or all there are."""
    return _entries("channels", names)


def _entries(kind: Kind, names: tuple[str, ...]) -> list[Entry]:
    if not names:
        return list(entries(kind).values())
    return distinct(find(kind, name) for name in names)


def distinct(named: Iterable[Entry]) -> list[Entry]:
    """Each of `named` once, in their order.

    Raises
    ------
    UsageError
        If two different ones have one name: a proof and a figure belong to a name.
    """
    found: dict[str, Entry] = {}
    for entry in named:
        other = found.setdefault(entry.label, entry)
        if other.reference != entry.reference:
            places = " and ".join(str(one.path or one.reference) for one in (other, entry))
            raise UsageError(f"two are called {entry.label!r}, {places}; rename one of the files")
    return list(found.values())


def level_of(quick: bool, rigorous: bool = False) -> Level:
    """The level that --quick and --rigorous ask for.

    Raises
    ------
    UsageError
        If both are given.
    """
    if quick and rigorous:
        raise UsageError("--quick and --rigorous exclude each other; give one of them, or none")
    return Level.QUICK if quick else Level.RIGOROUS if rigorous else Level.DEFAULT


def refuse(context: click.Context, names: Collection[str], why: str) -> None:
    """See that none of the options whose parameters are called `names` was written on the command line.

    Raises
    ------
    UsageError
        If some were: `why` they mean nothing here, and which to leave out.
    """
    refused = [
        max(option.opts, key=len)
        for option in context.command.params
        if option.name in names and context.get_parameter_source(option.name) is click.core.ParameterSource.COMMANDLINE
    ]
    if refused:
        raise UsageError(f"{why}; leave out {', '.join(sorted(refused))}")


def check_sensors(path: str | None, workloads: Iterable[str]) -> None:
    """See that a sensor table that was given is taken by one of `workloads`.

    Raises
    ------
    UsageError
        If none of them is a recording.
    """
    if path is not None and not any(":" in text for text in workloads):
        raise UsageError(
            f"--sensors {path}: a sensor table is for a recording, and none of {', '.join(workloads)} is one; "
            "give one with -w replay:FILE"
        )
