"""The noise of this machine: identical work compared with itself, and the stalls of an idle loop.

The comparison is the project's own (fresh processes on one CPU, turns A B B A, the median over the blocks of a pair,
pairs judged by the verdict's rule), so that what it says of differences this machine can resolve holds for a run.
"""

import math
import os
import random
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.errors import MeasurementError
from harness.measure.machine.stalls import Stalls, watch_stalls
from harness.measure.speed.effort import EFFORTS
from harness.measure.speed.pairing import Sample, Side, take_pair
from harness.results import Level
from harness.statistics.verdict import Verdict, judge, smallest_detectable

_LEAST_PAIRS = 3
_STALLS_SHARE = 0.2
_WARM_UP_S = 0.3
_DEADLINE_S = 30.0

OpenPair = Callable[[random.Random], AbstractContextManager[tuple[Side, Side]]]
"""Starts two fresh processes of the same work, warmed up, and ends them."""


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """What comparing identical work showed.

    Parameters
    ----------
    effects
        One a pair, ln(time of one / time of the other); without noise all 0.
    block_deviation
        Standard deviation over all blocks.
    seconds
        What measuring took.
    stalls
        Of an idle loop on the same CPU, in between.
    """

    effects: tuple[float, ...]
    block_deviation: float
    seconds: float
    stalls: Stalls

    @property
    def deviation(self) -> float:
        """The noise figure: standard deviation of the effects of pairs (0.01 is about 1%)."""
        return float(np.std(self.effects, ddof=1))

    @property
    def verdict(self) -> Verdict:
        """What the rule says of the identical work: faster or slower would be false."""
        return judge(self.effects).verdict

    def detectable(self, pairs: int) -> float:
        """The smallest difference, as a share, that so many pairs would show four times in five."""
        return smallest_detectable(self.deviation, pairs)

    def resolutions(self) -> dict[int, float]:
        """Smallest difference by number of pairs: those that the levels with verdicts begin and end with."""
        levels = (EFFORTS[Level.DEFAULT], EFFORTS[Level.RIGOROUS])
        counts = sorted({pairs for effort in levels for pairs in (effort.least_pairs, effort.most_pairs)})
        return {pairs: self.detectable(pairs) for pairs in counts}

    def as_dict(self) -> dict[str, Any]:
        """As plain data that JSON can hold."""
        return {
            "pairs": len(self.effects),
            "effects": list(self.effects),
            "deviation": self.deviation,
            "block_deviation": self.block_deviation,
            "verdict": str(self.verdict),
            "detectable": {str(pairs): share for pairs, share in self.resolutions().items()},
            "seconds": self.seconds,
            "stalls": self.stalls.as_dict(),
        }


def measure_noise(
    seconds: float = 20.0,
    *,
    open_pair: OpenPair | None = None,
    watch: Callable[[float], Stalls] | None = None,
    clock: Callable[[], float] = time.monotonic,
    seed: int | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> Noise:
    """Compare identical work with itself for about `seconds`, a fifth of which goes to an idle loop.

    Takes at least three pairs, however short the time.

    Parameters
    ----------
    open_pair, watch, clock
        The two sides of a pair, the idle loop and the clock; others than the real ones serve tests.
    progress
        Called with the share of the time that is over.

    Raises
    ------
    MeasurementError
        If a process of the pair dies or does not answer.
    """
    if not (seconds > 0 and math.isfinite(seconds)):
        raise MeasurementError(f"noise over {seconds} s; expected a time above zero, such as 20")
    cpu = max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else -1
    open_pair = open_pair or (lambda rng: _open_pair(rng, cpu))
    watch = watch or (lambda slice_s: watch_stalls(slice_s, cpu if cpu >= 0 else None))
    rng = random.Random(seed)
    blocks = EFFORTS[Level.DEFAULT].blocks
    began = clock()
    effects: list[float] = []
    block_effects: list[float] = []
    seen: list[Stalls] = []
    while len(effects) < _LEAST_PAIRS or clock() - began < seconds:
        pair_began = clock()
        with open_pair(rng) as (one, other):
            pair = take_pair(one, other, blocks, rng, audits=0)
        effects.append(pair.effect)
        block_effects += [block.effect for block in pair.blocks]
        seen.append(watch(max(0.01, (clock() - pair_began) * _STALLS_SHARE / (1 - _STALLS_SHARE))))
        progress(min(1.0, (clock() - began) / seconds))
    deviation = float(np.std(block_effects, ddof=1))
    return Noise(tuple(effects), deviation, clock() - began, Stalls.joined(seen))


class FixedSide:
    """A process of the fixed work, pinned and warmed up."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.windows = 1
        self._process = process
        self._rounds = 1

    def warm_up(self, rounds: int | None = None) -> int:
        """Run for a while and settle on how many rounds a sample takes, or on `rounds`; return them."""
        least_ns = 1e9 * EFFORTS[Level.DEFAULT].sample_s
        end = time.monotonic() + _WARM_UP_S
        while time.monotonic() < end:
            taken_ns = self.sample(None).timed_ns
            if rounds is None and taken_ns < 1.2 * least_ns:
                self._rounds = max(self._rounds + 1, math.ceil(self._rounds * 1.3 * least_ns / taken_ns))
        self._rounds = rounds or self._rounds
        return self._rounds

    def sample(self, audit: int | None) -> Sample:
        """Time the settled number of rounds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(b"%d\n" % self._rounds)
            self._process.stdin.flush()
            ready, _, _ = select.select([self._process.stdout], [], [], _DEADLINE_S)
            answer = self._process.stdout.readline() if ready else b"late"
            return Sample(int(answer), self._rounds)
        except (OSError, ValueError):
            raise MeasurementError(
                "a process of the noise measurement died or did not answer; expected two idle seconds of one CPU: "
                "look for a lack of memory, or leave it out with --no-noise"
            ) from None


@contextmanager
def _open_pair(rng: random.Random, cpu: int) -> Iterator[tuple[Side, Side]]:
    """Two processes of the fixed work, alike in seed, padding and CPU."""
    environment = {
        **os.environ,
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
        "PYTHONHASHSEED": str(rng.randrange(1, 1 << 32)),
        "SENSORBENCH_PADDING": "x" * rng.randrange(4096),
    }
    command = [sys.executable, "-m", "harness.measure.machine.noise_workload", str(cpu)]
    with ExitStack() as stack:
        processes = []
        for _ in range(2):
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
                process_group=0,  # an interrupt from the keyboard is the parent's to handle
            )
            stack.callback(_end, process)
            processes.append(process)
        sides = (FixedSide(processes[0]), FixedSide(processes[1]))
        sides[1].warm_up(sides[0].warm_up())
        yield sides


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.communicate()
