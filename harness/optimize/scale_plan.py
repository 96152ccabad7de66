"""What a scaling measurement is asked for: along which axes, at which sizes, all else fixed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from harness.contract import Size
from harness.errors import UsageError
from harness.statistics.growth import LEAST_SIZES
from harness.units import parse_count


class Axis(StrEnum):
    """What grows while all else stays."""

    READINGS = "readings"
    SENSORS = "sensors"
    BATCH = "batch"

    @property
    def cost(self) -> str:
        """What its costs are, all in seconds."""
        return {
            Axis.READINGS: "the whole stream",
            Axis.SENSORS: "a reading",
            Axis.BATCH: "a batch",
        }[self]


WINDOW_BATCHES = 5
"""Batches a window; along the batch axis a window keeps its readings, at least the largest batch."""

BASE = Size("base", 10_000, 1_000, 1_000, 5_000, 2)
"""What stays fixed unless it was named: readings, sensors, batch, retain; short, so that a scan can climb high too."""

_VALUES: dict[Axis, tuple[int, ...]] = {
    Axis.READINGS: (5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000),
    Axis.SENSORS: (1, 2, 4, 8, 16, 32, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000),
    Axis.BATCH: (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000),
}
_QUICK_VALUES: dict[Axis, tuple[int, ...]] = {
    Axis.READINGS: (5_000, 10_000, 15_000, 25_000, 40_000, 60_000, 100_000),
    Axis.SENSORS: (1, 2, 4, 8, 16, 100, 1_000, 4_000),
    Axis.BATCH: (1, 5, 20, 100, 500, 2_000, 10_000),
}


@dataclass(frozen=True, slots=True)
class Ladder:
    """One axis with its sizes.

    Parameters
    ----------
    axis : Axis
    values : tuple of int
        Ascending, different.
    base : Size
        What all else is.
    """

    axis: Axis
    values: tuple[int, ...]
    base: Size

    @property
    def window(self) -> int:
        """Readings a window, the same at every size."""
        window = self.base.batch * WINDOW_BATCHES
        return max(window, self.values[-1]) if self.axis is Axis.BATCH else window

    def size(self, value: int) -> Size:
        """The size at `value`: whole windows of the same length, at least one.

        >>> ladder_of("readings", BASE).size(50_000).windows, ladder_of("batch", BASE).size(10).readings
        (10, 10000)
        """
        base, window = self.base, self.window
        if self.axis is Axis.READINGS:
            base = replace(base, readings=max(1, value))
        elif self.axis is Axis.SENSORS:
            base = replace(base, sensors=value)
        else:
            base = replace(base, batch=value, readings=max(base.readings, window))
        return replace(base, name=f"{self.axis}={value:,}", windows=max(1, round(base.readings / window)))


@dataclass(frozen=True, slots=True)
class Target:
    """The user's own size on an axis, at which a cost is foretold."""

    axis: Axis
    value: float


def base_of(given: Sequence[str]) -> Size:
    """`BASE` with some of its counts replaced.

    >>> base_of(["retain=1e6", "batch=100"])
    Size(name='base', readings=10000, sensors=1000, batch=100, retain=1000000, windows=2)
    """
    allowed = ("readings", "sensors", "batch", "retain")
    counts = dict(_named_count(text, allowed, "--with") for text in given)
    for name, count in counts.items():
        if count < (name != "retain"):
            raise UsageError(f"--with {name}={count}: expected 1 or more")
    kept = {name: counts.get(name, getattr(BASE, name)) for name in allowed}
    return Size(BASE.name, kept["readings"], kept["sensors"], kept["batch"], kept["retain"], BASE.windows)


def ladder_of(text: str, base: Size, *, quick: bool = False) -> Ladder:
    """An axis by its name, or with sizes of one's own.

    >>> ladder_of("sensors=1,10,100,1e3,1e4", BASE).values
    (1, 10, 100, 1000, 10000)

    Raises
    ------
    UsageError
        If there is no such axis, or the sizes are too few or no counts.
    """
    name, _, listed = text.partition("=")
    axis = _axis(name, "--by")
    if not listed:
        return Ladder(axis, (_QUICK_VALUES if quick else _VALUES)[axis], base)
    values = tuple(sorted({parse_count(value.strip()) for value in listed.split(",") if value.strip()}))
    if len(values) < LEAST_SIZES or values[0] < 1:
        raise UsageError(
            f"--by {text}: {len(values)} different sizes from {values[0] if values else 'none'} on; expected at least "
            f"{LEAST_SIZES} of 1 or more, as in --by {axis}=1,10,100,1e3,1e4"
        )
    return Ladder(axis, values, base)


def target_of(text: str) -> Target:
    """A size to foretell.

    >>> target_of("sensors=1e6")
    Target(axis=<Axis.SENSORS: 'sensors'>, value=1000000.0)
    """
    name, count = _named_count(text, tuple(Axis), "--at")
    if count < 1:
        raise UsageError(f"--at {text}: expected a size of 1 or more")
    return Target(Axis(name), float(count))


def _named_count(text: str, names: Sequence[str], option: str) -> tuple[str, int]:
    name, separator, count = text.partition("=")
    if not separator or name not in names:
        raise UsageError(f"{option} {text}: expected NAME=COUNT with one of {', '.join(names)}, as in {names[1]}=1e4")
    return name, parse_count(count)


def _axis(name: str, option: str) -> Axis:
    try:
        return Axis(name)
    except ValueError:
        raise UsageError(f"{option} {name}: no such axis; there are {', '.join(Axis)}") from None


def fixed_of(ladder: Ladder) -> Mapping[str, int]:
    """What stays the same along `ladder`, for the record."""
    base = ladder.base
    counts = {"readings": base.readings, "sensors": base.sensors, "batch": base.batch, "retain": base.retain}
    kept = {name: count for name, count in counts.items() if name != ladder.axis}
    if ladder.axis is not Axis.READINGS:
        kept.pop("readings")
    return {**kept, "window": ladder.window}
