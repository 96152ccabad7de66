"""The study's approaches put to the test: who stands for each, and its figures beside those that are claimed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.answers import answers
from harness.results import Cell, Interval
from reports.ablation import NAMES, Ladder
from reports.claim import Claim, Outcome, Subject, as_cut, duration, exactly, rate
from reports.load import Run
from reports.ranking import rankings
from reports.study import ClaimedApproach, Variant, study
from reports.text import times

_BEFORE = "naive"
_GPU = "gpu"
_PAUSES = "GC pauses"
_NO_ALLOCATION = "this run timed no buffers; run 'sensorbench ablate --run FOLDER'"
_NONE = "this run holds no implementation of it"

_TECHNIQUES = {"memory pool": ("pool", "arena"), "SIMD and GPU": ("simd",)}
"""The switches of ``phased`` that an approach comes down to."""

Wanted = Callable[[Cell], bool]


@dataclass(frozen=True, slots=True)
class _Found:
    """The fastest verified implementation of an approach, what it was compared with, and on what."""

    cell: Cell
    foot: Cell
    where: str


def approach_claims(run: Run, ladder: Ladder | None) -> Iterator[Claim]:
    """Every figure of the approaches: from `ladder` where it holds them, else from the cells of `run`."""
    for claimed in study().approach:
        yield from _approach(run, ladder, claimed)
    for variant in study().variant:
        yield _variant(run, ladder, variant)


def _find(run: Run, ladder: Ladder | None, approach: str, wanted: Wanted = lambda _: True) -> _Found | str:
    """Who stands for an approach, or why nobody does."""
    cells = [rung.cell for rung in ladder.approaches] if ladder else []
    cells = [cell for cell in cells if cell.approach == approach and wanted(cell)]
    timed = [(cell.throughput.per_s.median, cell) for cell in cells if cell.verified and cell.throughput]
    if ladder and ladder.foot and ladder.foot.cell.verified and timed:
        _, best = max(timed, key=lambda one: one[0])
        return _Found(best, ladder.foot.cell, f"{best.implementation}, {ladder.sensors:,} sensors of {ladder.workload}")
    for ranking in rankings(run.cells):
        ranked = [place.cell for place in ranking.ranked]
        foot = next((cell for cell in ranked if cell.implementation == _BEFORE), None)
        first = next((cell for cell in ranked if cell.approach == approach and wanted(cell)), None)
        if foot is not None and first is not None:
            return _Found(first, foot, f"{first.implementation} on {ranking.title}")
    cells += [cell for cell in run.cells if cell.approach == approach and wanted(cell)]
    if any(cell.verified for cell in cells):
        return f"{_BEFORE} was not measured at the same size, so there is nothing to compare with"
    reasons = {f"{cell.implementation}: {cell.reason or cell.status}" for cell in cells}
    return "; ".join(sorted(reasons)) or _NONE


def _approach(run: Run, ladder: Ladder | None, claimed: ClaimedApproach) -> Iterator[Claim]:
    row = Subject("approaches", claimed.name)
    found = _find(run, ladder, claimed.approach)
    if isinstance(found, str):
        cell, share, why = None, None, found
    else:
        cell, share, why = found.cell, _memory_share(found.cell, found.foot), found.where
    if claimed.speed_up is not None:
        ratio = cell.speed_up.ratio if cell and cell.speed_up else None
        yield row.made("speed-up", claimed.speed_up, ratio, times, f"{why}{_by_itself(ladder, claimed.approach)}")
    if claimed.per_s is not None:
        per_s = cell.throughput.per_s if cell and cell.throughput else None
        yield row.made("throughput", claimed.per_s, per_s, rate, why)
    if claimed.memory_bytes is not None and claimed.memory_before_bytes:
        text = f"{why}, peak over runtime against what it was before" if share is not None else why
        cut = 1 - claimed.memory_bytes / claimed.memory_before_bytes
        yield row.made("memory", cut, None if share is None else exactly(1 - share), as_cut, text, point=True)
    if claimed.allocation_speed_up is not None:
        yield _allocation(run, ladder, row, claimed.allocation_speed_up)
    for name, text in claimed.says.items():
        yield (
            _pauses(row, name, text, cell, why)
            if name == _PAUSES
            else row.untestable(name, text, f"{why}; a claim without a figure")
        )
    yield _latency(row, claimed, cell, why)


def _allocation(run: Run, ladder: Ladder | None, row: Subject, claimed: float) -> Claim:
    """A pool as the study has it, against fresh arrays of the same kind; and what is left of it in a processor."""
    record = next(reversed(run.records.get("allocating", ())), None)
    ways = {way["way"]: way["speed_up"] for way in record["ways"] if way["pattern"] == "singly"} if record else {}
    found = ways.get("pool")
    if record is None or not found:
        return row.untestable("allocation", times(claimed), _NO_ALLOCATION)
    why = f"{record['buffers']:,} buffers of {record['values']:,} values, taken and given back one after the other"
    if cleared := ways.get("pool, cleared"):
        why += f"; {times(cleared['median'])} if each is cleared, as a fresh one is"
    if whole := _pooled_share(run, ladder):
        why += f"; {whole}"
    return row.made("allocation", claimed, Interval(found["median"], found["low"], found["high"]), times, why)


def _pooled_share(run: Run, ladder: Ladder | None) -> str | None:
    """How fast a whole processor is with pooled objects and buffers against the same one without."""
    groups = [(ranking.title, [place.cell for place in ranking.ranked]) for ranking in rankings(run.cells)]
    if ladder:
        groups.insert(
            0, (f"{ladder.sensors:,} sensors of {ladder.workload}", [rung.cell for rung in ladder.approaches])
        )
    for where, cells in groups:
        timed = {cell.implementation: cell.throughput for cell in cells if cell.verified}
        pooled, fresh = timed.get("object_pooled"), timed.get("hash_indexed")
        if pooled and fresh:
            ratio = times(pooled.per_s.median / fresh.per_s.median)
            return f"object_pooled as a whole is {ratio} as fast as hash_indexed on {where}"
    return None


def _pauses(row: Subject, name: str, claimed: str, cell: Cell | None, why: str) -> Claim:
    found = cell.memory.details.get("steady_gc_pauses") if cell and cell.memory else None
    if not found:
        return row.untestable(name, claimed, f"{why}: pauses in steady state were not counted")
    text = f"{why}, in {found['readings']:,} readings in steady state"
    if found["count"]:
        text += f": {duration(found['total_s'])} in all, the longest {duration(found['longest_s'])}"
    outcome = Outcome.MISSED if found["count"] else Outcome.HELD
    measured = f"{found['count']:,}" if found["count"] else "none"
    return Claim(row.group, row.subject, name, claimed, measured, "", outcome, text)


def _by_itself(ladder: Ladder | None, approach: str) -> str:
    """What the approach's techniques gain with nothing else, where the one that stands for it has more than them."""
    names = _TECHNIQUES.get(approach, ())
    alone = {one.name: one.alone for one in (ladder.techniques() if ladder else ())}
    said = [f"{NAMES[name]} {times(ratio.median)}" for name in names if (ratio := alone.get(name))]
    return f", with all else that it has; by itself: {', '.join(said)}" if said else ""


