"""Phases: the study's plan climbed step by step, and what each technique gains alone and in company."""

from functools import partial

from harness.results import Latency
from harness.units import figure
from reports.ablation import NAMES, Ladder, Rung, Technique, ladders
from reports.content import Block, Callout, Column, Figure, Items, Paragraph, Row, Section, Table, Value
from reports.load import Run
from reports.plots.waterfall import describe, waterfall
from reports.ranking import slug
from reports.study import study
from reports.tables import NOTHING, estimate, in_unit, make_table, number, text
from reports.text import COUNTS, MEBIBYTE, MILLION, SECONDS, Unit, common_unit, count, quantity, times

ORDER = 12
_ONE = Unit("", 1.0)


def build(run: Run) -> Section | None:
    """A subsection for each ladder; None where no ablation was made."""
    found = ladders(run)
    if not found:
        return None
    intro = Paragraph(
        "Before: a scan of all sensors and objects everywhere. Phase 1 adds a hash index and a ring buffer, phase 2 a"
        " pool and an arena, phase 3 compiled loops on vector registers. Each is the same implementation with switches,"
        " proved right and timed in turns with what it is compared with."
    )
    return Section("Phases", "phases", (intro, *map(_ladder, found)))


def _ladder(ladder: Ladder) -> Section:
    anchor = f"phases-{slug(ladder.workload)}-{ladder.sensors}"
    counts = ladder.rungs[0].cell.counts if ladder.rungs else {}
    about = (
        f"{count(counts.get('readings', 0), 'reading')} in batches of {counts.get('batch', 0):,}. " if counts else ""
    )
    if ladder.at_study_rate:
        about += (
            "The number of sensors was found by a search for the one at which the foot of the ladder does the study's"
            " 100,000 readings a second here, so that the steps compare with those claimed."
        )
    blocks: list[Block] = [Paragraph(about)] if about else []
    reached, foot = study().problem.reached_per_s, ladder.foot.per_s if ladder.foot else None
    if ladder.at_study_rate and foot and not foot.low <= reached <= foot.high:
        said = f"When it was measured in the end, it did {quantity(COUNTS, foot.median)} readings a second."
        blocks.append(Callout("note", "The machine was not as it was during the search", (said,)))
    if any(rung.per_s for rung in ladder.rungs):
        draw = partial(waterfall, ladder, f"plot-{anchor}")
        blocks.append(Figure(f"plot-{anchor}", "From phase to phase, on a log axis.", describe(ladder), draw))
    if ladder.rungs:
        blocks.append(_rungs(ladder))
    if ladder.approaches:
        blocks.append(_approaches(ladder))
    techniques = ladder.techniques()
    if techniques:
        blocks += [_techniques(techniques), Items(tuple(_reading(one) for one in techniques if one.interaction))]
    return Section(f"{ladder.sensors:,} sensors of {ladder.workload}", anchor, tuple(blocks))


def _rungs(ladder: Ladder) -> Table:
    service = common_unit(SECONDS, (rung.p99_s for rung in ladder.rungs))
    late = common_unit(SECONDS, (rung.gentle.p99_s if rung.gentle else None for rung in ladder.rungs))
    asked = common_unit(SECONDS, (one.p99_s for rung in ladder.rungs if (one := rung.cell.latency) and one.kept_up))
    gentle = next((rung.gentle.offered_per_s for rung in ladder.rungs if rung.gentle), 0.0)
    columns = (
        Column("Phase"),
        Column("Techniques"),
        Column("Throughput", "million readings/s", "number"),
        Column("Over before", "times", "number", "From pairs, with the interval of the mean"),
        Column("Over the phase below", "times", "number", "From pairs of their own"),
        Column("Peak memory", "MiB over runtime", "number"),
        Column("Call p99", service.name, "number", "Service time, closed loop"),
        Column("Latency p99", f"{late.name} at {quantity(COUNTS, gentle)}/s", "number", "Half of what the foot can do"),
        Column("Latency p99", f"{asked.name} at 1 M/s", "number", "The load that the study asks for"),
    )
    rows = [_rung(ladder, rung, service, late, asked) for rung in ladder.rungs]
    return make_table(f"The ladder at {ladder.sensors:,} sensors", columns, rows, sortable=False)


