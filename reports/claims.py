"""Claimed beside measured: each figure of the study held, exceeded, missed, or not testable on this run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from harness.results import Cell, Interval
from reports.ablation import Ladder, Rung, ladders
from reports.load import Run
from reports.ranking import Ranking, rankings
from reports.study import ClaimedApproach, ClaimedPhase, Variant, study
from reports.text import COUNTS, DECIMAL_BYTES, SECONDS, figure, percent, quantity, times

POINT_TOLERANCE = 0.05
"""A figure without an interval holds if it is within this of what was claimed."""

_BEFORE = "naive"


class Outcome(StrEnum):
    """What became of a claim."""

    HELD = "held"
    EXCEEDED = "exceeded"
    MISSED = "missed"
    NOT_TESTABLE = "not testable here"


@dataclass(frozen=True, slots=True)
class Claim:
    """One figure of the study and what was measured.

    Parameters
    ----------
    group : "approaches", "phases" or "goals"
    subject, figure
        Whose, and which.
    claimed, measured, interval
        As they are shown; `measured` is empty where there is nothing.
    outcome : Outcome
    why
        On what it was measured, or why it was not.
    """

    group: str
    subject: str
    figure: str
    claimed: str
    measured: str
    interval: str
    outcome: Outcome
    why: str


def claims(run: Run) -> tuple[Claim, ...]:
    """Every figure of the study set against `run`: its cells and its ablation records."""
    found = ladders(run)
    ladder = next((one for one in found if one.at_study_rate), None)
    approaches = tuple(claim for one in study().approach for claim in _approach(run, one))
    variants = tuple(_variant(run, one) for one in study().variant)
    phases = tuple(claim for one in study().phase for claim in _phase(ladder, one))
    return (*approaches, *variants, *phases, *_goals(ladder))


def judge(claimed: float, measured: Interval, *, more_is_better: bool) -> Outcome:
    """Exceeded if the whole interval is better than the claim, missed if it is worse, else held.

    >>> judge(12, Interval(11.8, 11.1, 12.6), more_is_better=True).value
    'held'
    """
    if measured.low <= claimed <= measured.high:
        return Outcome.HELD
    return Outcome.EXCEEDED if (measured.low > claimed) == more_is_better else Outcome.MISSED


def _point(value: float) -> Interval:
    around = value * (1 - POINT_TOLERANCE), value * (1 + POINT_TOLERANCE)
    return Interval(value, min(around), max(around))


@dataclass(frozen=True, slots=True)
class _Row:
    """What the rows of one subject share."""

    group: str
    subject: str

    def made(
        self,
        figure: str,
        claimed: float,
        measured: Interval | None,
        show: Callable[[float], str],
        why: str,
        *,
        more_is_better: bool = True,
        point: bool = False,
    ) -> Claim:
        if measured is None:
            return self.untestable(figure, show(claimed), why)
        outcome = judge(claimed, _point(measured.median) if point else measured, more_is_better=more_is_better)
        interval = "" if point else f"{show(measured.low)} to {show(measured.high)}"
        return Claim(self.group, self.subject, figure, show(claimed), show(measured.median), interval, outcome, why)

    def untestable(self, figure: str, claimed: str, why: str, measured: str = "") -> Claim:
        return Claim(self.group, self.subject, figure, claimed, measured, "", Outcome.NOT_TESTABLE, why)


def _rate(value: float) -> str:
    return f"{quantity(COUNTS, value)}/s"


def _time(value: float) -> str:
    return quantity(SECONDS, value)


def _cut(cut: float) -> str:
    """How much less than before, as a change.

    >>> _cut(0.73), _cut(-0.31), _cut(0.993)
    ('-73.0%', '+31.0%', '-99.3%')
    """
    return f"{'+' if cut < 0 else '-'}{figure(abs(100 * cut))}%"


def _amount(value: float) -> str:
    return quantity(DECIMAL_BYTES, value)


def _exactly(value: float) -> Interval:
    return Interval(value, value, value)


def _best(run: Run, approach: str, wanted: Callable[[Cell], bool] = lambda _: True) -> tuple[Ranking, Cell] | None:
    """The fastest verified implementation of an approach, where the study's starting point was measured beside it."""
    best: tuple[Ranking, Cell] | None = None
    for ranking in rankings(run.cells):
        if _foot(ranking) is None:
            continue
        for place in ranking.ranked:
            if place.cell.approach == approach and wanted(place.cell):
                if best is None:
                    best = ranking, place.cell
                break
    return best


