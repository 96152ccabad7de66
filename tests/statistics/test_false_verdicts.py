"""Simulated machines: how often identical code is called different, and a planted slowdown found.

The noise of a sample is heavy-tailed (Student, three degrees) with stalls on top, the machine drifts, and every
pair of processes has an offset of its own (layout, hash seed). Seeded, so that the figures are always the same.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.statistics import (
    BAND,
    Judgement,
    Stopping,
    Verdict,
    block_effects,
    corrected_confidence,
    judge,
    t_interval,
)
from harness.statistics.intervals import t_quantile
from harness.statistics.verdict import place

BLOCKS = 5
MOST = 20
DECIDED = {Verdict.FASTER, Verdict.SLOWER}


def machine(
    rng: np.random.Generator, comparisons: int, slowdown: float, sample_noise: float, pair_noise: float
) -> NDArray[np.float64]:
    """Effects of ``(comparisons, MOST)`` pairs, measured through blocks of four samples in turns."""
    shape = (comparisons, MOST, BLOCKS, 4)
    place_in_pair = np.arange(BLOCKS * 4).reshape(BLOCKS, 4) / (BLOCKS * 4)
    drift = rng.normal(0, 0.05, (comparisons, MOST, 1, 1)) * place_in_pair
    wave = 0.02 * np.sin(2 * np.pi * (3 * place_in_pair + rng.uniform(0, 1, (comparisons, MOST, 1, 1))))
    noise = sample_noise * rng.standard_t(3, shape) + np.where(rng.random(shape) < 0.02, rng.exponential(0.3, shape), 0)
    offset = pair_noise * rng.standard_t(5, (comparisons, MOST, 1, 1))
    is_candidate = np.where(rng.random((comparisons, MOST, BLOCKS, 1)) < 0.5, [0, 1, 1, 0], [1, 0, 0, 1]) == 1
    times = np.exp(noise + drift + wave + is_candidate * (offset + math.log1p(slowdown)))
    candidate = times[is_candidate].reshape(*shape[:3], 2)
    baseline = times[~is_candidate].reshape(*shape[:3], 2)
    return np.asarray(np.median(block_effects(baseline, candidate), axis=2))


def judged(effects: NDArray[np.float64], width: float) -> Iterator[Judgement]:
    """Each comparison, stopped on width; those that Student's interval leaves open need no bootstrap to stay so."""
    stopping = Stopping(width, MOST)
    for row in effects.tolist():
        taken = next(count for count in range(6, MOST + 1) if stopping.done(row[:count]))
        yield judge(row[:taken])


def decided(effects: NDArray[np.float64], width: float) -> int:
    """How many comparisons come out as faster or slower."""
    stopping, count = Stopping(width, MOST), 0
    for row in effects.tolist():
        taken = next(pairs for pairs in range(6, MOST + 1) if stopping.done(row[:pairs]))
        if place(t_interval(row[:taken])) in DECIDED:
            count += judge(row[:taken]).verdict in DECIDED
    return count


@pytest.mark.parametrize(
    ("sample_noise", "pair_noise", "width"),
    [(0.005, 0.002, 0.05), (0.02, 0.005, 0.05), (0.02, 0.02, 0.05), (0.02, 0.005, 0.01)],
)
def test_identical_code_is_called_different_at_most_once_in_five_hundred(
    sample_noise: float, pair_noise: float, width: float
) -> None:
    rng = np.random.default_rng(11)
    comparisons = 1_500
    assert decided(machine(rng, comparisons, 0.0, sample_noise, pair_noise), width) <= comparisons / 500


@pytest.mark.parametrize(("slowdown", "found_at_least"), [(0.05, 0.95), (0.10, 0.99)])
def test_a_planted_slowdown_is_found_where_the_interval_is_narrow_and_never_called_the_same(
    slowdown: float, found_at_least: float
) -> None:
    rng = np.random.default_rng(12)
    results = list(judged(machine(rng, 400, slowdown, 0.01, 0.005), 0.05))
    narrow = [result for result in results if result.interval and result.interval.half_width <= math.log1p(0.02)]
    assert len(narrow) > 200
    found = np.mean([result.verdict is Verdict.SLOWER for result in narrow])
    assert found >= found_at_least
    assert not any(result.verdict in {Verdict.SAME, Verdict.FASTER} for result in results)


def false_rate(
    stop: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.bool_]], comparisons: int
) -> float:
    """Share of A/A comparisons of normal noise of 8% that end decided, if ``stop(mean, reach)`` ends them."""
    effects = np.random.default_rng(13).normal(0, 0.08, (comparisons, MOST))
    counts = range(6, MOST + 1)
    means = np.stack([effects[:, :count].mean(axis=1) for count in counts], axis=1)
    quantiles = [t_quantile(0.5 + corrected_confidence(1) / 2, count - 1) / math.sqrt(count) for count in counts]
    reaches = np.stack(
        [effects[:, :count].std(axis=1, ddof=1) * quantile for count, quantile in zip(counts, quantiles, strict=True)],
        axis=1,
    )
    ends = stop(means, reaches)
    ends[:, -1] = True
    last = ends.argmax(axis=1)
    each = np.arange(comparisons)
    return float((np.abs(means[each, last]) - reaches[each, last] > BAND).mean())


def test_stopping_on_width_keeps_the_rate_that_stopping_on_the_verdict_loses() -> None:
    """On a loud machine, where the band protects least: 1% is what a single look at the interval may miss."""
    on_width = false_rate(lambda _, reaches: reaches <= math.log1p(0.05), 20_000)
    on_verdict = false_rate(lambda means, reaches: np.abs(means) - reaches > BAND, 20_000)
    assert on_width <= 0.01
    assert on_verdict >= 2 * on_width
