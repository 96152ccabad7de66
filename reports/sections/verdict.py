"""The first screen: the verdict, what casts doubt on it, the run at a glance, the fastest on each workload."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from harness.results import Level
from harness.units import figure
from reports.ablation import Ladder, ladders
from reports.content import Block, Column, Headline, Rich, Row, Section, Span, Tile, Tiles, Tone, Value, strong
from reports.doubts import doubts
from reports.fixed_cost import MEANING
from reports.holdings import holding_sentence, holdings
from reports.load import Run
from reports.ranking import rankings, status_words
from reports.tables import NOTHING, estimate, make_table, text
from reports.text import BYTES, MILLION, Unit, count, duration, listed, moment, quantity, span
from reports.verdict import Verdict, sentence, verdicts

ORDER = 10

_LEVELS = {
    Level.QUICK: "3 pairs: intervals, no verdicts",
    Level.DEFAULT: "pairs until the interval is within ±5%",
    Level.RIGOROUS: "pairs until the interval is within ±1%",
}


def build(run: Run) -> Section:
    """The verdict of `run`, or what it holds instead; at least that there is none."""
    found = verdicts(run)
    blocks: list[Block] = [_headline(run, found), *doubts(run)]
    if glance := _glance(run):
        blocks.append(Tiles(glance))
    if len(rankings(run.cells)) > 1:
        blocks.append(_winners(run))
    return Section("Verdict", "verdict", tuple(blocks))


def _headline(run: Run, found: tuple[Verdict, ...]) -> Headline:
    climbed = [ladder for ladder in ladders(run) if ladder.top and ladder.top.ratio] if not run.cells else []
    if climbed:
        return Headline(_ladder_sentence(climbed[0]))
    details: list[Rich] = []
    if found and found[0].tied:
        details.append(f"Not told apart from {listed(found[0].tied)}: their intervals overlap.")
    if found and found[0].outrun:
        details.append(
            f"Ranked by {found[0].ranking.rule}, which take turns; {listed(found[0].outrun)} did more readings/s,"
            " but in other minutes."
        )
    without = Counter(status_words(cell) for cell in run.cells if not cell.verified)
    if without:
        noun = count(without.total(), "cell has", "cells have")
        kinds = ", ".join(f"{number} {words}" for words, number in without.most_common())
        details.append((f"{noun} no figure, because not proved right: {kinds} (", Span("why", anchor="failures"), ")."))
    return Headline(sentence(found[0]) if found else _instead(run), tuple(details))


def _instead(run: Run) -> Rich:
    """What there is to say of a run that names nobody the fastest."""
    if any(cell.verified and cell.throughput for cell in run.cells):
        return f"No verdict: {MEANING}."
    if held := holdings(run):
        return holding_sentence(held)
    return "No verdict: " + (
        "no implementation was both proved right and timed." if run.cells else "this run holds no cell."
    )


def _ladder_sentence(ladder: Ladder) -> Rich:
    """What a run that holds a ladder and no cell of its own comes down to."""
    top, ratio = ladder.top, ladder.top.ratio if ladder.top else None
    assert top is not None
    assert ratio is not None
    return (
        f"{top.name[:1].upper()}{top.name[1:]} is ",
        strong(f"{figure(ratio.median)} times as fast as before"),
        f" ({span(ratio.low, ratio.high)}), with {ladder.sensors:,} sensors of {ladder.workload}.",
    )


def _glance(run: Run) -> tuple[Tile, ...]:
    """What holds of this run: no cells are counted where there are none, no pairs named where nothing was timed."""
    cells = run.cells or tuple(rung.cell for ladder in ladders(run) for rung in ladder.all)
    verified, total = sum(cell.verified for cell in cells), len(cells)
    tone: Tone = "good" if total and verified == total else "warn"
    names = {cell.implementation for cell in cells}
    workloads = {(cell.workload, cell.requested_size) for cell in cells}
    extent = f"{count(len(names), 'implementation')} on {count(len(workloads), 'workload')}"
    tiles = [Tile("Verified", f"{verified} of {count(total, 'cell')}", extent, tone)] if total else []
    if run.level is not None and any(cell.throughput for cell in cells):
        is_ladder = bool(cells) and not run.cells
        tiles.append(Tile("Level", run.level.value, "at least 6 pairs each" if is_ladder else _LEVELS[run.level]))
    tiles.extend(_machine(run.environment))
    seconds = run.account_s.get("seconds")
    began = moment(run.started) if run.started else ""
    if isinstance(seconds, int | float):
        tiles.append(Tile("Took", duration(seconds), f"began {began}" if began else ""))
    elif began:
        tiles.append(Tile("Began", began))
    return tuple(tiles)


def _machine(environment: Mapping[str, Any]) -> Iterator[Tile]:
    cpu, memory = environment.get("cpu"), environment.get("memory")
    if not isinstance(cpu, Mapping):
        return
    allowed, logical = cpu.get("allowed"), cpu.get("logical")
    details = [f"{allowed} of {logical} hardware threads"] if allowed and logical else []
    if isinstance(memory, Mapping) and isinstance(memory.get("total_bytes"), int | float):
        details.append(quantity(BYTES, memory["total_bytes"]))
    yield Tile("Machine", str(cpu.get("model") or "unknown"), ", ".join(details))


_COLUMNS = (
    Column("Workload"),
    Column("Input"),
    Column("Fastest"),
    Column("Throughput", "million readings/s", "number"),
    Column("Speed-up", "times the baseline", "number"),
    Column("Next"),
    Column("Verified", "cells", "number"),
)


def _winners(run: Run) -> Block:
    rows = []
    for ranking in rankings(run.cells):
        ranked = ranking.ranked
        cell = ranked[0].cell if ranked else None
        ratio = cell.speed_up.ratio if cell and cell.speed_up else None
        verified = sum(place.cell.verified for place in ranking.places)
        follower = ranked[1] if len(ranked) > 1 else None
        rows.append(
            Row(
                (
                    text(ranking.title),
                    text("real" if ranking.is_real else "generated"),
                    text(cell.implementation if cell else None),
                    estimate(cell.throughput.per_s, MILLION) if cell and cell.throughput else NOTHING,
                    estimate(ratio, Unit("", 1.0)),
                    text(follower.cell.implementation, "not told apart" if follower.tied_with else "")
                    if follower
                    else NOTHING,
                    Value(f"{verified} of {len(ranking.places)}", order=verified),
                )
            )
        )
    return make_table("The fastest verified implementation on each workload", _COLUMNS, rows)
