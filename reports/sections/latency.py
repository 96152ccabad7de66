"""Latency: what a reading waits under load, and whether the study's target is met."""

from collections.abc import Sequence

from harness.results import Cell, Latency
from reports.content import Block, Column, Items, Paragraph, Rich, Row, Section, Table, Value, strong
from reports.load import Run
from reports.load_figures import backlog_figure, tail_figure
from reports.ranking import slug, where
from reports.tables import grouped, in_unit, make_table, number, text
from reports.target import Verdict, judge, loads_of, wanted
from reports.text import COUNTS, MILLION, SECONDS, Unit, common_unit, count, quantity, span, times

ORDER = 50


def build(run: Run) -> Section | None:
    """The study's target, then latency at the offered load; only what was measured."""
    cells = [cell for cell in run.cells if cell.verified]
    late = [(cell, cell.latency) for cell in cells if cell.latency]
    verdicts = [verdict for cell in cells if (verdict := judge(cell, loads_of(run, cell)))]
    if not verdicts:
        return None
    blocks: list[Block] = [
        Paragraph(
            "Open loop: readings arrive when they were meant to, whether or not the implementation is ready, and a"
            " reading's latency counts from its intended arrival. A stall counts against every reading it delayed."
        )
    ]
    blocks.append(_target(verdicts))
    if late:
        blocks.append(_latency(late))
    return Section("Latency", "latency", tuple(blocks))


def _target(verdicts: Sequence[Verdict]) -> Section:
    items: list[Rich] = []
    for place, some in grouped(verdicts, lambda verdict: where(verdict.cell)):
        met = sorted((one for one in some if one.met), key=lambda one: -(one.load_margin or 0.0))
        missed = [one for one in some if one.met is False]
        unknown = [one for one in some if one.met is None]
        parts: list[str] = [", ".join(f"{one.cell.implementation}{_margin_words(one)}" for one in met) or "none"]
        if missed:
            parts.append("short of it: " + ", ".join(f"{v.cell.implementation} ({_short(v)})" for v in missed))
        if unknown:
            parts.append("not known: " + ", ".join(f"{v.cell.implementation} ({v.why})" for v in unknown))
        items.append((strong(f"{len(met)} of {len(some)} meet it"), f" on {place}: {'; '.join(parts)}."))
    columns = (
        Column("Implementation"),
        Column("Workload"),
        Column("Meets it"),
        Column("Load", "times the target", "number", "Capacity within the study's latency, over the study's load"),
        Column("Latency", "times better", "number", "The study's latency, over p99 at the study's load"),
        Column("By"),
    )
    shown = {True: Value("yes", tone="good"), False: Value("no", tone="bad"), None: text("not known", tone="muted")}
    rows = [
        Row(
            (
                text(one.cell.implementation),
                text(where(one.cell)),
                shown[one.met],
                number(one.load_margin),
                number(one.latency_margin),
                text(one.why, tone="muted"),
            )
        )
        for one in sorted(verdicts, key=lambda one: (where(one.cell), -(one.load_margin or 0.0)))
    ]
    wants = Paragraph(f"The study wants {wanted()}.")
    return Section(
        "The study's target", "latency-target", (wants, Items(tuple(items)), make_table("The target", columns, rows))
    )


def _margin_words(verdict: Verdict) -> str:
    if verdict.load_margin is not None:
        return f" ({times(verdict.load_margin)} the load)"
    return f" (p99 {times(verdict.latency_margin)} better)" if verdict.latency_margin is not None else ""


def _short(verdict: Verdict) -> str:
    return f"{times(verdict.load_margin)} the load" if verdict.load_margin is not None else verdict.why


def _latency(found: list[tuple[Cell, Latency]]) -> Section:
    blocks: list[Block] = []
    for (place, offered_per_s), some in grouped(found, lambda item: (where(item[0]), item[1].offered_per_s)):
        valid = [(cell, latency) for cell, latency in some if latency.valid]
        title = f"{place} at {quantity(COUNTS, offered_per_s)}/s"
        name = f"plot-latency-{slug(title)}"
        up = sorted((latency.p99_s or 0.0, cell.implementation) for cell, latency in valid if latency.kept_up)
        down = [cell.implementation for cell, latency in valid if not latency.kept_up]
        best = f"least p99: {up[0][1]}, {quantity(SECONDS, up[0][0])}" if up else "nothing kept up"
        behind = f"; fell behind: {', '.join(down)}" if down else ""
        said = f"On {title}, {count(len(up), 'implementation')} kept up; {best}{behind}."
        blocks.append(Paragraph(said if up else f"On {title}, {best}{behind}."))
        figures = (tail_figure(valid, title, f"{name}-tail"), backlog_figure(valid, title, f"{name}-backlog"))
        blocks.extend(one for one in figures if one is not None)
    blocks.append(_latency_table(found))
    return Section("Latency at the offered load", "latency-offered", tuple(blocks))


def _latency_table(found: list[tuple[Cell, Latency]]) -> Table:
    up = [latency.p99_s for _, latency in found if latency.valid and latency.kept_up]
    unit = common_unit(SECONDS, up or [latency.p99_s for _, latency in found])
    columns = (
        Column("Implementation"),
        Column("Workload"),
        Column("Offered", "million readings/s", "number"),
        Column("p50", unit.name, "number"),
        Column("p99", unit.name, "number", "Median of the repetitions, and the lowest to the highest"),
        Column("p99.9", unit.name, "number", "From 10,000 readings on"),
        Column("Longest", unit.name, "number"),
        Column("Kept up"),
        Column("Generator", unit.name, "number", "How late it was itself, at its p99.9, where it was idle"),
        Column("Idle loop", unit.name, "number", "The longest stall of a loop that does nothing, in the same minutes"),
    )
    rows = []
    for cell, latency in sorted(found, key=lambda item: (item[0].workload, item[1].p99_s or float("inf"))):
        head = (text(cell.implementation), text(where(cell)), in_unit(latency.offered_per_s, MILLION))
        if not latency.valid:
            why = latency.details.get("invalid") or "the generator itself was late"
            remedy = (
                "; a quieter machine (sensorbench doctor), --seconds or --repeat may mend it" if "late" in why else ""
            )
            rows.append(Row((*head, *[Value()] * 7), f"not valid: {why}{remedy}", "muted"))
            continue
        kept = Value("yes", tone="good") if latency.kept_up else Value("no", tone="bad")
        stalls = latency.details.get("stalls") or {}
        rows.append(
            Row(
                (
                    *head,
                    in_unit(latency.p50_s, unit),
                    _with_spread(latency, unit),
                    in_unit(latency.p999_s, unit),
                    in_unit(latency.max_s, unit),
                    kept,
                    in_unit(latency.details.get("slip_p999_s"), unit),
                    in_unit(stalls.get("longest_s"), unit),
                )
            )
        )
    return make_table("Latency from intended arrival to hand-back", columns, rows)


def _with_spread(latency: Latency, unit: Unit) -> Value:
    """p99 with the lowest and the highest of the valid repetitions."""
    found = [one["p99_s"] for one in latency.details.get("repetitions", ()) if one.get("invalid") is None]
    known = sorted(unit.of(time_s) for time_s in found if time_s is not None)
    value = in_unit(latency.p99_s, unit)
    return value if len(known) < 2 else Value(value.text, span(known[0], known[-1]), value.order)
