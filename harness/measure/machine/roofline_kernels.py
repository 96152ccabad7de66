"""Copying memory as fast as this machine can: the compiled loops, their buffers and their timing.

Imports Numba; run as a program of its own (``python -m harness.measure.machine.roofline_kernels POINTS CPUS``), so that
whoever wants to know the bandwidth neither pays for the compiler nor shares its buffers. :mod:`.roofline` does that.
"""

import json
import mmap
import os
import sys
import threading
import time
from typing import Any

import numpy as np
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

Words = NDArray[np.int64]

_HUGE_PAGE = 2 << 20
_CALL_S = 0.004
_BUDGET_S = 0.12
"""For the timed calls of one kernel; two kernels, touching and calibrating stay within half a second."""
_LEAST_CALLS = 5


@intrinsic  # type: ignore[untyped-decorator]
def _memcpy(typing_context: Any, target: Any, source: Any) -> Any:
    """Call the C library's memcpy on two arrays of equal length."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        ends = [
            context.make_array(kind)(context, builder, value)
            for kind, value in zip(signature.args, arguments, strict=True)
        ]
        cgutils.raw_memcpy(builder, ends[0].data, ends[1].data, ends[0].nitems, 8)
        return context.get_dummy_value()

    return types.void(target, source), generate


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def copy_by_memcpy(target: Words, source: Words, rounds: int) -> None:
    """Copy `rounds` times with memcpy, which by-passes the caches once a block exceeds its share of the last one."""
    for _ in range(rounds):
        _memcpy(target, source)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def copy_by_loop(target: Words, source: Words, rounds: int) -> None:
    """Copy `rounds` times with ordinary vector loads and stores; the addition keeps it from becoming memcpy."""
    for turn in range(rounds):
        for index in range(len(source)):
            target[index] = source[index] + turn


KERNELS = {"memcpy": copy_by_memcpy, "loop": copy_by_loop}


class Buffers:
    """Source and target of one thread, side by side at the start of a huge page, every page touched.

    Parameters
    ----------
    footprint_bytes
        Of both together.
    """

    def __init__(self, footprint_bytes: int) -> None:
        words = max(8, footprint_bytes // 16 // 8 * 8)  # whole cache lines
        self._block = mmap.mmap(-1, 16 * words + _HUGE_PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        if hasattr(mmap, "MADV_HUGEPAGE"):
            self._block.madvise(mmap.MADV_HUGEPAGE)
        whole = np.frombuffer(self._block, np.uint8)
        start = -whole.ctypes.data % _HUGE_PAGE
        both = whole[start : start + 16 * words].view(np.int64)
        both[:] = 1
        self.source, self.target = both[:words], both[words:]

    @property
    def moved_bytes(self) -> int:
        """Read plus written by one round."""
        return self.source.nbytes + self.target.nbytes


class _Team:
    """Threads that copy at the same time, each on its own CPU and its own part of the footprint."""

    def __init__(self, footprint_bytes: int, cpus: list[int]) -> None:
        self._barrier = threading.Barrier(len(cpus) + 1)
        self._times = [(0, 0)] * len(cpus)
        self._work: tuple[Any, int] | None = None
        self.moved_bytes = 0
        self._threads = [
            threading.Thread(target=self._serve, args=(index, footprint_bytes // len(cpus), cpu), daemon=True)
            for index, cpu in enumerate(cpus)
        ]
        for thread in self._threads:
            thread.start()
        self._barrier.wait()

    def copy_s(self, kernel: Any, rounds: int) -> float:
        """Seconds from the first thread's start to the last one's end."""
        self._work = (kernel, rounds)
        self._barrier.wait()
        self._barrier.wait()
        return (max(end for _, end in self._times) - min(start for start, _ in self._times)) / 1e9

    def end(self) -> None:
        """Let the threads end."""
        self._work = None
        self._barrier.wait()
        for thread in self._threads:
            thread.join()

    def _serve(self, index: int, footprint_bytes: int, cpu: int) -> None:
        try:
            self._copy(index, footprint_bytes, cpu)
        except BaseException:
            self._barrier.abort()  # lets the others fail instead of waiting for ever
            raise

    def _copy(self, index: int, footprint_bytes: int, cpu: int) -> None:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {cpu})
        buffers = Buffers(footprint_bytes)  # touched here, so that it lies in this CPU's memory
        if index == 0:
            self.moved_bytes = buffers.moved_bytes * len(self._times)
        self._barrier.wait()
        while True:
            self._barrier.wait()
            if self._work is None:
                return
            kernel, rounds = self._work
            start_ns = time.perf_counter_ns()
            kernel(buffers.target, buffers.source, rounds)
            self._times[index] = (start_ns, time.perf_counter_ns())
            self._barrier.wait()


def best_bytes_per_s(footprint_bytes: int, cpus: list[int], kernel_name: str) -> float:
    """Bytes read plus written a second while copying within `footprint_bytes`, the best of the calls in the budget."""
    kernel = KERNELS[kernel_name]
    team = _Team(footprint_bytes, cpus)
    try:
        rounds = 1
        team.copy_s(kernel, rounds)
        while (taken_s := team.copy_s(kernel, rounds)) < _CALL_S / 2:
            rounds = max(2 * rounds, int(rounds * _CALL_S / max(taken_s, 1e-7)))
        begun, best_s, calls = time.perf_counter(), taken_s, 0
        while calls < _LEAST_CALLS or time.perf_counter() - begun < _BUDGET_S:
            best_s = min(best_s, team.copy_s(kernel, rounds))
            calls += 1
            if time.perf_counter() - begun > 2 * _BUDGET_S:
                break
        return team.moved_bytes * rounds / best_s
    finally:
        team.end()


def main(points: list[list[int]], cpus: list[int]) -> list[dict[str, Any]]:
    """Measure each point, a footprint and a number of threads, with every kernel; the fastest stands."""
    for kernel in KERNELS.values():
        warm = Buffers(4096)
        kernel(warm.target, warm.source, 1)
    found = []
    for footprint_bytes, threads in points:
        speeds = {name: best_bytes_per_s(footprint_bytes, cpus[:threads], name) for name in KERNELS}
        fastest = max(speeds, key=lambda name: speeds[name])
        found.append(
            {
                "footprint_bytes": footprint_bytes,
                "threads": threads,
                "bytes_per_s": speeds[fastest],
                "kernel": fastest,
            }
        )
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]), json.loads(sys.argv[2]))))
