"""Channels: how many readings a second they carry from one process to another, and how soon."""

from functools import partial

from harness.results import Carried, ChannelResult
from harness.units import figure
from reports.channel_results import channel_results
from reports.content import Block, Callout, Column, Figure, Paragraph, Row, Section, Table, Value
from reports.load import Run
from reports.plots.channels import carried_plot, hand_over_plot
from reports.tables import estimate, in_unit, make_table, text
from reports.text import DASH, MILLION, SECONDS, Unit, common_unit, quantity, span, times

ORDER = 55


def build(run: Run) -> Section | None:
    """Readings a second by length of batch, then hand-over; an unverified channel has no figure, but a reason."""
    results = channel_results(run)
    good = [result for result in results if result.verified]
    bad = [f"{result.channel}: {result.status}: {result.reason}" for result in results if not result.verified]
    if not results:
        return None
    blocks: list[Block] = [
        Paragraph(
            "From one process to another, each on a CPU of its own. Every channel was proved first: nothing lost,"
            " doubled, reordered or torn, a killed side noticed. The consumer reads every bit that it is handed, and"
            " every timed reading was proved by its sum."
        )
    ]
    if bad:
        blocks.append(Callout("danger", "Without a figure", tuple(bad)))
    timed = sorted((result for result in good if result.carried), key=_slowest_first, reverse=True)
    if timed:
        blocks += [_carried_figure(timed), _carried_table(timed)]
    late = sorted((result for result in good if result.hand_over), key=_p99_s)
    if late:
        blocks += [_hand_over_figure(late), _hand_over_table(late)]
    notes = [f"{result.channel}: {note}" for result in good for note in result.notes]
    if notes:
        blocks.append(Callout("note", "What qualifies these figures", tuple(notes)))
    return Section("Channels", "channels", tuple(blocks))


def _slowest_first(result: ChannelResult) -> float:
    return max(one.per_s.median for one in result.carried)


def _p99_s(result: ChannelResult) -> float:
    late = result.hand_over
    return late.p99_s if late is not None and late.p99_s is not None else float("inf")


def _carried_figure(results: list[ChannelResult]) -> Figure:
    words = "; ".join(
        f"{result.channel} {figure(MILLION.of(one.per_s.median))} million readings/s in batches of {one.batch:,}"
        for result in results
        for one in result.carried
    )
    alt = f"Readings a second through each channel, by length of batch: {words}."
    draw = partial(carried_plot, results, alt, "plot-channels-carried")
    caption = "Readings a second through each channel, with their 95% intervals; one row a length of batch."
    return Figure("plot-channels-carried", caption, alt, draw)


def _carried_table(results: list[ChannelResult]) -> Table:
    columns = (
        Column("Channel"),
        Column("Batch", "readings", "number", "Readings put in by one call"),
        Column("Carried", "million readings/s", "number", "Mean over fresh processes, with its 95% interval"),
        Column("Speed-up", kind="number", meaning="From pairs of fresh processes that took turns with the baseline"),
        Column("Verdict"),
        Column("Proved", "million readings", "number", "Timed readings that were proved by their sum"),
    )
    rows = [_carried_row(result, one) for result in results for one in result.carried]
    return make_table("Readings a second from one process to another", columns, rows)


def _carried_row(result: ChannelResult, one: Carried) -> Row:
    ratio = one.speed_up
    factor, verdict = Value(), Value()
    if ratio is not None:
        factor = Value(times(ratio.ratio.median), span(ratio.ratio.low, ratio.ratio.high), order=ratio.ratio.median)
        verdict = text(ratio.verdict, f"than {ratio.baseline}" if ratio.verdict else "")
    return Row(
        (
            text(result.channel),
            Value(f"{one.batch:,}", order=one.batch),
            estimate(one.per_s, MILLION),
            factor,
            verdict,
            in_unit(float(one.checked), MILLION),
        )
    )


def _hand_over_figure(results: list[ChannelResult]) -> Figure:
    words = "; ".join(
        f"{result.channel} {quantity(SECONDS, late.p50_s)} at the median, {quantity(SECONDS, late.p99_s or late.max_s)}"
        " at the 99th percentile"
        for result in results
        if (late := result.hand_over) is not None
    )
    alt = f"How long a batch takes from the producer to the consumer: {words}."
    draw = partial(hand_over_plot, results, alt, "plot-channels-hand-over")
    return Figure("plot-channels-hand-over", "Hand-over: how soon a batch is on the other side.", alt, draw)


def _wait(wait_s: float | None, unit: Unit) -> Value:
    """A time; a dash where so few were taken that it is not known."""
    return in_unit(wait_s, unit) if wait_s is not None else Value(DASH)


def _hand_over_table(results: list[ChannelResult]) -> Table:
    found = [(result, result.hand_over) for result in results if result.hand_over is not None]
    unit = common_unit(SECONDS, (late.p99_s for _, late in found))
    columns = (
        Column("Channel"),
        Column("p50", unit.name, "number"),
        Column("p99", unit.name, "number"),
        Column("p99.9", unit.name, "number", "From 10,000 hand-overs on"),
        Column("Longest", unit.name, "number"),
        Column("Hand-overs", kind="number"),
    )
    rows = [
        Row(
            (
                text(result.channel),
                *(_wait(wait_s, unit) for wait_s in (late.p50_s, late.p99_s, late.p999_s, late.max_s)),
                Value(f"{late.count:,}", order=late.count),
            )
        )
        for result, late in found
    ]
    batch, rate = found[0][1].batch, found[0][1].offered_per_s
    title = f"Hand-over of batches of {batch:,} at {figure(MILLION.of(rate))} million readings/s"
    return make_table(title, columns, rows)
