"""Claimed beside measured: is each figure of the study held, exceeded, missed, inconclusive, or not testable here."""

from collections.abc import Iterator

from harness.results import Interval
from reports.ablation import Ladder, Rung, ladders
from reports.approaches import approach_claims
from reports.claim import Claim, Outcome, Subject, amount, as_cut, duration, exactly, rate
from reports.load import Run
from reports.study import ClaimedPhase, study
from reports.text import percent, times


def claims(run: Run) -> tuple[Claim, ...]:
    """Every figure of the study set against `run`: its cells and its ablation records."""
    found = ladders(run)
    ladder = next((one for one in found if one.at_study_rate), None)
    phases = tuple(claim for one in study().phase for claim in _phase(ladder, one))
    return (*approach_claims(run, ladder), *phases, *_goals(ladder))


_NO_LADDER = "this run holds no ladder at the study's starting rate; run 'sensorbench ablate --run FOLDER'"


def _phase(ladder: Ladder | None, claimed: ClaimedPhase) -> Iterator[Claim]:
    row = Subject("phases", claimed.name)
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
        why = f"{why}, a number searched for so that it does"
    per_s = rung.per_s if rung else None
    yield row.made("throughput", claimed.per_s, per_s, rate, why)
    if claimed is not first:
        share = _rung_memory(rung, foot)
        cut = 1 - claimed.memory_bytes / first.memory_bytes
        yield row.made("memory", cut, None if share is None else exactly(1 - share), as_cut, why, point=True)
    else:
        yield row.untestable(
            "memory",
            amount(claimed.memory_bytes),
            "the study does not say what it held; the phases below are compared by shares",
            amount(rung.peak_bytes) if rung and rung.peak_bytes is not None else "",
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


def _phase_latency(row: Subject, rung: Rung | None, claimed: ClaimedPhase, why: str) -> Claim:
    shown = duration(claimed.latency_s)
    latency = rung.cell.latency if rung and rung.cell.verified else None
    if latency is None or not latency.valid or latency.p99_s is None:
        return row.untestable("latency", shown, f"{why}: {_no_latency(rung)}" if rung else why)
    if latency.kept_up:
        text = f"{why}, p99 at {rate(latency.offered_per_s)}"
        return row.made(
            "latency", claimed.latency_s, exactly(latency.p99_s), duration, text, more_is_better=False, point=True
        )
    text = f"{why}: does not keep up with {rate(latency.offered_per_s)}, so that latency grows without end"
    if claimed.per_s < latency.offered_per_s:
        gentle = rung.gentle if rung else None
        measured = f"{duration(gentle.p99_s)}" if gentle and gentle.valid and gentle.p99_s is not None else ""
        load = f" at {rate(gentle.offered_per_s)}" if gentle and measured else ""
        return row.untestable("latency", shown, f"{text}; the study names no load; measured is p99{load}", measured)
    return Claim(row.group, row.subject, "latency", shown, "grows without end", "", Outcome.MISSED, text)


def _no_latency(rung: Rung) -> str:
    """Why there is no latency to show."""
    latency = rung.cell.latency
    if latency is not None and not latency.valid:
        return f"the latency is not valid: {latency.details.get('invalid') or 'the generator did not keep time'}"
    return next((note for note in rung.cell.notes if note.startswith("no latency")), "no latency was measured")


def _goals(ladder: Ladder | None) -> Iterator[Claim]:
    goals, problem = study().goals, study().problem
    row = Subject("goals", "all phases")
    top, foot = (ladder.top, ladder.foot) if ladder else (None, None)
    why = f"{ladder.sensors:,} sensors of {ladder.workload}" if ladder else _NO_LADDER
    per_s = top.per_s if top else None
    wanted = problem.wanted_per_s
    share = Interval(per_s.median / wanted, per_s.low / wanted, per_s.high / wanted) if per_s else None
    yield row.made("throughput, of 1 M/s", goals.throughput_share, share, percent, why)
    yield row.made("speed-up", goals.speed_up, top.ratio if top else None, times, why)
    left = _rung_memory(top, foot)
    measured = None if left is None else exactly(1 - left)
    yield row.made("memory", goals.memory_cut, measured, as_cut, why, point=True)
    total = _total_bytes(top)
    yield row.made(
        "memory, in all",
        goals.memory_limit_bytes,
        None if total is None else exactly(total),
        amount,
        f"{why}; with as much history as was retained here" if total is not None else why,
        more_is_better=False,
        point=True,
    )
    latency = top.cell.latency if top and top.cell.verified else None
    p99_s = latency.p99_s if latency and latency.valid and latency.kept_up else None
    yield row.made(
        "latency",
        problem.wanted_latency_s,
        None if p99_s is None else exactly(p99_s),
        duration,
        f"{why}, p99 at the wanted load" if p99_s is not None else f"{why}: {_no_latency(top)}" if top else why,
        more_is_better=False,
        point=True,
    )
    text = "what was before does not keep up with the load, so that its latency has no bound to be cut"
    yield row.untestable("latency, against before", as_cut(goals.latency_cut), text)


def _total_bytes(rung: Rung | None) -> float | None:
    memory = rung.cell.memory if rung and rung.cell.verified else None
    if memory is None or memory.peak_bytes is None or memory.runtime_bytes is None:
        return None
    return float(memory.runtime_bytes + memory.peak_bytes)
