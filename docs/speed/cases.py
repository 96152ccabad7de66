"""What is compared with what, and how much faster it must be."""

from dataclasses import dataclass

_RETAIN = 1_000_000


@dataclass(frozen=True, slots=True)
class Case:
    """One comparison on one stream: three windows, all five steps, the history full.

    Parameters
    ----------
    workload, sensors, batch, window
        The stream; a window of so many readings, three of them.
    candidate, baseline
        Implementations.
    threads
        That both may use.
    least, aim
        How many times as fast the candidate must be, and is meant to be.
    """

    workload: str
    sensors: int
    batch: int
    candidate: str
    baseline: str
    least: float
    aim: float | None
    threads: int = 1
    window: int = 500_000
    retain: int = _RETAIN

    @property
    def title(self) -> str:
        """Sensors and batch, and the workload if it is not `steady`."""
        odd = "" if self.workload == "steady" else f"`{self.workload}`, "
        return f"{odd}{self.sensors:,} sensors, batches of {self.batch:,}"


_PEER = "pandas_merge"
CASES = (
    Case("steady", 1_000, 100_000, "simd", _PEER, 8.0, 16.0),
    Case("steady", 10_000, 100_000, "simd", _PEER, 8.0, 16.0),
    Case("steady", 100_000, 100_000, "simd", _PEER, 6.0, 12.0),
    Case("steady", 10_000, 1_000, "simd", _PEER, 20.0, 40.0),
    Case("fleet", 1_000_000, 100_000, "simd", _PEER, 6.0, 12.0),
    Case("steady", 10_000, 1_000_000, "parallel", "simd", 1.6, None, threads=2, window=1_000_000),
    Case("steady", 10_000, 1_000_000, "parallel", "parallel[padded=false]", 1.0, None, threads=2, window=1_000_000),
)
LEAST_ROOFLINE_SHARE, ROOFLINE_SENSORS = 0.30, 1_000
MOST_FIRST_ANSWER_S = 2.0
