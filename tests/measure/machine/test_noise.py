"""The noise of this machine: exact with fakes, sound with the real thing."""

import contextlib
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from harness.errors import MeasurementError
from harness.measure.machine.noise import Noise, measure_noise
from harness.measure.machine.noise_workload import Work
from harness.measure.machine.stalls import Stalls
from harness.measure.speed.pairing import Sample, Side
from harness.statistics.verdict import Verdict


@dataclass
class _Clock:
    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class _Side:
    clock: _Clock
    takes_s: float
    windows: int = 1

    def sample(self, audit: int | None) -> Sample:
        self.clock.now_s += self.takes_s
        return Sample(round(self.takes_s * 1e9), 1)


def _seen(seconds: float) -> Stalls:
    none = np.zeros(0, np.int64)
    return Stalls(round(seconds * 1e9), 1, 10_000, none, none, 0, 0)


def _measured(seconds: float, factors: list[float]) -> tuple[Noise, list[float], list[float]]:
    """Measure sides of which the second takes a factor longer, another factor for each pair."""
    clock, turns = _Clock(), iter(factors)
    watched: list[float] = []
    shares: list[float] = []

    @contextlib.contextmanager
    def open_pair(rng: random.Random) -> Iterator[tuple[Side, Side]]:
        clock.now_s += 0.5
        yield _Side(clock, 0.01), _Side(clock, 0.01 * next(turns))

    def watch(seconds: float) -> Stalls:
        watched.append(seconds)
        clock.now_s += seconds
        return _seen(seconds)

    noise = measure_noise(seconds, open_pair=open_pair, watch=watch, clock=clock, seed=1, progress=shares.append)
    return noise, watched, shares


def test_effects_of_pairs_are_exact() -> None:
    factors = [1.0, 1.02, 0.99, 1.01]
    noise, watched, shares = _measured(3.0, factors)
    assert noise.effects == pytest.approx([math.log(factor) for factor in factors])
    assert noise.deviation == pytest.approx(float(np.std(np.log(factors), ddof=1)))
    assert noise.stalls.watched_ns == pytest.approx(sum(watched) * 1e9)
    assert sum(watched) / noise.seconds == pytest.approx(0.2)
    assert shares[-1] == 1.0
    assert shares == sorted(shares)


def test_three_pairs_are_taken_however_short_the_time() -> None:
    noise, _, _ = _measured(0.001, [1.0, 1.1, 1.0])
    assert len(noise.effects) == 3
    assert noise.verdict is Verdict.NONE


def test_more_pairs_resolve_smaller_differences_and_never_below_the_band() -> None:
    noise, _, _ = _measured(10.0, [1.0, 1.01] * 10)
    shares = list(noise.resolutions().values())
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] > 0.01


def test_work_without_noise_resolves_the_band() -> None:
    noise, _, _ = _measured(5.0, [1.0] * 20)
    assert noise.deviation == 0
    assert noise.verdict is Verdict.SAME
    assert noise.detectable(6) == pytest.approx(0.01)
    assert noise.as_dict()["detectable"]["6"] == pytest.approx(0.01)


@pytest.mark.parametrize("seconds", [0.0, -1.0, math.nan, math.inf])
def test_a_time_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(MeasurementError, match="above zero"):
        measure_noise(seconds)


def test_a_dead_process_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(MeasurementError, match="died or did not answer") as caught:
        measure_noise(1.0)
    assert "\n" not in str(caught.value)


def test_the_work_is_fixed() -> None:
    assert Work().once() == Work().once()
    assert Work().once() == pytest.approx(Work().once())


def test_this_machine_s_noise_is_measured() -> None:
    noise = measure_noise(1.0)
    assert len(noise.effects) >= 3
    assert 0 < noise.deviation < 0.7
    assert noise.stalls.watched_ns > 0
