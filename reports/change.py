"""One cell of two stored runs: what its speed and its memory did from A to B, and with what certainty."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.results import Cell
from harness.statistics.intervals import Interval
from harness.statistics.processes import process_logs
from harness.statistics.unpaired import bootstrap_difference, welch_interval
from harness.statistics.verdict import LEAST_PAIRS, PLAIN_CONFIDENCE
from harness.units import format_bytes

Key = tuple[str, str, str]
"""Implementation, workload, measured size."""

_LEAST_GROWTH_BYTES = 1 << 20
"""Growth of less may be chance: each run weighed once; weighings of one implementation differ by 0.1 MiB (seen)."""

_TWO_SESSIONS = "two sessions, not taken in turns: compare live, or against a baseline that both runs have"


@dataclass(frozen=True, slots=True)
class Criteria:
    """When a change counts.

    Parameters
    ----------
    threshold
        Share by which B may be slower, or larger: 0.05 is 5%.
    confidence
        Of an interval that decides, corrected for all of them.
    """

    threshold: float
    confidence: float

    @property
    def edge(self) -> float:
        """The threshold as a logarithm."""
        return math.log1p(self.threshold)


@dataclass(frozen=True, slots=True)
class Moved:
    """What the time per reading of a baseline itself did from run A to run B: two sessions, not taken in turns.

    Parameters
    ----------
    key : Key
    slowdown : Interval
        Of ln(time per reading in B / in A).
    beyond : "slower", "faster" or None
        Where the whole interval lies beyond the threshold, to which side.
    """

    key: Key
    slowdown: Interval
    beyond: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What one cell did from run A to run B.

    Parameters
    ----------
    key : Key
    slowdown : Interval or None
        Of ln(time per reading in B / in A); None where it cannot be said.
    relative_to : str or None
        The baseline that both were measured against in turns, which takes the state of the machine out of it.
    verdict : "regression", "improvement", "no regression", "inconclusive", "broken", "mended", "not comparable"
    reason : str
    memory : tuple of int or None
        Peak over runtime in A and B, bytes, each None where it was not weighed; None where neither was.
    absolute : Interval or None
        As `slowdown`, but of the cell by itself, whatever its baseline did.
    """

    key: Key
    slowdown: Interval | None
    relative_to: str | None
    verdict: str
    reason: str
    memory: tuple[int | None, int | None] | None = None
    absolute: Interval | None = None

    @property
    def is_bad(self) -> bool:
        """Whether it is reason to stop a merge."""
        return self.verdict in ("regression", "broken")


def change_of(key: Key, before: Cell, after: Cell, criteria: Criteria, session: Moved | None) -> Change:
    """What a cell did; `session` is what its baseline did over the sessions, where that beside it is not known."""
    if before.verified and not after.verified:
        return Change(key, None, None, "broken", f"{after.status}: {after.reason}")
    if after.verified and not before.verified:
        return Change(key, None, None, "mended", f"was {before.status}: {before.reason}")
    if not before.verified:
        return Change(key, None, None, "not comparable", f"{before.status} in both: {after.reason}")
    absolute = interval_of(own_logs(before), own_logs(after), criteria)
    baseline = common_baseline(before, after)
    if baseline is None or before.speed_up is None or after.speed_up is None:
        slowdown = absolute
        verdict, reason = "inconclusive", _TWO_SESSIONS
    else:
        rows = before.speed_up.effects, after.speed_up.effects
        slowdown = interval_of(*rows, criteria)
        verdict, reason = _judge(slowdown, rows, criteria) if slowdown else ("", "")
        moved = moved_of((baseline, *key[1:]), beside(before), beside(after), criteria) or session
        if moved is not None and (verdict, moved.beyond) in (("regression", "faster"), ("improvement", "slower")):
            verdict, reason = "inconclusive", _baseline_changed(moved, absolute)
    if slowdown is None:
        verdict, reason = "not comparable", "too few processes in one of them"
    memory = _memory(before, after)
    grown, weighed = _grown(memory, criteria.threshold) if memory else (False, "")
    if grown:
        verdict, reason = "regression", f"{weighed}; speed: {verdict}: {reason}"
    elif weighed:
        reason = f"{reason}; {weighed}"
    return Change(key, slowdown, baseline, verdict, reason, memory, absolute)


def common_baseline(before: Cell, after: Cell) -> str | None:
    """What both cells took turns with; None without such a thing."""
    mine, theirs = before.speed_up, after.speed_up
    return mine.baseline if mine is not None and theirs is not None and mine.baseline == theirs.baseline else None


