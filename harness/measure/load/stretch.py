"""One stretch of open-loop load, as the parent keeps it: how long readings waited, and whether the figure counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.measure.processes.handle import Reply
from harness.statistics.backlog import Standing, enough_s, judge_backlog
from harness.units import format_rate, format_seconds

MOST_SLIP_S = 0.001
"""A generator that is later than this at its own 99.9th percentile has measured itself."""

MOST_REST_SHARE = 0.05
"""A driver that rested more than this had time left: whatever fell behind, it was not the driver."""

SMALL_SHARE = 0.01
"""A standing queue of this share of all readings at the end, or of one batch, is no sign of overload."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one stretch of load showed.

    Parameters
    ----------
    offered_per_s, seconds
        The load.
    readings
        How many were offered.
    p50_s, p99_s, p999_s, max_s
        Latency; p99.9 is None below 10,000 readings.
    missing
        Readings not handed back in time; they count with what they had waited by then.
    slip_p999_s
        The generator's own lateness; None if it never was idle.
    standing
        The backlog's growth; None if the stretch was too short to tell.
    kept_up
        Nothing is missing, the standing queue does not grow, and is small at the end; None if the stretch was too short
        to tell.
    overloaded
        Whether it was ended early, because too many readings were waiting; latencies are then too low.
    own_share
        Part of the time that the driver took itself: not in the processor's calls, and not resting.
    invalid
        Why the figures are not the implementation's: the generator was late, or the driver took so long that the
        implementation had no chance; None if they are.
    recording_ns
        What counting a latency cost there.
    lines
        For plots: tail, latency and backlog over time.
    facts
        What the implementation says of itself.
    checked
        How many of the values that it handed back were held to what must come, and found right.
    tries
        How often it was taken, until the generator kept time and it was long enough.
    gap_s
        The longest time that values were waited for: the period of what hands them back in batches.
    """

    offered_per_s: float
    seconds: float
    readings: int
    p50_s: float | None
    p99_s: float | None
    p999_s: float | None
    max_s: float | None
    missing: int
    slip_p999_s: float | None
    slip_max_s: float | None
    standing: Standing | None
    kept_up: bool | None
    overloaded: bool
    own_share: float
    invalid: str | None
    recording_ns: float
    lines: Mapping[str, Any]
    facts: Mapping[str, Any]
    checked: int = 0
    tries: int = 1
    gap_s: float = 0.0

    @property
    def valid(self) -> bool:
        """Whether the generator kept time, so that the figures are the implementation's."""
        return self.invalid is None

    @property
    def unclear(self) -> str | None:
        """Why it says neither that the load was kept up with nor that it was not; None if it says one of them."""
        if self.standing is not None or self.missing:
            return None
        why = "too short to tell whether the backlog grows"
        if not self.gap_s:
            return why
        return (
            f"{why}: values came back up to {format_seconds(self.gap_s)} apart; "
            f"give it {format_seconds(self.enough_s)} or more"
        )

    @property
    def enough_s(self) -> float:
        """How long a stretch has to last to tell."""
        return max(self.seconds, enough_s(self.gap_s))

    def percentile_s(self, percent: float) -> float | None:
        """The latency at `percent` (50, 99, 99.9 or 100); None if it is not known."""
        return {50.0: self.p50_s, 99.0: self.p99_s, 99.9: self.p999_s, 100.0: self.max_s}[percent]

    def as_dict(self) -> dict[str, Any]:
        """Its figures as JSON values, without the lines."""
        return {
            "offered_per_s": self.offered_per_s,
            "seconds": self.seconds,
            "readings": self.readings,
            "p50_s": self.p50_s,
            "p99_s": self.p99_s,
            "p999_s": self.p999_s,
            "max_s": self.max_s,
            "missing": self.missing,
            "slip_p999_s": self.slip_p999_s,
            "slope_per_s": self.standing.slope_per_s if self.standing else None,
            "slope_upper_per_s": self.standing.slope_upper_per_s if self.standing else None,
            "final_backlog": self.standing.final if self.standing else None,
            "kept_up": self.kept_up,
            "overloaded": self.overloaded,
            "own_share": self.own_share,
            "invalid": self.invalid,
            "tries": self.tries,
            "gap_s": self.gap_s,
        }