def _memory_share(cell: Cell | None, foot: Cell | None) -> float | None:
    over = cell.memory.peak_bytes if cell and cell.memory else None
    under = foot.memory.peak_bytes if foot and foot.memory else None
    return over / under if over is not None and under else None


def _latency(row: Subject, claimed: ClaimedApproach, cell: Cell | None, why: str) -> Claim:
    """Under load where that was measured; else a batch's waiting and working time, at the load that was claimed."""
    load = claimed.per_s or study().problem.wanted_per_s
    shown = duration(claimed.latency_s)
    if cell is None:
        return row.untestable("latency", shown, why)
    latency = cell.latency
    if latency and latency.p99_s is not None and answers(latency, load, claimed.latency_s):
        if not latency.kept_up:
            return _endless(row, shown, why, latency.offered_per_s)
        text = f"{why}, p99 at {rate(latency.offered_per_s)}"
        return row.made(
            "latency", claimed.latency_s, exactly(latency.p99_s), duration, text, more_is_better=False, point=True
        )
    if cell.throughput and cell.throughput.per_s.high < load:
        return _endless(row, shown, why, load)
    service = cell.service
    if service is None:
        return row.untestable("latency", shown, f"{why}: neither latency nor service time was measured")
    tail_s = service.p99_s if service.p99_s is not None else service.max_s
    text = f"{why}: estimated, a batch of {service.batch:,} fills at {rate(load)} and its call takes p99 of the time"
    estimate = exactly(service.batch / load + tail_s)
    return row.made("latency", claimed.latency_s, estimate, duration, text, more_is_better=False, point=True)


def _endless(row: Subject, claimed: str, why: str, load: float) -> Claim:
    text = f"{why}: does not keep up with {rate(load)}, so that latency grows without end"
    return Claim(row.group, row.subject, "latency", claimed, "grows without end", "", Outcome.MISSED, text)


def _variant(run: Run, ladder: Ladder | None, claimed: Variant) -> Claim:
    row = Subject("approaches", claimed.name)
    if claimed.kind == "scalar":
        return row.untestable("throughput", rate(claimed.per_s), "the study does not say what runs on the CPU")

    def wanted(cell: Cell) -> bool:
        return cell.implementation.startswith(_GPU) == (claimed.kind == _GPU)

    found = _find(run, ladder, claimed.approach, wanted)
    if isinstance(found, str):
        return row.untestable("throughput", rate(claimed.per_s), found)
    speed = found.cell.throughput
    return row.made("throughput", claimed.per_s, speed.per_s if speed else None, rate, found.where)
