"""Two stored runs, cell by cell: what became faster, slower, larger, and what their baselines did meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from harness.errors import UnlikeError
from harness.results import Cell
from harness.statistics.intervals import corrected_confidence
from reports.change import Change, Criteria, Key, Moved, beside, change_of, common_baseline, moved_of, own_logs
from reports.load import Run


@dataclass(frozen=True, slots=True)
class Comparison:
    """All cells of two runs, with what makes the comparison doubtful.

    Parameters
    ----------
    baselines : tuple of Moved
        What the baselines of the rows did themselves, as far as that is known.
    """

    before: str
    after: str
    threshold: float
    changes: tuple[Change, ...]
    baselines: tuple[Moved, ...]
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
    criteria = Criteria(threshold, corrected_confidence(len(shared)))
    both = {key: (mine[key], theirs[key]) for key in shared}
    moved = _baselines(both, criteria)
    changes = tuple(change_of(key, *cells, criteria, moved.get(_foot(key, *cells))) for key, cells in both.items())
    return Comparison(
        before=before.id,
        after=after.id,
        threshold=threshold,
        changes=changes,
        baselines=tuple(moved.values()),
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


def _foot(key: Key, before: Cell, after: Cell) -> Key | None:
    """The key of the baseline that both cells took turns with."""
    baseline = common_baseline(before, after)
    return None if baseline is None else (baseline, *key[1:])


def _baselines(both: Mapping[Key, tuple[Cell, Cell]], criteria: Criteria) -> dict[Key | None, Moved]:
    """What each baseline did over the sessions: in the pairs with all its candidates, else by its own cells.

    The first pairs of all candidates make one value, and so on: their baseline may be one process that stayed.
    """
    rows: dict[Key, list[tuple[list[float], list[float]]]] = {}
    for key, (before, after) in both.items():
        foot = _foot(key, before, after)
        if foot is not None and before.verified and after.verified:
            rows.setdefault(foot, []).append((beside(before), beside(after)))
    found: dict[Key | None, Moved] = {}
    for foot, of_all in rows.items():
        known = [row for row in of_all if all(row)]
        before_logs, after_logs = (_by_pair([row[side] for row in known]) for side in (0, 1))
        if not known and foot in both:
            before_logs, after_logs = (own_logs(cell) if cell.verified else [] for cell in both[foot])
        moved = moved_of(foot, before_logs, after_logs, criteria)
        if moved is not None:
            found[foot] = moved
    return found


def _by_pair(rows: Sequence[Sequence[float]]) -> list[float]:
    """The mean over `rows` of their first values, of their second, and so on, as far as all have one."""
    return [fmean(values) for values in zip(*rows, strict=False)]
