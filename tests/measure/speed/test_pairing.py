"""Pairs on a fake clock: the schedule and the effects are exact."""

import math
import random
from dataclasses import dataclass, field

import pytest

from harness.measure.speed.pairing import Sample, take_alone, take_pair


@dataclass
class FakeSide:
    """Takes `per_reading_ns` a reading, as a function of the turn; remembers who was asked when, and for what."""

    name: str
    journal: list[tuple[str, int | None]]
    per_reading_ns: float
    drift: float = 0.0
    windows: int = 5
    readings: int = 1000
    turns: list[int] = field(default_factory=list)

    def sample(self, audit: int | None) -> Sample:
        turn = len(self.journal)
        self.journal.append((self.name, audit))
        factor = math.exp(self.drift * turn)
        audited = {"window": audit} if audit is not None else None
        return Sample(round(self.per_reading_ns * self.readings * factor), self.readings, audited=audited)


def pair_of(baseline_ns: float, candidate_ns: float, blocks: int = 4, drift: float = 0.0, seed: int = 0):  # type: ignore[no-untyped-def]
    journal: list[tuple[str, int | None]] = []
    sides = FakeSide("A", journal, baseline_ns, drift), FakeSide("B", journal, candidate_ns, drift)
    return take_pair(*sides, blocks, random.Random(seed)), journal


def test_blocks_take_turns_in_either_order() -> None:
    orders = set()
    for seed in range(20):
        _, journal = pair_of(100, 110, blocks=3, seed=seed)
        letters = "".join(name for name, _ in journal)
        found = [letters[start : start + 4] for start in range(0, 12, 4)]
        assert set(found) <= {"ABBA", "BAAB"}
        orders.update(found)
    assert orders == {"ABBA", "BAAB"}


def test_effect_is_the_logarithm_of_the_ratio() -> None:
    pair, _ = pair_of(1000, 1100)
    assert pair.effect == pytest.approx(math.log(1.1), abs=1e-9)


def test_linear_drift_cancels() -> None:
    pair, _ = pair_of(1000, 1000, drift=0.01)
    assert pair.effect == pytest.approx(0, abs=1e-6)


def test_each_side_is_audited_once_and_within_its_windows() -> None:
    for seed in range(20):
        pair, journal = pair_of(1000, 1000, seed=seed)
        for name, samples in (("A", pair.baseline), ("B", pair.candidate)):
            windows = [audit for side, audit in journal if side == name and audit is not None]
            assert len(windows) == 1
            assert 0 <= windows[0] < 5
            assert sum(sample.audited is not None for sample in samples) == 1


def test_audited_samples_differ_from_pair_to_pair() -> None:
    places = set()
    for seed in range(30):
        pair, _ = pair_of(1000, 1000, seed=seed)
        places.add(next(index for index, sample in enumerate(pair.candidate) if sample.audited))
    assert len(places) > 4


def test_alone_takes_all_samples_and_audits_one() -> None:
    journal: list[tuple[str, int | None]] = []
    samples = take_alone(FakeSide("A", journal, 10), 6, random.Random(1))
    assert len(samples) == 6
    assert sum(sample.audited is not None for sample in samples) == 1
