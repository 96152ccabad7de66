"""Points of a scaling measurement: one implementation at one size, and how much effort each is worth."""

from dataclasses import dataclass, field

from harness.discovery import Entry
from harness.measure.machine.roofline import footprint_bytes
from harness.measure.speed.effort import Effort
from harness.optimize.scale_plan import Axis, Ladder
from harness.results import Level
from harness.stream import Stream


@dataclass(frozen=True, slots=True)
class Pace:
    """How much a scaling measurement may take.

    Parameters
    ----------
    processes : int
        Fresh processes a point, one a round.
    warm_up_s, sample_s : float
        In each of them, at least; a sample is whole passes over the stream.
    blocks : int
        Blocks (A B B A or B A A B) a process, the median of which is its effect.
    point_s : float
        What proof and processes of a point may take together; a larger one is left out.
    """

    processes: int = 5
    warm_up_s: float = 0.15
    sample_s: float = 0.02
    blocks: int = 3
    point_s: float = 30.0

    @property
    def effort(self) -> Effort:
        """The same in the terms of a live side."""
        return Effort(
            Level.DEFAULT,
            warm_up_s=self.warm_up_s,
            blocks=self.blocks,
            least_pairs=self.processes,
            most_pairs=self.processes,
            width=0.0,
            cell_budget_s=2 * self.point_s,
            sample_s=self.sample_s,
        )


QUICK = Pace(processes=3, warm_up_s=0.05, sample_s=0.01, point_s=6.0)


@dataclass(slots=True)
class Point:
    """One implementation at one size.

    Parameters
    ----------
    value : int
        True size on the axis.
    working_set_bytes : int
        Two staged windows, the sensors' state and the history as plain arrays; objects take more.
    process_s : float
        What its last process took in all; before the first, its proof.
    checks : int
        Checks that its proof made, all passed; 0 where it is not proved.
    left_out : str or None
        Why it has no cost.
    effects : list of float
        One a process: ln(time per reading here / at the size that goes along).
    closing_shares : list of float
        Part of the time that was not in `process` calls: flushing and closing windows.
    costs_s : list of float
        One a process, in the axis's own cost; known when all rounds are over.
    """

    entry: Entry
    ladder: Ladder
    stream: Stream
    value: int
    working_set_bytes: int
    process_s: float = 0.0
    threads: str = "one"
    approach: str | None = None
    checks: int = 0
    left_out: str | None = None
    effects: list[float] = field(default_factory=list)
    closing_shares: list[float] = field(default_factory=list)
    costs_s: list[float] = field(default_factory=list)

    @property
    def usable(self) -> bool:
        """Whether it is proved and not left out."""
        return self.left_out is None and self.checks > 0

    @property
    def curve(self) -> tuple[Axis, str]:
        """The curve it is on: its axis, and the label of its implementation."""
        return self.ladder.axis, self.entry.label

    @property
    def title(self) -> str:
        """What it is, for a line of progress."""
        return f"{self.entry.label} at {self.value:,} ({self.ladder.axis})"

    @property
    def readings_a_cost(self) -> float:
        """How many readings the axis's cost is of."""
        axis = self.ladder.axis
        return {Axis.READINGS: float(len(self.stream)), Axis.SENSORS: 1.0, Axis.BATCH: float(self.value)}[axis]


def point_of(entry: Entry, ladder: Ladder, stream: Stream) -> Point:
    """A point that is neither proved nor timed; recordings have sensors and batches of their own."""
    staged = 2 * -(-len(stream) // len(stream.window_ends))
    footprint = footprint_bytes(staged, stream.size.sensors, stream.size.retain)
    return Point(entry, ladder, stream, int(getattr(stream.size, ladder.axis)), footprint)
