"""One side of the noise measurement: a fixed piece of work, the same for all versions of this project.

Run as a program of its own (``python -m harness.measure.machine.noise_workload CPU``). Each line on its standard
input is a number of rounds; it answers with the nanoseconds they took. It ends with its input.
"""

import os
import sys
import time

import numpy as np

_READINGS = 20_000
_SENSORS = 2_000
_SEED = 20240607


class Work:
    """The job in little, in plain NumPy: match by search, calibrate, aggregate; about half a MiB of state."""

    def __init__(self) -> None:
        rng = np.random.default_rng(_SEED)
        self._ids = np.unique(rng.integers(0, 1 << 32, _SENSORS, np.uint32))
        self._gain = rng.random(len(self._ids), np.float32)
        self._offset = rng.random(len(self._ids), np.float32)
        self._chosen = rng.choice(self._ids, _READINGS)
        self._value = rng.random(_READINGS, np.float32)

    def once(self) -> float:
        """Do it once; the sum of all sums."""
        row = np.searchsorted(self._ids, self._chosen)
        calibrated = self._value * self._gain[row] + self._offset[row]
        return float(np.bincount(row, calibrated, len(self._ids)).sum())


def main(cpu: int) -> None:
    """Serve until the input ends."""
    if cpu >= 0 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {cpu})
    work = Work()
    for line in sys.stdin:
        rounds = int(line)
        start_ns = time.perf_counter_ns()
        for _ in range(rounds):
            work.once()
        sys.stdout.write(f"{time.perf_counter_ns() - start_ns}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
