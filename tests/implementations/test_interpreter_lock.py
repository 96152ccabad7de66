"""A long batch lets go of the interpreter's lock, so that other threads run meanwhile."""

import threading
import time

import numpy as np

from harness.contract import Readings, Sensors
from implementations.processors.simd import Simd

_COUNT, _CALLS = 6_000_000, 20


def test_another_thread_does_not_stand_still_while_a_long_batch_is_processed() -> None:
    simd = Simd()
    simd.start(Sensors(np.arange(50, dtype=np.uint32), np.ones(50, np.float32), np.zeros(50, np.float32)), retain=100)
    batch = Readings(np.zeros(_COUNT, np.uint32), np.zeros(_COUNT, np.int64), np.ones(_COUNT, np.float32))
    simd.process(batch)
    begun = time.perf_counter()
    simd.process(batch)
    call_s = time.perf_counter() - begun
    stood_still, ended = 0, threading.Event()

    def step() -> None:
        nonlocal stood_still
        last = time.perf_counter()
        while not ended.is_set():
            now = time.perf_counter()
            stood_still += now - last > call_s / 2
            last = now

    beside = threading.Thread(target=step)
    beside.start()
    for _ in range(_CALLS):
        simd.process(batch)
    ended.set()
    beside.join()
    assert stood_still < _CALLS / 2, f"it stood still in {stood_still} of {_CALLS} calls"
