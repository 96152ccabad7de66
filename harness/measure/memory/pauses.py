"""Pauses of the garbage collector: how many, how long."""

import gc
from dataclasses import dataclass
from typing import Any, Self

from harness.measure.processes.clock import now_ns


@dataclass(slots=True)
class Pauses:
    """Counts the collector's pauses while it is entered; a context manager."""

    count: int = 0
    longest_ns: int = 0
    total_ns: int = 0
    _began_ns: int = 0

    def __enter__(self) -> Self:
        gc.callbacks.append(self._notice)
        return self

    def __exit__(self, *_: object) -> None:
        gc.callbacks.remove(self._notice)

    def _notice(self, phase: str, info: dict[str, Any]) -> None:
        if phase == "start":
            self._began_ns = now_ns()
        elif self._began_ns:
            took_ns = now_ns() - self._began_ns
            self.count += 1
            self.total_ns += took_ns
            self.longest_ns = max(self.longest_ns, took_ns)

    def as_values(self, readings: int) -> dict[str, float]:
        """Count, longest and total, with how many readings were processed meanwhile, as JSON values."""
        return {
            "count": self.count,
            "longest_s": self.longest_ns / 1e9,
            "total_s": self.total_ns / 1e9,
            "readings": readings,
        }