def _rung(ladder: Ladder, rung: Rung, service: Unit, late: Unit, asked: Unit) -> Row:
    head = (text(rung.name), text(", ".join(NAMES.get(name, name) for name in rung.on) or "none", tone="muted"))
    if not rung.cell.verified:
        return Row((*head, *[NOTHING] * 7), remark=f"{rung.cell.status}: {rung.cell.reason}", tone="muted")
    step = ladder.step(rung.name)
    return Row(
        (
            *head,
            estimate(rung.per_s, MILLION),
            estimate(rung.ratio, _ONE),
            estimate(step, _ONE),
            in_unit(rung.peak_bytes, MEBIBYTE),
            in_unit(rung.p99_s, service),
            _latency(rung.gentle, late),
            _latency(rung.cell.latency, asked),
        )
    )


def _latency(latency: Latency | None, unit: Unit) -> Value:
    if latency is None:
        return NOTHING
    if not latency.valid:  # the generator did not keep its own schedule
        return Value("not valid", tone="muted")
    if not latency.kept_up:
        return Value("fell behind", order=float("inf"), tone="bad")
    return in_unit(latency.p99_s, unit)


def _approaches(ladder: Ladder) -> Table:
    late = common_unit(SECONDS, (rung.cell.latency.p99_s if rung.cell.latency else None for rung in ladder.approaches))
    columns = (
        Column("Implementation"),
        Column("Approach"),
        Column("Throughput", "million readings/s", "number"),
        Column("Over before", "times", "number", "From pairs, with the interval of the mean"),
        Column("Peak memory", "MiB over runtime", "number"),
        Column("Latency p99", late.name, "number", "At the load that the study claims for the approach"),
        Column("Load", "readings/s", "number"),
    )
    rows = [_approach(rung, late) for rung in ladder.approaches]
    return make_table("Who stands for each approach of the study, against the same foot", columns, rows)


def _approach(rung: Rung, late: Unit) -> Row:
    head = (text(rung.name), text(rung.cell.approach or "", tone="muted"))
    if not rung.cell.verified:
        return Row((*head, *[NOTHING] * 5), remark=f"{rung.cell.status}: {rung.cell.reason}", tone="muted")
    latency = rung.cell.latency
    return Row(
        (
            *head,
            estimate(rung.per_s, MILLION),
            estimate(rung.ratio, _ONE),
            in_unit(rung.peak_bytes, MEBIBYTE),
            _latency(latency, late),
            text(quantity(COUNTS, latency.offered_per_s)) if latency else NOTHING,
        )
    )


def _techniques(techniques: tuple[Technique, ...]) -> Table:
    columns = (
        Column("Technique"),
        Column("Alone", "times as fast", "number", "Added to nothing"),
        Column("In company", "times as fast", "number", "Added last, to all others"),
        Column("Interaction", "times", "number", "What it gains in company over what it gains alone"),
        Column("Memory alone", "times", "number", "Peak with it over peak without it"),
        Column("Memory in company", "times", "number"),
        Column("Call p99 in company", "times", "number"),
    )
    rows = [
        Row(
            (
                text(NAMES.get(one.name, one.name)),
                estimate(one.alone, _ONE),
                estimate(one.company, _ONE),
                estimate(one.interaction, _ONE),
                number(one.memory_alone),
                number(one.memory_company),
                number(one.latency_company),
            )
        )
        for one in techniques
    ]
    return make_table("Each technique, alone and in company", columns, rows)


def _reading(one: Technique) -> str:
    """What a row says, in a sentence."""
    name = NAMES.get(one.name, one.name)
    assert one.alone is not None
    assert one.company is not None
    assert one.interaction is not None
    alone, company, ratio = times(one.alone.median), times(one.company.median), one.interaction
    if ratio.low <= 1 <= ratio.high:
        return f"{name}: {alone} alone, {company} in company: no interaction that these pairs could show."
    more, by = ("more", ratio.median) if ratio.median > 1 else ("less", 1 / ratio.median)
    return f"{name}: {alone} alone, {company} in company: {figure(by)} times {more} with the others there."
