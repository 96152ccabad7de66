"""Workloads so small that what is measured on them is the fixed cost of a pass, which says nothing of a reading."""

from collections.abc import Iterable

from harness.results import Cell

LEAST_READINGS = 1_000
"""Readings a window from which on they, and not what a window costs by itself, take most of the time."""

MEANING = f"fewer than {LEAST_READINGS:,} readings a window: what is measured is the fixed cost of a pass"


def is_fixed_cost(cell: Cell) -> bool:
    """Whether the windows of a cell are too short for figures a reading.

    >>> from dataclasses import replace
    >>> from harness.results import Cell, Status
    >>> cell = Cell("simd", "replay:day.csv", "recording", "recording", None, 1, Status.OK, None)
    >>> [is_fixed_cost(replace(cell, counts={"readings": 3_000, "windows": windows})) for windows in (1, 3, 10)]
    [False, False, True]
    """
    readings = cell.counts.get("readings")
    return readings is not None and readings < LEAST_READINGS * cell.counts.get("windows", 1)


def telling(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Those of `cells` whose figures say something of a reading."""
    return tuple(cell for cell in cells if not is_fixed_cost(cell))
