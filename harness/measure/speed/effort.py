"""How much effort a level takes: warm-up, blocks, pairs, width."""

from dataclasses import dataclass

from harness.results import Level
from harness.statistics.stopping import Stopping
from harness.statistics.verdict import LEAST_PAIRS


@dataclass(frozen=True, slots=True)
class Effort:
    """What one level asks of a measurement.

    Parameters
    ----------
    warm_up_s, warm_up_calls
        At least that many seconds and calls before the first sample.
    blocks : int
        Blocks (A B B A or B A A B) a pair.
    least_pairs, most_pairs, width
        When to stop: never before `least_pairs`, at `most_pairs` at the latest, in between when the interval of the
        effect is within +-`width`.
    sample_s, sample_many_s
        A sample's least duration for one thread, and for several threads or a GPU.
    keeps_baseline : bool
        Whether the baseline's processes, one a pair, stay alive for the next candidates; else each pair has its own.
    latency_s, latency_repetitions
        How long, and how often, a cell is put under the study's load; 0 leaves it out.
    counts_allocations : bool
        Whether allocations in steady state are counted.
    cell_budget_s
        What a cell may take; an implementation that would take longer is measured at a smaller size.
    """

    level: Level
    warm_up_s: float
    blocks: int
    least_pairs: int
    most_pairs: int
    width: float
    cell_budget_s: float
    warm_up_calls: int = 3
    sample_s: float = 0.010
    sample_many_s: float = 0.100
    keeps_baseline: bool = False
    counts_allocations: bool = True
    latency_s: float = 3.0
    latency_repetitions: int = 3

    @property
    def gives_verdicts(self) -> bool:
        """Whether it takes as many pairs as a verdict needs."""
        return self.most_pairs >= LEAST_PAIRS

    def stopping(self, candidates: int) -> Stopping:
        """The stopping rule for a run with that many candidates."""
        return Stopping(self.width, self.most_pairs, self.least_pairs, max(1, candidates))

    def least_sample_s(self, threads: str) -> float:
        """A sample's least duration for an implementation that declares `threads` ("one" or "many")."""
        return self.sample_s if threads == "one" else self.sample_many_s


EFFORTS: dict[Level, Effort] = {
    effort.level: effort
    for effort in (
        Effort(
            Level.QUICK,
            0.3,
            1,
            3,
            3,
            0.05,
            cell_budget_s=25.0,
            keeps_baseline=True,
            counts_allocations=False,
            latency_s=0.0,
        ),
        Effort(Level.DEFAULT, 1.0, 4, LEAST_PAIRS, 12, 0.05, cell_budget_s=90.0),
        Effort(Level.RIGOROUS, 1.0, 6, LEAST_PAIRS, 40, 0.01, cell_budget_s=600.0),
    )
}
