"""Throughput: a ranking for each workload, with everything else that was measured beside it."""

import math
from collections.abc import Iterator
from functools import partial

from harness.results import Cell
from reports.content import Block, Column, Figure, Fold, Paragraph, Row, Section, Table, Value
from reports.load import Run
from reports.plots.throughput import describe, throughput
from reports.ranking import Place, Ranking, rankings
from reports.tables import NOTHING, estimate, in_unit, make_table, number, several, text
from reports.text import LONGEST, MEBIBYTE, MILLION, SECONDS, TIMES, Unit, common_unit, count, percent, shortened

ORDER = 20
_ONE = Unit("", 1.0)
_VERDICTS = {
    "faster": Value("▲ faster", order=3.0, tone="good"),
    "same": Value("= same", order=2.0),
    "inconclusive": Value("? inconclusive", order=1.0, tone="warn"),
    "slower": Value("▼ slower", order=0.0, tone="bad"),
}


def build(run: Run) -> Section | None:
    """A subsection for each workload and size."""
    found = rankings(run.cells)
    if not found:
        return None
    return Section("Throughput", "throughput", tuple(map(_ranking, found)))


def _ranking(ranking: Ranking) -> Section:
    anchor = f"throughput-{ranking.anchor}"
    blocks: list[Block] = [Paragraph(_about(ranking))]
    if ranking.ranked:
        caption = (
            f"Readings a second with their 95% intervals, ranked by {ranking.rule};"
            " a row without a mark has no verified figure, and says why."
        )
        draw = partial(throughput, ranking, f"plot-{anchor}")
        blocks.append(Figure(f"plot-{anchor}", caption, describe(ranking), draw))
    blocks.append(ranking_table(ranking))
    if ranking.ranked:
        blocks.append(Fold("How each was measured", (_measured(ranking),)))
    return Section(ranking.title, anchor, tuple(blocks))


def _about(ranking: Ranking) -> str:
    counts = next((p.cell.counts for p in ranking.places if p.cell.size == ranking.size and p.cell.counts), {})
    parts = ["Recorded readings." if ranking.is_real else "Generated readings."]
    if {"readings", "sensors", "batch", "retain"} <= counts.keys():
        parts.append(
            f"{count(counts['readings'], 'reading')} of {count(counts['sensors'], 'sensor')}"
            f" in batches of {counts['batch']:,}, the newest {counts['retain']:,} retained."
        )
    if len(ranking.ranked) > 1:
        parts.append(f"Ranked by {ranking.rule}.")
    parts.extend(f"{note[:1].upper()}{note[1:]}." for note in _common(ranking))
    if ranking.digest:
        parts.append(f"Digest {ranking.digest[:12]}.")
    return " ".join(parts)


def ranking_table(ranking: Ranking) -> Table:
    """The ranking with all that was measured of each cell."""
    cells = [place.cell for place in ranking.places]
    baselines = {cell.speed_up.baseline for cell in cells if cell.speed_up}
    baseline = baselines.pop() if len(baselines) == 1 else None
    latency = common_unit(SECONDS, map(_p99_s, cells))
    columns = (
        Column("#", kind="number", meaning=f"Rank among the verified, by {ranking.rule}"),
        Column("Implementation", "approach"),
        Column("Threads", kind="number"),
        Column("Throughput", "million readings/s", "number",
               "Mean over fresh processes, with its 95% interval"),
        Column("Speed-up", f"times {baseline}" if baseline else "times the baseline", "number",
               "Ratio of paired times, with the interval of its mean"),
        Column("Verdict", f"against {baseline}" if baseline else "", meaning="By the interval against a band of ±1%"),
        Column("Detectable", "%", "number", "Smallest difference these pairs could have shown"),
        Column("Peak memory", "MiB over runtime", "number", "While it works, history() not included"),
        Column("Latency p99", latency.name, "number", "From intended arrival, open loop"),
        Column("First answer", "s", "number", "From start to the first value in a fresh process, compilation included"),
        Column("Of the limit", "%", "number", "Bytes that must move, over this machine's copy bandwidth"),
        Column("Notes"),
    )  # fmt: skip
    threads = several(cells, lambda cell: cell.threads) or any(cell.threads != 1 for cell in cells)
    rows = [_row(ranking, place, latency, baseline is None, threads) for place in ranking.places]
    return make_table(f"Ranking on {ranking.title}", columns, rows, header=1)