def _foot(ranking: Ranking) -> Cell | None:
    return next((place.cell for place in ranking.ranked if place.cell.implementation == _BEFORE), None)


def _missing(run: Run, approach: str) -> str:
    """Why an approach has nothing to show."""
    cells = [cell for cell in run.cells if cell.approach == approach]
    reasons = {f"{cell.implementation}: {cell.reason or cell.status}" for cell in cells if not cell.verified}
    if any(cell.verified for cell in cells):
        return f"{_BEFORE} was not measured at the same size, so there is nothing to compare with"
    return "; ".join(sorted(reasons)) or "this run holds no implementation of it"


def _approach(run: Run, claimed: ClaimedApproach) -> Iterator[Claim]:
    row = _Row("approaches", claimed.name)
    found = _best(run, claimed.approach)
    why = _missing(run, claimed.approach) if found is None else f"{found[1].implementation} on {found[0].title}"
    cell = found[1] if found else None
    ratio = cell.speed_up.ratio if cell and cell.speed_up and cell.speed_up.baseline == _BEFORE else None
    if claimed.speed_up is not None:
        yield row.made("speed-up", claimed.speed_up, ratio, times, why)
    if claimed.per_s is not None:
        per_s = cell.throughput.per_s if cell and cell.throughput else None
        yield row.made("throughput", claimed.per_s, per_s, _rate, why)
    if claimed.memory_bytes is not None and claimed.memory_before_bytes:
        share = _memory_share(cell, _foot(found[0]) if found else None)
        text = f"{why}, peak over runtime against {_BEFORE}'s" if share is not None else why
        cut = 1 - claimed.memory_bytes / claimed.memory_before_bytes
        yield row.made("memory", cut, None if share is None else _exactly(1 - share), _cut, text, point=True)
    if claimed.allocation_speed_up is not None:
        yield _allocation(run, row, claimed.allocation_speed_up)
    for name, text in claimed.says.items():
        yield (
            _pauses(row, name, text, cell, why)
            if name == _PAUSES
            else row.untestable(name, text, f"{why}; a claim without a figure")
        )
    yield _latency(row, claimed, cell, why)


_PAUSES = "GC pauses"
_NO_ALLOCATION = "this run timed no buffers; run 'sensorbench memory --run FOLDER'"


def _allocation(run: Run, row: _Row, claimed: float) -> Claim:
    """A pool as the study has it, against fresh arrays of the same kind; and what is left of it in a processor."""
    record = next(reversed(run.records.get("allocating", ())), None)
    ways = {way["way"]: way["speed_up"] for way in record["ways"] if way["pattern"] == "singly"} if record else {}
    found = ways.get("pool")
    if record is None or not found:
        return row.untestable("allocation", times(claimed), _NO_ALLOCATION)
    why = f"{record['buffers']:,} buffers of {record['values']:,} values, taken and given back one after the other"
    if cleared := ways.get("pool, cleared"):
        why += f"; {times(cleared['median'])} if each is cleared, as a fresh one is"
    if whole := _pooled_share(run):
        why += f"; {whole}"
    return row.made("allocation", claimed, Interval(found["median"], found["low"], found["high"]), times, why)


def _pooled_share(run: Run) -> str | None:
    """How fast a whole processor is with pooled objects and buffers against the same one without."""
    for ranking in rankings(run.cells):
        cells = {place.cell.implementation: place.cell.throughput for place in ranking.ranked}
        pooled, fresh = cells.get("object_pooled"), cells.get("hash_indexed")
        if pooled and fresh:
            ratio = times(pooled.per_s.median / fresh.per_s.median)
            return f"object_pooled as a whole is {ratio} as fast as hash_indexed on {ranking.title}"
    return None


