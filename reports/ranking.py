"""Who is fastest on what: only verified cells, only against others on the same readings."""

from collections.abc import Iterable
from dataclasses import dataclass

from harness.results import Cell, Interval, Status

_STATUS = {
    Status.OK: "not verified",
    Status.WRONG: "wrong answer",
    Status.CRASHED: "crashed",
    Status.TIMED_OUT: "ran out of time",
    Status.OUT_OF_MEMORY: "ran out of memory",
    Status.UNAVAILABLE: "unavailable here",
    Status.FAILED: "failed",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A cell's place in its ranking.

    Parameters
    ----------
    rank
        From 1; None for a cell without one.
    tied_with
        The implementation just ahead of it, where it is not surely slower than that.
    unranked
        Why there is no rank.
    """

    cell: Cell
    rank: int | None = None
    tied_with: str | None = None
    unranked: str | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """All cells of one workload at one size: the ranked ones by speed, then the others by name.

    Speed is the speed-up from pairs where all ranked cells have the same baseline, or are it: what the machine did to
    both sides of a pair has cancelled out, while throughputs come from different minutes. Else it is the throughput.
    """

    workload: str
    size: str
    digest: str | None
    places: tuple[Place, ...]

    @property
    def title(self) -> str:
        """The workload at its size, and what else tells it from others."""
        return f"{self.workload} at {self.size}"

    @property
    def anchor(self) -> str:
        """A name for links, unique in a run."""
        return "-".join(slug(part) for part in (self.workload, self.size, (self.digest or "")[:6]))

    @property
    def is_real(self) -> bool:
        """Whether the readings were recorded rather than generated."""
        return any(place.cell.is_real for place in self.places)

    @property
    def baseline(self) -> str | None:
        """What all ranked cells took turns with, and so what the ranks rest on; None where they rest on throughput."""
        return _common_baseline([place.cell for place in self.ranked])

    @property
    def rule(self) -> str:
        """What the ranks follow, in words."""
        return f"the speed-up over {self.baseline}, from pairs" if self.baseline else "the throughput"

    @property
    def ranked(self) -> tuple[Place, ...]:
        """The places with a rank, fastest first."""
        return tuple(place for place in self.places if place.rank is not None)


def rankings(cells: Iterable[Cell]) -> tuple[Ranking, ...]:
    """`cells` by workload, size and digest: real readings first, else in the order they were measured."""
    groups: dict[tuple[str, str, str | None], list[Cell]] = {}
    elsewhere: list[Cell] = []
    for cell in cells:
        if cell.workload_digest is None or cell.size != cell.requested_size:
            elsewhere.append(cell)
        else:
            groups.setdefault((cell.workload, cell.requested_size, cell.workload_digest), []).append(cell)
    for cell in elsewhere:
        wanted = (cell.workload, cell.requested_size)
        key = next((key for key in groups if key[:2] == wanted), (*wanted, None))
        groups.setdefault(key, []).append(cell)
    found = [Ranking(*key, places=_places(group)) for key, group in groups.items()]
    return tuple(sorted(found, key=lambda ranking: not ranking.is_real))


def why_unverified(cell: Cell) -> str | None:
    """Why a cell has no number, in one line; None for a verified one."""
    if cell.verified:
        return None
    failures = cell.proof.failures if cell.proof else ()
    cause = cell.reason or (str(failures[0]) if failures else None)
    if cause is None and cell.status is Status.OK:
        cause = "no check was made on this workload"
    return f"{status_words(cell)}: {cause}" if cause else status_words(cell)


def status_words(cell: Cell) -> str:
    """What became of a cell, in words.

    A cell that ran to its end but failed a check is wrong, whatever it says.
    """
    if cell.status is Status.OK:
        if cell.verified:
            return "verified"
        return _STATUS[Status.WRONG] if cell.proof and cell.proof.failures else _STATUS[Status.OK]
    return _STATUS[cell.status]


def where(cell: Cell) -> str:
    """The workload and size of a cell, with the size that was asked for where that is another."""
    other = f" (for {cell.requested_size})" if cell.size != cell.requested_size else ""
    return f"{cell.workload} at {cell.size}{other}"


def slug(text: str) -> str:
    """`text` as part of an anchor: letters, digits and hyphens."""
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in text.lower()).split()) or "x"


def _places(cells: list[Cell]) -> tuple[Place, ...]:
    reasons = {cell.key: _unranked(cell) for cell in cells}
    timed = [cell for cell in cells if reasons[cell.key] is None]
    baseline = _common_baseline(timed)
    ranked = sorted(timed, key=lambda cell: (-speed(cell, baseline).median, -speed(cell, None).median))
    places = []
    for position, cell in enumerate(ranked):
        ahead = ranked[position - 1] if position else None
        tied = ahead.implementation if ahead and not surely_faster(ahead, cell) else None
        places.append(Place(cell, rank=position + 1, tied_with=tied))
    others = sorted((cell for cell in cells if reasons[cell.key]), key=lambda cell: (not cell.verified, cell.key))
    return (*places, *(Place(cell, unranked=reasons[cell.key]) for cell in others))


def _unranked(cell: Cell) -> str | None:
    if not cell.verified:
        return why_unverified(cell)
    if cell.throughput is None:
        return cell.reason or "verified, but its speed was not measured"
    if cell.size != cell.requested_size:
        why = cell.reason or next((note for note in cell.notes if cell.requested_size in note), None)
        return why or f"measured at {cell.size}; {cell.requested_size} was out of its reach"
    return None


def surely_faster(first: Cell, second: Cell) -> bool:
    """Whether the interval of `first` lies wholly above that of `second`.

    By the speed-ups over the baseline that both took turns with, or that one of them is; else by the throughputs.
    """
    baseline = _common_baseline([first, second])
    return speed(first, baseline).low > speed(second, baseline).high


def _common_baseline(cells: list[Cell]) -> str | None:
    """What all `cells` were timed against, or are themselves; None where there is no such implementation."""
    baselines = {cell.speed_up.baseline for cell in cells if cell.speed_up}
    if len(baselines) != 1:
        return None
    (baseline,) = baselines
    return baseline if all(cell.speed_up or cell.implementation == baseline for cell in cells) else None


def speed(cell: Cell, baseline: str | None) -> Interval:
    """What a timed cell is ranked by: times `baseline`, itself exactly 1; readings a second where that is None."""
    if baseline is not None:
        return cell.speed_up.ratio if cell.speed_up else Interval(1.0, 1.0, 1.0)
    assert cell.throughput is not None
    return cell.throughput.per_s