def _row(ranking: Ranking, place: Place, latency: Unit, name_baseline: bool, threads: bool) -> Row:
    cell = place.cell
    head = (
        number(place.rank, "{:.0f}".format),
        text(cell.implementation, cell.approach or ""),
        number(cell.threads, "{:.0f}".format) if threads else NOTHING,
    )
    if not cell.verified:
        return Row((*head, *[NOTHING] * 9), remark=shortened(place.unranked or "", LONGEST), tone="muted")
    return Row(
        (
            *head,
            estimate(cell.throughput.per_s, MILLION) if cell.throughput else NOTHING,
            *_compared(cell, name_baseline),
            in_unit(cell.memory.peak_bytes if cell.memory else None, MEBIBYTE),
            in_unit(_p99_s(cell), latency),
            number(cell.set_up.first_answer_s if cell.set_up else None),
            _limit(cell),
            text("; ".join(_notes(place, _common(ranking)))),
        ),
        tone="good" if place.rank == 1 else "",
    )


def _p99_s(cell: Cell) -> float | None:
    """The latency of what kept up; behind a growing queue there is none, only how long it was watched."""
    found = cell.latency
    return found.p99_s if found and found.valid and found.kept_up else None


def _compared(cell: Cell, name_baseline: bool) -> tuple[Value, Value, Value]:
    found = cell.speed_up
    if found is None:
        return NOTHING, NOTHING, NOTHING
    ratio = estimate(found.ratio, _ONE)
    verdict = _VERDICTS.get(found.verdict or "", text(found.verdict))
    if name_baseline:
        ratio = Value(ratio.text, f"{ratio.detail} {TIMES} {found.baseline}", ratio.order)
    return ratio, verdict, number(found.detectable, lambda share: percent(share).removesuffix("%"))


def _limit(cell: Cell) -> Value:
    share = cell.throughput.roofline_share if cell.throughput else None
    return number(share, lambda known: percent(known).removesuffix("%"), "bad" if share and share > 1 else "")


def _common(ranking: Ranking) -> tuple[str, ...]:
    """The notes that all ranked cells of several have: said once, above the table."""
    ranked = [place.cell.notes for place in ranking.ranked]
    return tuple(note for note in ranked[0] if all(note in notes for notes in ranked)) if len(ranked) > 1 else ()


def _notes(place: Place, common: tuple[str, ...]) -> Iterator[str]:
    """What qualifies a verified cell's figures, beside what is said of all."""
    cell, speed = place.cell, place.cell.throughput
    if place.unranked:
        yield f"no rank: {place.unranked}"
    if place.tied_with:
        yield f"not told apart from {place.tied_with}"
    if speed and speed.steady is False:
        yield f"not steady: {speed.trend or 'most warm-ups still trended over their last half'}"
    if speed and not speed.history_full:
        yield "history was not yet full"
    if speed and speed.roofline_share and speed.roofline_share > 1:
        yield "faster than the copy bandwidth allows: doubtful"
    if cell.latency and not cell.latency.valid:
        yield "latency not valid: the generator fell behind"
    if cell.latency and cell.latency.valid and not cell.latency.kept_up:
        yield "did not keep up with the offered load"
    yield from (note for note in cell.notes if note != place.unranked and note not in common)


_MEASURED = (
    Column("Implementation"),
    Column("Samples", kind="number"),
    Column("Pairs", kind="number"),
    Column("Processes", kind="number", meaning="Fresh ones; a baseline's may have stayed for several pairs"),
    Column("A sample", "readings", "number"),
    Column("A sample", "windows", "number"),
    Column("Warm-up", "s", "number"),
    Column("Warm-up", "calls", "number"),
    Column("Start", "s", "number"),
    Column("Working set", "MiB", "number"),
    Column("Fits in"),
    Column("Confidence", "%", "number"),
    Column("Lowest pair", "times the baseline", "number"),
    Column("Highest pair", "times the baseline", "number"),
)


def _measured(ranking: Ranking) -> Table:
    whole = "{:,.0f}".format
    rows = []
    for place in (*ranking.ranked, *(p for p in ranking.places if p.rank is None and p.cell.verified)):
        cell, speed, versus = place.cell, place.cell.throughput, place.cell.speed_up
        if speed is None:
            continue
        ratios = [math.exp(-effect) for effect in versus.effects] if versus else []
        start_s = speed.start_s if speed.start_s is not None else cell.set_up.start_s if cell.set_up else None
        rows.append(
            Row(
                (
                    text(cell.implementation),
                    number(speed.samples, whole),
                    number(speed.pairs or None, whole),
                    number(len(speed.ns_by_process) or None, whole),
                    number(speed.readings_per_sample, whole),
                    number(speed.windows_per_sample, whole),
                    number(speed.warm_up_s),
                    number(speed.warm_up_calls, whole),
                    number(start_s),
                    in_unit(speed.working_set_bytes, MEBIBYTE),
                    text(speed.fits),
                    number(versus.confidence * 100 if versus else None, "{:.2f}".format),
                    number(min(ratios, default=None)),
                    number(max(ratios, default=None)),
                )
            )
        )
    return make_table(f"Samples and pairs on {ranking.title}", _MEASURED, rows)
