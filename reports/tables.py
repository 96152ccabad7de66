"""Making tables: values from numbers that may be missing, and columns only where there is something to show."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from harness.results import Cell, Interval
from harness.units import figure
from reports.content import Column, Row, Table, Tone, Value
from reports.text import Unit, span

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

NOTHING = Value()


def number(value: float | None, shown: Callable[[float], str] = figure, tone: Tone = "") -> Value:
    """A number as `shown` writes it; nothing where it is missing."""
    return NOTHING if value is None else Value(shown(value), order=float(value), tone=tone)


def in_unit(value: float | None, unit: Unit) -> Value:
    """A number of a base unit in the unit of its column."""
    return number(value, lambda known: figure(unit.of(known)))


def estimate(interval: Interval | None, unit: Unit) -> Value:
    """An estimate with its interval as detail."""
    if interval is None:
        return NOTHING
    low, high = unit.of(interval.low), unit.of(interval.high)
    return Value(figure(unit.of(interval.median)), span(low, high), order=interval.median)


def text(value: object, detail: str = "", tone: Tone = "") -> Value:
    """Anything as text; nothing where it is missing."""
    return NOTHING if value is None or value == "" else Value(str(value), detail, tone=tone)


def make_table(
    caption: str, columns: Sequence[Column], rows: Iterable[Row], header: int = 0, *, sortable: bool = True
) -> Table:
    """A table without the columns in which no row has anything."""
    rows = tuple(rows)
    shown = [
        index
        for index in range(len(columns))
        if index == header or any(row.values[index].text or row.values[index].detail for row in rows)
    ]
    return Table(
        caption,
        tuple(columns[index] for index in shown),
        tuple(replace(row, values=tuple(row.values[index] for index in shown)) for row in rows),
        header=shown.index(header),
        sortable=sortable,
    )


def several(cells: Iterable[Cell], of: Callable[[Cell], object]) -> bool:
    """Whether cells differ in something, so that it has to be shown."""
    return len({of(cell) for cell in cells}) > 1


def grouped(items: Iterable[T], key: Callable[[T], K]) -> Iterator[tuple[K, list[T]]]:
    """`items` in groups of one key, in the order in which the keys first come.

    >>> list(grouped([3, 1, 5, 2], lambda number: number % 2))
    [(1, [3, 1, 5]), (0, [2])]
    """
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    yield from groups.items()
