"""Channels of the reports' fixed run: one that is fast, the baseline, one that is wrong, one that cannot be had."""

from harness.results import (
    Carried,
    ChannelResult,
    CheckResult,
    Failure,
    HandOver,
    Interval,
    Level,
    Proof,
    SpeedUp,
    Status,
    to_builtins,
)

_BOTH = ("block", "drop_oldest")
_FAILURE = Failure("nothing_torn", "my_way", "whole_life", 4, 1258, "a reading that was put in", "another", "exact")


def _proof(*failures: Failure) -> Proof:
    return Proof((CheckResult("never_stuck"), CheckResult("nothing_torn", failures)), 340_000, 9.4)


def _carried(batch: int, speed: float, ratio: float | None) -> Carried:
    versus = None
    if ratio is not None:
        interval = Interval(ratio, ratio / 1.04, ratio * 1.04)
        versus = SpeedUp(interval, "queue", (-3.0,) * 6, 0.9983, "faster", 0.021, Level.DEFAULT)
    return Carried(batch, Interval(speed, speed / 1.05, speed * 1.05), 96, 6, int(speed), versus)


def _hand_over(p50_s: float) -> HandOver:
    return HandOver(1_000, 1e6, 18_000, p50_s, 3 * p50_s, 20 * p50_s, 90 * p50_s)


RECORDS: tuple[dict[str, object], ...] = tuple(
    {"kind": "channel", **to_builtins(result)}
    for result in (
        ChannelResult(
            "shared_ring", Status.OK, None, _proof(), "algorithm and data structures", False, _BOTH, 65_536, (0, 1),
            (_carried(1_000, 401.3e6, 20.4), _carried(10_000, 612.8e6, 21.9)), _hand_over(19.7e-6),
        ),
        ChannelResult(
            "my_way", Status.WRONG, str(_FAILURE), _proof(_FAILURE), "yours", True, _BOTH,
        ),
        ChannelResult("far_away", Status.UNAVAILABLE, "needs a network; use shared_ring here"),
        ChannelResult(
            "queue", Status.OK, None, _proof(), "before", False, _BOTH, 65_536, (0, 1),
            (_carried(1_000, 19.7e6, None), _carried(10_000, 28.0e6, None)), _hand_over(112e-6),
            notes=("both sides shared one CPU: hand-over is by turns of the scheduler",),
        ),
    )
)  # fmt: skip
