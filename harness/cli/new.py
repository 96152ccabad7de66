"""Write a variant of your own to edit, already verified and benchmarked by the suite."""

import ast
import difflib
import keyword
import re
import shlex
from pathlib import Path

import click

from harness import contract
from harness.cli.console import say
from harness.discovery import entries
from harness.errors import UsageError
from harness.store import write_whole
from harness.units import format_count

_COMPOSED = '''"""{title}: say here, in a line, what is new about it."""

from typing import Annotated

from harness.contract import Approach, LogRange
from implementations.parts import Composed, aggregation, history, lookup


class {class_name}(Composed):
    """One line: the idea.

    Time O(log S) a reading; memory 16 bytes a retained reading.

    Parameters
    ----------
    block_size
        Readings that pass through the parts together.

    Notes
    -----
    Why it is faster, and when it is slower.

    Examples
    --------
    >>> import numpy as np
    >>> from harness.contract import Readings, Sensors
    >>> processor = {class_name}()
    >>> processor.start(Sensors(np.array([7], "u4"), np.array([2], "f4"), np.array([0.5], "f4")), retain=10)
    >>> processor.process(Readings(np.array([7, 8], "u4"), np.array([1, 2]), np.array([1, 1], "f4")))
    array([2.5, nan], dtype=float32)
    """

    approach = Approach.YOURS

    def __init__(self, block_size: Annotated[int, LogRange(64, 1_000_000)] = 16_384) -> None:
        super().__init__(lookup.Sorted(), aggregation.Arrays(), history.Ring(), block_size=block_size)
'''

_DIRECT = '''"""{title}: say here, in a line, what is new about it."""

import numpy as np

from harness.contract import MAX_VALUE, Approach, Floats, History, Processor, Readings, Sensors, Statistics


class {class_name}(Processor):
    """One line: the idea.

    Implements every step itself, in plain NumPy: replace any of them.

    Examples
    --------
    >>> from harness.contract import Readings, Sensors
    >>> processor = {class_name}()
    >>> processor.start(Sensors(np.array([7], "u4"), np.array([2], "f4"), np.array([0.5], "f4")), retain=10)
    >>> processor.process(Readings(np.array([7, 8], "u4"), np.array([1, 2]), np.array([1, 1], "f4")))
    array([2.5, nan], dtype=float32)
    """

    approach = Approach.YOURS

    def start(self, sensors: Sensors, retain: int) -> None:
        """Sort the table once, so that each batch is matched by binary search."""
        self._order = np.argsort(sensors.id)
        self._sorted_id = sensors.id[self._order]
        self._sensors = sensors
        self._retain = retain
        self._kept = Readings.empty()
        self._open_window()

    def _open_window(self) -> None:
        count = len(self._sensors)
        self._count = np.zeros(count, np.int64)
        self._sum = np.zeros(count, np.float64)
        self._minimum = np.full(count, np.nan, np.float32)
        self._maximum = np.full(count, np.nan, np.float32)
        self._last = np.full(count, np.nan, np.float32)
        self._unmatched = self._invalid = 0

    def process(self, readings: Readings) -> Floats:
        """Match, check, calibrate, aggregate, retain; the values are ready at once."""
        known = np.zeros(len(readings), bool)
        row = np.zeros(len(readings), np.intp)
        if len(self._sensors):
            place = np.minimum(np.searchsorted(self._sorted_id, readings.sensor_id), len(self._sensors) - 1)
            known = self._sorted_id[place] == readings.sensor_id
            row = self._order[place]
        accepted = known & (np.abs(readings.value) <= np.float32(MAX_VALUE))
        self._unmatched += int((~known).sum())
        self._invalid += int((known & ~accepted).sum())
        row = row[accepted]
        value = readings.value[accepted] * self._sensors.gain[row] + self._sensors.offset[row]
        self._aggregate(row, value)
        self._keep(Readings(readings.sensor_id[accepted], readings.time[accepted], value))
        calibrated = np.full(len(readings), np.nan, np.float32)
        calibrated[accepted] = value
        return calibrated

    def _aggregate(self, row: np.ndarray, value: Floats) -> None:
        self._count += np.bincount(row, minlength=len(self._count))
        self._sum += np.bincount(row, value.astype(np.float64), minlength=len(self._count))
        np.fmin.at(self._minimum, row, value)
        np.fmax.at(self._maximum, row, value)
        self._last[row] = value  # of repeated rows NumPy keeps the last

    def _keep(self, accepted: Readings) -> None:
        parts = (self._kept, accepted)
        joined = [np.concatenate([getattr(part, name) for part in parts]) for name in ("sensor_id", "time", "value")]
        start = max(0, len(joined[0]) - self._retain)
        self._kept = Readings(*(array[start:] for array in joined))

    def close_window(self) -> Statistics:
        """Hand out the window's statistics and open the next."""
        arrays = (self._count, self._sum, self._minimum, self._maximum, self._last)
        closed = Statistics(*arrays, self._unmatched, self._invalid)
        self._open_window()
        return closed

    def history(self) -> History:
        """What is retained, oldest first."""
        return History(self._kept.sensor_id.copy(), self._kept.time.copy(), self._kept.value.copy())
'''