def _pauses(row: _Row, name: str, claimed: str, cell: Cell | None, why: str) -> Claim:
    found = cell.memory.details.get("steady_gc_pauses") if cell and cell.memory else None
    if not found:
        return row.untestable(name, claimed, f"{why}: pauses in steady state were not counted")
    text = f"{why}, in {found['readings']:,} readings in steady state"
    if found["count"]:
        text += f": {_time(found['total_s'])} in all, the longest {_time(found['longest_s'])}"
    outcome = Outcome.MISSED if found["count"] else Outcome.HELD
    measured = f"{found['count']:,}" if found["count"] else "none"
    return Claim(row.group, row.subject, name, claimed, measured, "", outcome, text)


def _memory_share(cell: Cell | None, foot: Cell | None) -> float | None:
    over = cell.memory.peak_bytes if cell and cell.memory else None
    under = foot.memory.peak_bytes if foot and foot.memory else None
    return over / under if over is not None and under else None


def _latency(row: _Row, claimed: ClaimedApproach, cell: Cell | None, why: str) -> Claim:
    """Under load where that was measured; else a batch's waiting and working time, at the load that was claimed."""
    load = claimed.per_s or study().problem.wanted_per_s
    shown = _time(claimed.latency_s)
    if cell is None:
        return row.untestable("latency", shown, why)
    latency = cell.latency
    if latency and latency.valid and latency.kept_up and latency.p99_s is not None and latency.offered_per_s >= load:
        text = f"{why}, p99 at {_rate(latency.offered_per_s)}"
        return row.made(
            "latency", claimed.latency_s, _exactly(latency.p99_s), _time, text, more_is_better=False, point=True
        )
    if cell.throughput and cell.throughput.per_s.high < load:
        text = f"{why}: does not keep up with {_rate(load)}, so that latency grows without end"
        return Claim(row.group, row.subject, "latency", shown, "grows without end", "", Outcome.MISSED, text)
    service = cell.service
    if service is None:
        return row.untestable("latency", shown, f"{why}: neither latency nor service time was measured")
    tail_s = service.p99_s if service.p99_s is not None else service.max_s
    text = f"{why}: estimated, a batch of {service.batch:,} fills at {_rate(load)} and its call takes p99 of the time"
    estimate = _exactly(service.batch / load + tail_s)
    return row.made("latency", claimed.latency_s, estimate, _time, text, more_is_better=False, point=True)


_GPU = "gpu"


def _variant(run: Run, claimed: Variant) -> Claim:
    def wanted(cell: Cell) -> bool:
        return cell.implementation.startswith(_GPU) == (claimed.kind == _GPU)

    row = _Row("approaches", claimed.name)
    if claimed.kind == "scalar":
        return row.untestable("throughput", _rate(claimed.per_s), "the study does not say what runs on the CPU")
    found = _best(run, claimed.approach, wanted)
    if found is None:
        kind = [cell for cell in run.cells if cell.approach == claimed.approach and wanted(cell)]
        reason = next((cell.reason for cell in kind if cell.reason), None)
        return row.untestable("throughput", _rate(claimed.per_s), reason or "this run holds no implementation of it")
    speed = found[1].throughput
    why = f"{found[1].implementation} on {found[0].title}"
    return row.made("throughput", claimed.per_s, speed.per_s if speed else None, _rate, why)


_NO_LADDER = "this run holds no ladder at the study's starting rate; run 'sensorbench ablate --run FOLDER'"


def _phase(ladder: Ladder | None, claimed: ClaimedPhase) -> Iterator[Claim]:
    row = _Row("phases", claimed.name)
    rung, foot = (ladder.rung(claimed.name), ladder.foot) if ladder else (None, None)
    why = _NO_LADDER
    if ladder and rung:
        where = f"{ladder.sensors:,} sensors of {ladder.workload}"
        why = where if rung.cell.verified else f"{where}: {rung.cell.reason or rung.cell.status}"
    first = study().phase[0]
    if claimed is not first:
        ratio = rung.ratio if rung else None
        yield row.made("speed-up", claimed.per_s / first.per_s, ratio, times, why)
    elif rung and rung.per_s:
        why = f"{why}, a number chosen so that it does"
    per_s = rung.per_s if rung else None
    yield row.made("throughput", claimed.per_s, per_s, _rate, why)
    if claimed is not first:
        share = _rung_memory(rung, foot)
        cut = 1 - claimed.memory_bytes / first.memory_bytes
        yield row.made("memory", cut, None if share is None else _exactly(1 - share), _cut, why, point=True)
    else:
        yield row.untestable(
            "memory",
            _amount(claimed.memory_bytes),
            "the study does not say what it held; the phases below are compared by shares",
            _amount(rung.peak_bytes) if rung and rung.peak_bytes is not None else "",
        )
    yield _phase_latency(row, rung, claimed, why)
    if claimed.adds is not None:
        step = ladder.step(claimed.name) if ladder else None
        yield row.made("on top of the phase below", claimed.adds, step, times, why)
    if claimed.takes is not None:
        yield row.untestable("time to apply", claimed.takes, "people's time is not measured here")


