"""Sentinels: comparisons whose answer is known, taken in the same minutes as the others.

Identical code must not be told apart; code that is 5% slower must not come out as the same or faster. Where a
sentinel falls, the verdicts of that run are not to be trusted, and its report says so.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.discovery import Entry, find
from harness.measure.processes.handle import Limits
from harness.measure.speed.effort import Effort
from harness.measure.speed.throughput import Account, Duel, Taken, cpus_for
from harness.results import Interval
from harness.statistics.verdict import Verdict, judge
from harness.stream import Stream, readings_to_fill

SENTINEL_KIND = "sentinel"
PLANTED_SHARE = 0.05
_SUBJECT = "sorted_indexed"


@dataclass(frozen=True, slots=True)
class Sentinel:
    """One known comparison and how it came out.

    `passed` is False where the verdict contradicts what is known; `ratio` is time of the baseline over its own.
    """

    name: str
    expected: str
    verdict: str
    passed: bool
    ratio: Interval | None
    pairs: int
    detectable: float | None


def delayed_entry(inner: str = _SUBJECT, share: float = PLANTED_SHARE) -> Entry:
    """`inner`, slowed by `share`."""
    path = Path(__file__).with_name("delayed.py")
    return Entry("processors", "delayed", f"file:{path}", {"inner": inner, "share": share})


def watch(stream: Stream, effort: Effort, limits: Limits, seed: int) -> Iterator[Sentinel]:
    """Take both sentinels on `stream`, each judged as if it were the only candidate."""
    subject = find("processors", _SUBJECT)
    known = (
        ("identical code", subject, "not told apart", {Verdict.SAME, Verdict.INCONCLUSIVE}),
        (
            f"{PLANTED_SHARE:.0%} slower",
            delayed_entry(),
            "not the same, not faster",
            {Verdict.SLOWER, Verdict.INCONCLUSIVE},
        ),
    )
    for name, candidate, expected, allowed in known:
        duel = Duel(stream, readings_to_fill(stream), effort, limits, 1, lambda *_: [], random.Random(seed))
        versus = duel.versus(subject, candidate, cpus_for("one", 1), (Taken(), Taken()), Account())
        judged = judge(versus.effects)
        ratio = judged.speed_up
        yield Sentinel(
            name=name,
            expected=expected,
            verdict=str(judged.verdict),
            passed=judged.verdict in allowed,
            ratio=Interval(ratio.ratio, ratio.low, ratio.high) if ratio else None,
            pairs=len(versus.effects),
            detectable=judged.detectable,
        )