def own_logs(cell: Cell) -> list[float]:
    """The median logarithm of the time per reading of each fresh process; none where they cannot be told apart."""
    return process_logs(cell.throughput.ns_by_process) if cell.throughput else []


def beside(cell: Cell) -> list[float]:
    """The logarithm of what the baseline took in each pair with `cell`; none where the pairs cannot be told apart.

    An effect is the logarithm of the cell's time less that of the baseline's: the same minutes, so that what the cell
    did against its baseline is exactly what it did by itself less what the baseline did beside it.
    """
    logs, effects = own_logs(cell), cell.speed_up.effects if cell.speed_up else ()
    return [log - effect for log, effect in zip(logs, effects, strict=True)] if len(logs) == len(effects) else []


def moved_of(key: Key, before: Sequence[float], after: Sequence[float], criteria: Criteria) -> Moved | None:
    """What a baseline did between two rows of one logarithm a process; None with fewer than two on a side."""
    slowdown = interval_of(before, after, criteria)
    return None if slowdown is None else Moved(key, slowdown, _direction(slowdown, criteria.edge))


def interval_of(before: Sequence[float], after: Sequence[float], criteria: Criteria) -> Interval | None:
    """Interval of the slowdown between two rows of one logarithm a process; None with fewer than two on a side."""
    if min(len(before), len(after)) < 2:
        return None
    return welch_interval(before, after, criteria.confidence if _decide(before, after) else PLAIN_CONFIDENCE)


def _direction(slowdown: Interval, edge: float) -> str | None:
    """To which side the whole interval lies beyond the edges, if it does."""
    return "slower" if slowdown.low > edge else "faster" if slowdown.high < -edge else None


def in_percent(slowdown: Interval) -> str:
    """A slowdown with its interval, as shares of the time."""
    estimate, low, high = (f"{math.expm1(end):+z.1%}" for end in (slowdown.estimate, slowdown.low, slowdown.high))
    return f"{estimate} ({low} to {high})"


def _decide(before: Sequence[float], after: Sequence[float]) -> bool:
    return min(len(before), len(after)) >= LEAST_PAIRS


def _judge(slowdown: Interval, rows: tuple[Sequence[float], Sequence[float]], criteria: Criteria) -> tuple[str, str]:
    if not _decide(*rows):
        return "inconclusive", f"{len(rows[0])} and {len(rows[1])} pairs; a verdict needs {LEAST_PAIRS} in each run"
    verdict = _place(slowdown, criteria.edge)
    if verdict == "inconclusive":
        return verdict, "the interval crosses the threshold: take more pairs (--rigorous)"
    resampled = _place(bootstrap_difference(*rows, criteria.confidence), criteria.edge)
    if resampled != verdict and (verdict, resampled) != ("no regression", "improvement"):
        return "inconclusive", f"the interval says {verdict}, the bootstrap does not: single pairs carry it"
    words = {"regression": "slower by more than", "improvement": "faster by more than"}
    certain = verdict in words
    return verdict, f"{words.get(verdict, 'not slower by')} {criteria.threshold:.2g}{' with certainty' * certain}"


def _place(slowdown: Interval, edge: float) -> str:
    """The verdict of an interval alone."""
    found = _direction(slowdown, edge)
    if found is not None:
        return "regression" if found == "slower" else "improvement"
    return "no regression" if slowdown.high <= edge else "inconclusive"


def _baseline_changed(moved: Moved, absolute: Interval | None) -> str:
    own = in_percent(absolute) if absolute else "is not known"
    return f"baseline changed: {moved.key[0]} beside it {in_percent(moved.slowdown)}; it by itself {own}"


def _memory(before: Cell, after: Cell) -> tuple[int | None, int | None] | None:
    mine, theirs = (cell.memory.peak_bytes if cell.memory else None for cell in (before, after))
    return None if mine is None and theirs is None else (mine, theirs)


def _grown(memory: tuple[int | None, int | None], threshold: float) -> tuple[bool, str]:
    """Whether the peak grew by more than the threshold and than chance, and what is to be said of it."""
    before, after = memory
    if before is None:
        return False, ""
    if after is None:
        return False, "memory: weighed in A, not in B"
    if after <= before * (1 + threshold) or after - before <= _LEAST_GROWTH_BYTES:
        return False, ""
    share = f"{after / before - 1:.0%}, " if before > 0 else ""
    return True, f"peak memory grew by {share}{format_bytes(after - before)} (one weighing on each side)"