def _rung_memory(rung: Rung | None, foot: Rung | None) -> float | None:
    if rung is None or foot is None or rung.peak_bytes is None or not foot.peak_bytes:
        return None
    return rung.peak_bytes / foot.peak_bytes


def _phase_latency(row: _Row, rung: Rung | None, claimed: ClaimedPhase, why: str) -> Claim:
    shown = _time(claimed.latency_s)
    latency = rung.cell.latency if rung and rung.cell.verified else None
    if latency is None or not latency.valid or latency.p99_s is None:
        return row.untestable("latency", shown, why if latency is None else f"{why}: the generator fell behind")
    if latency.kept_up:
        text = f"{why}, p99 at {_rate(latency.offered_per_s)}"
        return row.made(
            "latency", claimed.latency_s, _exactly(latency.p99_s), _time, text, more_is_better=False, point=True
        )
    text = f"{why}: does not keep up with {_rate(latency.offered_per_s)}, so that latency grows without end"
    if claimed.per_s < latency.offered_per_s:
        gentle = rung.gentle if rung else None
        measured = f"{_time(gentle.p99_s)}" if gentle and gentle.valid and gentle.p99_s is not None else ""
        load = f" at {_rate(gentle.offered_per_s)}" if gentle and measured else ""
        return row.untestable("latency", shown, f"{text}; the study names no load; measured is p99{load}", measured)
    return Claim(row.group, row.subject, "latency", shown, "grows without end", "", Outcome.MISSED, text)


def _goals(ladder: Ladder | None) -> Iterator[Claim]:
    goals, problem = study().goals, study().problem
    row = _Row("goals", "all phases")
    top, foot = (ladder.top, ladder.foot) if ladder else (None, None)
    why = f"{ladder.sensors:,} sensors of {ladder.workload}" if ladder else _NO_LADDER
    per_s = top.per_s if top else None
    wanted = problem.wanted_per_s
    share = Interval(per_s.median / wanted, per_s.low / wanted, per_s.high / wanted) if per_s else None
    yield row.made("throughput, of 1 M/s", goals.throughput_share, share, percent, why)
    yield row.made("speed-up", goals.speed_up, top.ratio if top else None, times, why)
    left = _rung_memory(top, foot)
    measured = None if left is None else _exactly(1 - left)
    yield row.made("memory", goals.memory_cut, measured, _cut, why, point=True)
    total = _total_bytes(top)
    yield row.made(
        "memory, in all",
        goals.memory_limit_bytes,
        None if total is None else _exactly(total),
        _amount,
        f"{why}; with as much history as was retained here" if total is not None else why,
        more_is_better=False,
        point=True,
    )
    latency = top.cell.latency if top and top.cell.verified else None
    p99_s = latency.p99_s if latency and latency.valid and latency.kept_up else None
    yield row.made(
        "latency",
        problem.wanted_latency_s,
        None if p99_s is None else _exactly(p99_s),
        _time,
        f"{why}, p99 at the wanted load" if p99_s is not None else why,
        more_is_better=False,
        point=True,
    )
    text = "what was before does not keep up with the load, so that its latency has no bound to be cut"
    yield row.untestable("latency, against before", _cut(goals.latency_cut), text)


def _total_bytes(rung: Rung | None) -> float | None:
    memory = rung.cell.memory if rung and rung.cell.verified else None
    if memory is None or memory.peak_bytes is None or memory.runtime_bytes is None:
        return None
    return float(memory.runtime_bytes + memory.peak_bytes)
