"""Two stored runs, cell by cell: what became faster, slower, larger, and with what certainty."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from harness.errors import UnlikeError
from harness.results import Cell
from harness.statistics.intervals import Interval, corrected_confidence
from harness.statistics.unpaired import welch_interval
from reports.load import Run

_LEAST_PROCESSES = 3
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """What one cell did from run A to run B.

    Parameters
    ----------
    key : tuple
        Implementation, workload, measured size.
    slowdown : Interval or None
        Of ln(time per reading in B / in A); None where it cannot be said.
    relative_to : str or None
        The baseline that both were measured against in turns, which takes the state of the machine out of it.
    verdict : "regression", "improvement", "no regression", "inconclusive", "broken", "mended", "not comparable"
    reason : str
    memory : tuple of int or None
        Peak over runtime in A and B, bytes.
    """

    key: Key
    slowdown: Interval | None
    relative_to: str | None
    verdict: str
    reason: str
    memory: tuple[int, int] | None = None

    @property
    def is_bad(self) -> bool:
        """Whether it is reason to stop a merge."""
        return self.verdict in ("regression", "broken")


@dataclass(frozen=True, slots=True)
class Comparison:
    """All cells of two runs, with what makes the comparison doubtful."""

    before: str
    after: str
    threshold: float
    changes: tuple[Change, ...]
    only_before: tuple[Key, ...]
    only_after: tuple[Key, ...]
    unlike: tuple[str, ...]

    @property
    def is_bad(self) -> bool:
        """Whether any cell is."""
        return any(change.is_bad for change in self.changes)


def compare_runs(
    before: Run, after: Run, threshold: float, differences: tuple[str, ...], *, allow_unlike: bool = False
) -> Comparison:
    """Compare the cells that both runs have.

    Parameters
    ----------
    threshold
        Share by which B may be slower, or larger, before it counts: 0.05 is 5%.
    differences
        What makes the two machines unlike, in words.
    allow_unlike
        Compare all the same; the differences are then shown with every figure.

    Raises
    ------
    UnlikeError
        If the machines, or the input of a cell, are unlike and that was not allowed, or no cell is in both.
    """
    mine, theirs = _cells(before), _cells(after)
    shared = [key for key in mine if key in theirs]
    unlike = [*differences, *_other_inputs(mine, theirs, shared)]
    if unlike and not allow_unlike:
        raise UnlikeError(
            f"{before.id} and {after.id} are unlike: {'; '.join(unlike)}; "
            "measure again on one machine and input, or compare all the same with --allow-unlike"
        )
    if not shared:
        raise UnlikeError(
            f"{before.id} and {after.id} have no cell in common; expected the same implementations, workloads and sizes"
        )
    confidence = corrected_confidence(len(shared))
    changes = tuple(_change(key, mine[key], theirs[key], threshold, confidence) for key in shared)
    return Comparison(
        before=before.id,
        after=after.id,
        threshold=threshold,
        changes=changes,
        only_before=tuple(key for key in mine if key not in theirs),
        only_after=tuple(key for key in theirs if key not in mine),
        unlike=tuple(unlike),
    )


def _cells(run: Run) -> dict[Key, Cell]:
    return {(cell.implementation, cell.workload, cell.size): cell for cell in run.cells}


def _other_inputs(mine: Mapping[Key, Cell], theirs: Mapping[Key, Cell], shared: list[Key]) -> list[str]:
    found: dict[tuple[str, ...], str] = {}
    for key in shared:
        digests = (mine[key].workload_digest, theirs[key].workload_digest)
        if None not in digests and digests[0] != digests[1]:
            found[key[1:]] = f"{key[1]} at {key[2]} has other readings (digest {digests[0]:.8}, {digests[1]:.8})"
        if mine[key].threads != theirs[key].threads:
            found[key] = f"{key[0]} used {mine[key].threads} and {theirs[key].threads} threads"
    return list(found.values())


def _change(key: Key, before: Cell, after: Cell, threshold: float, confidence: float) -> Change:
    if before.verified and not after.verified:
        return Change(key, None, None, "broken", f"{after.status}: {after.reason}")
    if after.verified and not before.verified:
        return Change(key, None, None, "mended", f"was {before.status}: {before.reason}")
    if not before.verified:
        return Change(key, None, None, "not comparable", f"{before.status} in both: {after.reason}")
    memory = _memory(before, after)
    rows, baseline = _effects(before, after)
    if rows is None:
        return Change(key, None, None, "not comparable", "too few processes in one of them", memory)
    slowdown = welch_interval(*rows, confidence)
    verdict, reason = _judge(slowdown, threshold)
    grown = memory is not None and memory[0] > 0 and memory[1] > memory[0] * (1 + threshold) + 65536
    if grown and memory is not None:
        verdict = "regression"
        reason = f"peak memory grew by {memory[1] / memory[0] - 1:.0%}" + ("" if reason == "" else f"; speed: {reason}")
    return Change(key, slowdown, baseline, verdict, reason, memory)


def _judge(slowdown: Interval, threshold: float) -> tuple[str, str]:
    edge = math.log1p(threshold)
    if slowdown.low > edge:
        return "regression", f"slower by more than {threshold:.2g} with certainty"
    if slowdown.high < -edge:
        return "improvement", f"faster by more than {threshold:.2g} with certainty"
    if slowdown.high <= edge:
        return "no regression", f"not slower by {threshold:.2g}"
    return "inconclusive", "the interval crosses the threshold: take more pairs (--rigorous)"


def _memory(before: Cell, after: Cell) -> tuple[int, int] | None:
    peaks = [cell.memory.peak_bytes if cell.memory else None for cell in (before, after)]
    return None if peaks[0] is None or peaks[1] is None else (peaks[0], peaks[1])


def _effects(before: Cell, after: Cell) -> tuple[tuple[list[float], list[float]] | None, str | None]:
    """One logarithm a process of each run: against the same baseline where there is one, else absolute."""
    mine, theirs = before.speed_up, after.speed_up
    if mine is not None and theirs is not None and mine.baseline == theirs.baseline:
        rows = (list(mine.effects), list(theirs.effects))
        return (rows if min(map(len, rows)) >= _LEAST_PROCESSES else None), mine.baseline
    absolute = (_per_process(before), _per_process(after))
    return (absolute if min(map(len, absolute)) >= _LEAST_PROCESSES else None), None


def _per_process(cell: Cell) -> list[float]:
    """The median logarithm of the time per reading of each fresh process."""
    throughput = cell.throughput
    if throughput is None or not 1 <= throughput.pairs <= len(throughput.sample_ns_per_reading):
        return []
    groups = np.array_split(np.log(throughput.sample_ns_per_reading), throughput.pairs)
    return [float(np.median(group)) for group in groups]
