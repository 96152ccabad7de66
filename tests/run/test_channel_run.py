"""Channels timed alone: as many fresh processes as an interval needs, also where a candidate left too few."""

from collections.abc import Sequence

import numpy as np
import pytest

from harness.discovery import Entry
from harness.measure.channels.live import HandOvers
from harness.measure.processes.handle import Limits
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.effort import EFFORTS
from harness.measure.speed.pairing import Sample
from harness.results import ChannelResult, CheckResult, Level, Proof, Status
from harness.run import channels

BATCHES = (100, 1_000)


class FakeLive:
    """A channel that takes 10 ns a reading, a little more in each later process; one called broken dies sampled."""

    opened = 0

    def __init__(self, entry: Entry, *_: object) -> None:
        self.entry = entry
        self._batches = 0

    def __enter__(self) -> "FakeLive":
        return self

    def __exit__(self, *_: object) -> None: ...

    def open(self) -> None:
        FakeLive.opened += 1
        self._ns = 10.0 + 0.1 * FakeLive.opened

    def prepare(self, _batch: int) -> None:
        self._batches += 1

    def sample(self, _audit: int | None) -> Sample:
        if self.entry.name == "broken" and self._batches > 1:
            raise WorkerFailure(Status.CRASHED, "died")
        return Sample(round(self._ns * 1_000), 1_000)

    def hand_over(self, count: int, _interval_ns: int) -> HandOvers:
        return HandOvers(np.full(count, 1_000, np.int64), np.zeros(count, np.int64))


def results(monkeypatch: pytest.MonkeyPatch, candidates: Sequence[str]) -> dict[str, ChannelResult]:
    def proved(entry: Entry, _limits: Limits) -> ChannelResult:
        return ChannelResult(entry.label, Status.OK, None, Proof((CheckResult("all"),), 1, 0.1))

    FakeLive.opened = 0
    monkeypatch.setattr(channels, "LiveChannel", FakeLive)
    monkeypatch.setattr(channels, "prove_channel", proved)
    monkeypatch.setattr(channels, "Elsewhere", _Nowhere)
    entries = [Entry("channels", name, f"module:{name}") for name in ("queue", *candidates)]
    run = channels.ChannelRun(entries[0], entries[1:], BATCHES, EFFORTS[Level.QUICK], Limits(), 1)
    return {result.channel: result for result in run.results()}


class _Nowhere:
    def __init__(self, *_: object) -> None: ...

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def test_alone_it_takes_fresh_processes_enough_for_an_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = results(monkeypatch, ())["queue"]
    assert FakeLive.opened == 3
    assert [one.samples for one in queue.carried] == [6, 6]
    for one in queue.carried:
        assert one.per_s.low < one.per_s.median < one.per_s.high


def test_a_candidate_that_dies_in_its_first_pair_does_not_take_the_baseline_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = results(monkeypatch, ("broken",))
    assert found["broken"].status is Status.CRASHED
    assert all(one.samples >= 6 for one in found["queue"].carried)


def test_pairs_give_one_value_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    found = results(monkeypatch, ("pipe",))
    for one in (*found["pipe"].carried, *found["queue"].carried):
        assert (one.pairs, one.samples) == (3, 6)
        assert one.per_s.high / one.per_s.low > 1.01, "three processes that differ are known no better than that"
