"""The verdict over a candidate and its baseline, from one effect a pair."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from harness.statistics.effects import SpeedUp
from harness.statistics.intervals import (
    Interval,
    bootstrap_interval,
    checked,
    corrected_confidence,
    t_interval,
    t_quantile,
)

BAND = math.log1p(0.01)
"""Effects of this size and less count as no difference: 1%, as a logarithm."""

LEAST_PAIRS = 6
"""No verdict from fewer pairs."""

POWER = 0.8

PLAIN_CONFIDENCE = 0.95
"""Of an interval that carries no verdict, as one of too few pairs: nothing is decided, so nothing is corrected."""


class Verdict(StrEnum):
    """What the pairs say of the candidate."""

    FASTER = "faster"
    SLOWER = "slower"
    SAME = "same"
    INCONCLUSIVE = "inconclusive"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with everything it rests on.

    Parameters
    ----------
    verdict : Verdict
    reason : str
        Why, in one line.
    effects : tuple of float
        One a pair: ln(time of the candidate / time of the baseline).
    interval, bootstrap : Interval or None
        Of the mean effect, by Student's distribution and by the bootstrap; None for fewer than two pairs.
    detectable : float or None
        The smallest difference, as a share, that pairs of this noise and number show four times in five; None
        where there is no verdict.
    """

    verdict: Verdict
    reason: str
    effects: tuple[float, ...]
    interval: Interval | None
    bootstrap: Interval | None
    detectable: float | None

    @property
    def speed_up(self) -> SpeedUp | None:
        """Time of the baseline over time of the candidate, with its interval."""
        return None if self.interval is None else SpeedUp.of(self.interval)


def judge(effects: Sequence[float], candidates: int = 1, *, band: float = BAND) -> Judgement:
    """The verdict over pairs with these `effects`, one of `candidates` comparisons of the run.

    The interval of the mean effect at 1 - 0.01/`candidates` wholly above the band: slower; below: faster; inside:
    same; else inconclusive, and so where the bootstrap's interval says otherwise. Fewer than six pairs: no verdict,
    and an interval at 95% that is not corrected for anything.

    Raises
    ------
    MeasurementError
        If an effect is not finite.
    """
    values = tuple(float(effect) for effect in checked(effects, least=0))
    count = len(values)
    if count < 2:
        return Judgement(
            Verdict.NONE, f"{count} pairs; an interval needs 2, a verdict {LEAST_PAIRS}", values, None, None, None
        )
    decides = count >= LEAST_PAIRS
    confidence = corrected_confidence(candidates) if decides else PLAIN_CONFIDENCE
    interval = t_interval(values, confidence)
    bootstrap = bootstrap_interval(values, confidence)
    deviation = float(np.std(values, ddof=1))
    detectable = smallest_detectable(deviation, count, candidates, band=band) if decides else None
    verdict, reason = _decide(count, interval, bootstrap, band)
    return Judgement(verdict, reason, values, interval, bootstrap, detectable)


def _decide(count: int, interval: Interval, bootstrap: Interval, band: float) -> tuple[Verdict, str]:
    share = f"{100 * math.expm1(band):.3g}%"
    if count < LEAST_PAIRS:
        return Verdict.NONE, f"{count} pairs; a verdict needs {LEAST_PAIRS}"
    verdict = place(interval, band)
    if verdict is Verdict.INCONCLUSIVE:
        return verdict, f"the interval crosses an edge of the band of +-{share}"
    if place(bootstrap, band) is not verdict:
        return Verdict.INCONCLUSIVE, f"the interval says {verdict}, the bootstrap does not: single pairs carry it"
    where = "inside" if verdict is Verdict.SAME else "outside"
    return verdict, f"the interval lies wholly {where} the band of +-{share}, and so does the bootstrap's"


def place(interval: Interval, band: float = BAND) -> Verdict:
    """Where `interval` lies against the band alone."""
    if interval.low > band:
        return Verdict.SLOWER
    if interval.high < -band:
        return Verdict.FASTER
    if interval.low >= -band and interval.high <= band:
        return Verdict.SAME
    return Verdict.INCONCLUSIVE


def smallest_detectable(deviation: float, pairs: int, candidates: int = 1, *, band: float = BAND) -> float:
    """The smallest slowdown, as a share, that is called four times in five (minimum detectable effect [1]_).

    band + (t for the confidence + t for the power) * `deviation` / sqrt(`pairs`), both t of `pairs` - 1 degrees.

    Parameters
    ----------
    deviation : float
        Standard deviation of the effects.

    References
    ----------
    .. [1] H. S. Bloom, Minimum detectable effects, Evaluation Review 19 (1995), 547-556.
    """
    degrees = pairs - 1
    multiple = t_quantile(0.5 + corrected_confidence(candidates) / 2, degrees) + t_quantile(POWER, degrees)
    return math.expm1(band + multiple * deviation / math.sqrt(pairs))
