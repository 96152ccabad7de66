"""What a tuning is for: a goal, the load that latency is meant at, and limits that no setting may exceed."""

from dataclasses import dataclass
from typing import Literal

from harness.errors import UsageError

Goal = Literal["throughput", "p99", "memory"]


@dataclass(frozen=True, slots=True)
class Aim:
    """What is wanted.

    Parameters
    ----------
    goal
        "throughput": least time a reading; "p99": least latency at `offered_per_s`; "memory": least peak.
    most_p99_s, most_memory_bytes
        What no setting may exceed; latency at `offered_per_s`, memory over the runtime.
    """

    goal: Goal = "throughput"
    offered_per_s: float | None = None
    most_p99_s: float | None = None
    most_memory_bytes: int | None = None

    def __post_init__(self) -> None:
        if self.offered_per_s is None and (self.goal == "p99" or self.most_p99_s is not None):
            raise UsageError("a latency is one at a load; give --rate, such as --rate 1e6")

    @property
    def constraints(self) -> dict[str, float]:
        """The limits that are set, by name."""
        limits = {"p99_s": self.most_p99_s, "memory_bytes": self.most_memory_bytes}
        return {name: float(value) for name, value in limits.items() if value is not None}
