"""A long batch lets go of the interpreter's lock, so that other threads run meanwhile."""

import threading

import numpy as np

from harness.contract import Readings, Sensors
from implementations.processors.simd import Simd

_COUNT, _CALLS = 3_000_000, 20


def test_another_thread_runs_while_a_long_batch_is_processed() -> None:
    simd = Simd()
    simd.start(Sensors(np.arange(50, dtype=np.uint32), np.ones(50, np.float32), np.zeros(50, np.float32)), retain=100)
    batch = Readings(np.zeros(_COUNT, np.uint32), np.zeros(_COUNT, np.int64), np.ones(_COUNT, np.float32))
    simd.process(batch)
    steps, ended, moved = 0, threading.Event(), 0

    def step() -> None:
        nonlocal steps
        while not ended.is_set():
            steps += 1

    beside = threading.Thread(target=step)
    beside.start()
    for _ in range(_CALLS):
        before = steps
        simd.process(batch)
        moved += steps > before
    ended.set()
    beside.join()
    assert moved > _CALLS / 2, f"it moved during {moved} of {_CALLS} calls"