def stretch_of(reply: Reply, offered_per_s: float, seconds: float, readings: int, batch: int) -> Stretch:
    """The stretch that a worker's answer describes."""
    values, arrays = reply.values, reply.arrays
    slip = values["slip"]
    gap_s = values["gap_ns"] / 1e9
    standing = judge_backlog(arrays["sample_s"], arrays["lowest"].astype(np.float64), gap_s)
    kept_up: bool | None = None
    if values["missing"]:
        kept_up = False
    elif standing is not None:
        kept_up = standing.final <= max(batch, SMALL_SHARE * readings) and standing.holds(offered_per_s)
    return Stretch(
        offered_per_s=offered_per_s,
        seconds=seconds,
        readings=readings,
        p50_s=_seconds(values["p50_ns"]),
        p99_s=_seconds(values["p99_ns"]),
        p999_s=_seconds(values["p999_ns"]),
        max_s=_seconds(values["max_ns"]),
        missing=int(values["missing"]),
        slip_p999_s=_seconds(slip["p999_ns"]),
        slip_max_s=_seconds(slip["max_ns"]),
        standing=standing,
        kept_up=kept_up,
        overloaded=bool(values["overloaded"]),
        own_share=1 - (values["called_ns"] + values["rested_ns"]) / max(1, values["span_ns"]),
        invalid=_invalid(values, offered_per_s, late=kept_up is False and _held_by_driver(arrays)),
        recording_ns=float(values["recording_ns"]),
        lines={
            "tail_share": _rounded(arrays["tail_share"]),
            "tail_s": _rounded(arrays["tail_ns"] / 1e9),
            "slice_s": _rounded(arrays["slice_s"]),
            "slice_p99_s": _known_seconds(arrays["slice_p99_ns"]),
            "slice_max_s": _known_seconds(arrays["slice_max_ns"]),
            "sample_s": _rounded(arrays["sample_s"]),
            "backlog": [int(value) for value in arrays["backlog"]],
        },
        facts=dict(values["facts"]),
        gap_s=gap_s,
    )


def _held_by_driver(arrays: Mapping[str, Any]) -> bool:
    """Whether most of what waited at the end had not even been handed over.

    Else it is the implementation that holds it: a driver that hands over what arrives does its part.
    """
    held, backlog = arrays["held"], arrays["backlog"]
    return bool(len(held)) and 2 * int(held[-1]) > int(backlog[-1])


def _invalid(values: Mapping[str, Any], offered_per_s: float, *, late: bool) -> str | None:
    """Why a stretch says nothing of its implementation; None if it does.

    Where readings were handed over too `late` to keep up although the driver never rested, and the processor's calls
    alone would have been quick enough, the driver's own work made the difference.
    """
    slip_s = _seconds(values["slip"]["p999_ns"])
    if slip_s is not None and slip_s > MOST_SLIP_S:
        return f"the generator itself was {format_seconds(slip_s)} late at p99.9"
    done = values["count"] - values["missing"]
    alone_per_s = done / max(1, values["called_ns"]) * 1e9
    busy = values["rested_ns"] <= MOST_REST_SHARE * values["span_ns"]
    producer = values.get("generator")  # in a process of its own: it may be what falls behind
    if producer and late and producer["rested_ns"] <= MOST_REST_SHARE * values["span_ns"]:
        put_per_s = done / max(1, producer["put_ns"]) * 1e9
        if not busy and put_per_s >= offered_per_s:
            share = 1 - producer["put_ns"] / max(1, values["span_ns"])
            return f"the generator's process cannot keep {format_rate(offered_per_s)}: it took {share:.0%} itself"
    if late and busy and alone_per_s >= offered_per_s:
        share = 1 - values["called_ns"] / max(1, values["span_ns"])
        return f"the generator cannot keep {format_rate(offered_per_s)}: it took {share:.0%} of the time itself"
    return None


def _seconds(value_ns: int | None) -> float | None:
    return None if value_ns is None else value_ns / 1e9


def _rounded(values: Any) -> list[float]:
    return [float(f"{value:.4g}") for value in values.tolist()]


def _known_seconds(values_ns: Any) -> list[float | None]:
    return [None if value < 0 else float(f"{value / 1e9:.4g}") for value in values_ns.tolist()]
