"""Capacity: how much load is too much."""

from harness.results import Capacity, Cell
from harness.units import figure
from reports.content import Block, Column, Fold, Paragraph, Row, Section, Table, Value
from reports.load import Run
from reports.load_figures import load_figure
from reports.ranking import slug, where
from reports.tables import grouped, in_unit, make_table, number, text
from reports.text import MILLION, SECONDS, in_words, quantity, span

ORDER = 52


def build(run: Run) -> Section | None:
    """Capacities by workload and objective, with every load that was tried."""
    found = [(cell, cell.capacity) for cell in run.cells if cell.verified and cell.capacity]
    return _capacity(found) if found else None


def _capacity(found: list[tuple[Cell, Capacity]]) -> Section:
    blocks: list[Block] = []
    for (place, objective), some in grouped(found, lambda item: (where(item[0]), _objective(item[1]))):
        able = sorted(((c.per_s, cell.implementation) for cell, c in some if c.per_s is not None), reverse=True)
        none = [cell.implementation for cell, capacity in some if capacity.per_s is None]
        best = f"{able[0][1]} sustains most, {in_words(able[0][0])} readings/s" if able else "nothing was sustained"
        without = f"; without a load that was sustained: {', '.join(none)}" if none and able else ""
        blocks.append(Paragraph(f"On {place}, {objective}: {best}{without}."))
        figure_ = load_figure(some, place, f"plot-capacity-{slug(f'{place} {objective}')}")
        blocks.extend([figure_] if figure_ is not None else [])
    columns = (
        Column("Implementation"),
        Column("Workload"),
        Column("Capacity", "million readings/s", "number", "The highest load that is sustainable within the objective"),
        Column("Objective"),
        Column("Not sustained", "million readings/s", "number", "The lowest load above it that was tried and failed"),
        Column("Because"),
    )
    rows = [
        Row(
            (
                text(cell.implementation),
                text(where(cell)),
                number(capacity.per_s, lambda value: figure(MILLION.of(value))),
                text(_objective(capacity)),
                in_unit(capacity.details.get("failed_per_s"), MILLION),
                text(capacity.details.get("limit"), tone="muted"),
            )
        )
        for cell, capacity in sorted(found, key=lambda item: (item[0].workload, -(item[1].per_s or 0.0)))
    ]
    blocks.append(make_table("Capacity: the highest sustainable load", columns, rows))
    steps = _steps(found)
    if steps:
        blocks.append(Fold("Every load that was tried", (steps,)))
    return Section("Capacity", "capacity", tuple(blocks))


def _objective(capacity: Capacity) -> str:
    name = "longest" if capacity.slo_percentile == 100 else f"p{capacity.slo_percentile:g}"
    return f"{name} within {quantity(SECONDS, capacity.slo_s)}"


def _steps(found: list[tuple[Cell, Capacity]]) -> Table | None:
    columns = (
        Column("Implementation"),
        Column("Workload"),
        Column("Offered", "million readings/s", "number"),
        Column("Sustained"),
        Column("p99", "ms", "number", "Lowest to highest of the repetitions"),
        Column("Backlog grows", "of the load", "number", "Upper 95% bound, highest of the repetitions"),
        Column("Faults", meaning="Of the repetitions that do not count as sustained"),
    )
    rows = []
    for cell, capacity in found:
        tried = (*capacity.details.get("ramp", ()), *capacity.details.get("steps", ()))
        for step in sorted(tried, key=lambda step: step["offered_per_s"]):
            offered = step["offered_per_s"]
            times_ms = sorted(1e3 * one["p99_s"] for one in step["repetitions"] if one["p99_s"] is not None)
            growth = [one["slope_upper_per_s"] for one in step["repetitions"] if one["slope_upper_per_s"] is not None]
            rows.append(
                Row(
                    (
                        text(cell.implementation),
                        text(where(cell)),
                        in_unit(offered, MILLION),
                        Value("yes", tone="good") if step["sustained"] else Value("no", tone="bad"),
                        Value(span(times_ms[0], times_ms[-1]), order=times_ms[-1]) if times_ms else Value(),
                        number(max(growth) / offered if growth else None, lambda share: f"{100 * share:.2g}%"),
                        text("; ".join(dict.fromkeys(fault for fault in step["faults"] if fault))),
                    )
                )
            )
    return make_table("Loads that were tried", columns, rows) if rows else None
