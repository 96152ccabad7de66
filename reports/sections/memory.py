"""Memory: three figures, never one for another."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from harness.results import Cell, Memory
from harness.units import figure
from reports.content import Block, Column, Figure, Fold, Paragraph, Row, Section, Table, Value
from reports.fixed_cost import is_fixed_cost
from reports.load import Run
from reports.plots.bars import Bar, bars
from reports.plots.curves import Axis, Curve, curve_plot
from reports.ranking import Ranking, rankings
from reports.tables import in_unit, make_table, number, text
from reports.text import BYTES, DECIMAL_BYTES, MEBIBYTE, SECONDS, quantity, round_number, round_quantity

ORDER = 30

_COLUMNS = (
    Column("Implementation"),
    Column("Size", meaning="What was measured, where it is not what was asked for"),
    Column("Runtime", "MiB", "number", "Interpreter, imports and compiled code, after a tiny instance has worked"),
    Column("Peak over runtime", "MiB", "number", "While the real instance starts and works"),
    Column("Bytes a retained reading", "bytes", "number", "Peak over runtime, divided by what is retained"),
    Column("History, as handed out", "MiB", "number", "The copy that history() makes, beyond the peak"),
    Column("Retained", "MiB", "number", "After a garbage collection"),
    Column("Allocations", "a batch", "number", "Of 512 bytes and more, by the implementation, in steady state"),
    Column("Smaller ones", "a batch", "number", "By the implementation; Numba's headers of arguments are among them"),
    Column("Children", "MiB", "number", "Of the peak, in processes of its own"),
    Column("Mapped", "MiB", "number", "Touched pages of mapped files, not in the peak"),
    Column("On the device", "MiB", "number", "Memory of the GPU, not in the peak"),
    Column("GC pauses", "a million readings", "number", "Garbage collections in steady state"),
    Column("Longest pause", "ms", "number", "Of the garbage collector in steady state"),
    Column("Pauses in all", "ms a million readings", "number", "Of the garbage collector in steady state"),
)
_LEAST_DRAWN_BYTES = 1e5
"""What the line over time begins at: below it a log scale would show nothing but pages."""

_MILLION = 1e6


def build(run: Run) -> Section | None:
    """A subsection for each ranking in which memory was measured."""
    found = tuple(part for ranking in rankings(run.cells) if (part := _ranking(ranking)))
    if not found:
        return None
    intro = Paragraph(
        "Peak is what the work adds to the runtime; the two are never mixed. The input is mapped and counts for nobody."
        " Measured in passes of their own, never while timing."
    )
    return Section("Memory", "memory", (intro, *found))


def _ranking(ranking: Ranking) -> Section | None:
    cells = [p.cell for p in ranking.places if p.cell.verified and p.cell.memory is not None]
    if not cells:
        return None
    cells.sort(key=lambda cell: (_peak(cell) is None, _peak(cell) or 0))
    anchor = f"memory-{ranking.anchor}"
    blocks: list[Block] = []
    drawn = [cell for cell in cells if _peak(cell) is not None]
    if drawn:
        rows = [_bar(cell, ranking) for cell in drawn]
        alt = f"Peak memory over runtime on {ranking.title}: " + ", ".join(f"{r.name} {r.shown} MiB" for r in rows)
        draw = partial(bars, rows, "peak over runtime, MiB", "MiB", round_number, f"{alt}.", f"plot-{anchor}")
        blocks.append(Figure(f"plot-{anchor}", "Peak over runtime, least first.", alt, draw))
    blocks.append(_table(cells, ranking))
    timed = [cell for cell in cells if _course(cell)]
    if timed:
        took = ", ".join(f"{cell.implementation} {quantity(SECONDS, _took_s(cell))}" for cell in timed)
        said = Paragraph(f"Each over its own time, while the history fills and after it: {took}.")
        blocks.append(Fold("Memory over time", (_over_time(timed, ranking, f"plot-{anchor}-over-time"), said)))
    return Section(ranking.title, anchor, tuple(blocks))


def _peak(cell: Cell) -> int | None:
    return cell.memory.peak_bytes if cell.memory else None


def _bar(cell: Cell, ranking: Ranking) -> Bar:
    amount = MEBIBYTE.of(_peak(cell) or 0)
    at = f" at {cell.size}" if cell.size != ranking.size else ""
    return Bar(cell.implementation + at, amount, figure(amount), cell.approach)


def _over_time(cells: list[Cell], ranking: Ranking, name: str) -> Figure:
    curves = [Curve(cell.implementation, cell.approach, _course(cell)) for cell in cells]
    title = f"Resident memory over the runtime on {ranking.title}, from the start on"
    alt = f"{title}, of {', '.join(cell.implementation for cell in cells)}."
    x = Axis("share of the time of the pass", "{:.0%}".format, "linear")
    y = Axis("over runtime, log scale", partial(round_quantity, DECIMAL_BYTES))
    return Figure(name, f"{title}.", alt, partial(curve_plot, curves, x, y, alt, name))


def _took_s(cell: Cell) -> float:
    return float(cell.memory.details["over_time"]["seconds"][-1]) if cell.memory else 0.0


def _course(cell: Cell) -> tuple[tuple[float, float], ...]:
    """Shares of the time and bytes over the runtime; empty where there are too few."""
    memory = cell.memory or Memory()
    found = memory.details.get("over_time")
    if not isinstance(found, Mapping) or memory.runtime_bytes is None or len(found["seconds"]) < 3:
        return ()
    whole_s = found["seconds"][-1]
    pairs = zip(found["seconds"], found["resident_bytes"], strict=True)
    return tuple((second / whole_s, max(_LEAST_DRAWN_BYTES, size - memory.runtime_bytes)) for second, size in pairs)


def _table(cells: list[Cell], ranking: Ranking) -> Table:
    rows = []
    for cell in cells:
        memory = cell.memory or Memory()
        retain = 0 if is_fixed_cost(cell) else cell.counts.get("retain")
        slope = memory.peak_bytes / retain if memory.peak_bytes is not None and retain else None
        values = (
            text(cell.implementation),
            text(cell.size if cell.size != ranking.size else None),
            in_unit(memory.runtime_bytes, MEBIBYTE),
            in_unit(memory.peak_bytes, MEBIBYTE),
            number(slope),
            in_unit(memory.history_bytes, MEBIBYTE),
            in_unit(memory.retained_bytes, MEBIBYTE),
            number(memory.allocations_per_batch),
            number(_small_allocations(memory)),
            _children(memory),
            in_unit(_detail(memory, "mapped_bytes") or None, MEBIBYTE),
            in_unit(_detail(memory, "device_bytes"), MEBIBYTE),
            number(_per_million(memory, "count")),
            in_unit(_detail(memory, "steady_gc_pauses", "longest_s"), SECONDS[1]),
            in_unit(_per_million(memory, "total_s"), SECONDS[1]),
        )
        rows.append(Row(values))
    return make_table(f"Memory on {ranking.title}", _COLUMNS, rows)


def _children(memory: Memory) -> Value:
    """What child processes add, and which they are, each with its share of what is shared."""
    added = in_unit(_detail(memory, "children_bytes") or None, MEBIBYTE)
    shares = memory.details.get("children")
    if not added.text or not isinstance(shares, Mapping):
        return added
    return replace(added, detail=", ".join(f"{name} {quantity(BYTES, share)}" for name, share in shares.items()))


def _per_million(memory: Memory, name: str) -> float | None:
    """A count or time of the collector's pauses in steady state, a million readings."""
    found, readings = _detail(memory, "steady_gc_pauses", name), _detail(memory, "steady_gc_pauses", "readings")
    return None if found is None or not readings else found * _MILLION / readings


def _small_allocations(memory: Memory) -> float | None:
    found, batches = _detail(memory, "allocations", "own_small"), _detail(memory, "allocations", "batches")
    return None if found is None or not batches else found / batches


def _detail(memory: Memory, *names: str) -> float | None:
    found: object = memory.details
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, int | float) else None