@click.command()
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(["composed", "direct"]),
    default="direct",
    show_default=True,
    help="composed: a choice among the parts there are; direct: every step written out, to be replaced.",
)
@click.option("--folder", type=click.Path(path_type=Path), help="Where to write it (default: among the others).")
def command(name: str, kind: str, folder: Path | None) -> None:
    """Write NAME.py, a working variant to edit: found by being there, by list, run, the tests and asv alike.

    \b
    Examples:
      sensorbench new my_variant
      sensorbench verify -p my_variant
      sensorbench run -p my_variant -p simd -w steady
      sensorbench new my_variant --folder .     then: -p ./my_variant.py
    """  # noqa: D301
    path = write_variant(name, kind, folder)
    reference = name if folder is None else str(path)
    lines = format_count(len(path.read_text().splitlines()))
    say(f"wrote {path} ({lines} lines); now:")
    say(f"  sensorbench verify -p {shlex.quote(str(reference))}")
    say(f"  sensorbench run -p {shlex.quote(str(reference))} -p simd -w steady --quick")


def write_variant(name: str, kind: str, folder: Path | None) -> Path:
    """Write the file of a variant called `name` and return its path.

    Raises
    ------
    UsageError
        If the name is no module name or taken, or its class would hide a name that the file needs.
    StoreError
        If the folder cannot be written; nothing of the file remains.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise UsageError(f"{name!r} cannot be a file's name; use small letters, digits and _, as in my_variant")
    if name in entries("processors"):
        near = difflib.get_close_matches(name, entries("processors"), n=3)
        raise UsageError(f"{name!r} is taken (there are {', '.join(near)}); choose another name")
    if folder is None:
        import implementations.processors

        folder = Path(next(iter(implementations.processors.__path__)))
    path = folder / f"{name}.py"
    title = name.replace("_", " ").capitalize()
    class_name = "".join(part.capitalize() for part in name.split("_"))
    template = _COMPOSED if kind == "composed" else _DIRECT
    if keyword.iskeyword(class_name) or class_name in _needed(template):
        raise UsageError(
            f"{name!r} makes a class {class_name}, which the file needs for another; "
            f"choose another name, as in my_{name}"
        )
    if path.exists():
        raise UsageError(f"{path} is there already; choose another name or remove it")
    write_whole(path, template.format(title=title, class_name=class_name))
    return path


def _needed(template: str) -> set[str]:
    """What a file made of `template` calls by name, and what else of the contract its author may want to."""
    nodes = list(ast.walk(ast.parse(template.format(title="", class_name="_"))))
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    imported = {alias.name for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names}
    return used | imported | set(contract.__all__)
