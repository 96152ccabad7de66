"""The generators: bijections, distributions, bursts and rounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contract import Size
from workloads.bursty import BURST_FACTOR, Bursts, Bursty
from workloads.fleet import Rounds
from workloads.signals import below, bits, calibration, raw_words, scattered_ids, uniform_rows, unit
from workloads.skewed import zipf_rows


def test_scattered_ids_is_a_bijection_on_a_large_part() -> None:
    ids = scattered_ids(np.arange(1 << 20, dtype=np.uint32))
    assert len(np.unique(ids)) == 1 << 20


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_scattered_ids_tells_ranks_apart(one: int, other: int) -> None:
    ids = scattered_ids(np.array([one, other], np.uint32))
    assert (ids[0] == ids[1]) == (one == other)
    assert scattered_ids(np.array([one], np.uint32))[0] == ids[0]


def test_scattered_ids_reaches_both_ends() -> None:
    assert scattered_ids(np.arange(2, dtype=np.uint32)).tolist() == [0, 2**32 - 1]


def test_seeds_are_told_apart() -> None:
    words = {
        raw_words(bits(name, version, purpose), 1)[0]
        for name in ("steady", "skewed")
        for version in (1, 2)
        for purpose in ("readings", "shape")
    }
    assert len(words) == 8


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1), st.integers(1, 2**32))
def test_below_and_unit_stay_in_range(given_words: list[int], bound: int) -> None:
    words = np.array(given_words, np.uint64)
    assert ((below(words, bound) >= 0) & (below(words, bound) < bound)).all()
    assert ((unit(words) >= 0) & (unit(words) < 1)).all()


def test_uniform_rows_are_uniform() -> None:
    words = raw_words(bits("steady", 1, "test"), 200_000)
    counts = np.bincount(uniform_rows(100)(words, 0), minlength=100)
    # Chi-square with 99 degrees of freedom: 173 is exceeded once in 100,000.
    assert ((counts - 2000) ** 2 / 2000).sum() < 173


def test_zipf_rows_follow_the_law() -> None:
    order = np.arange(200)[::-1]
    rows = zipf_rows(order)(raw_words(bits("skewed", 1, "test"), 400_000), 0)
    weights = 1 / np.arange(1, 201)
    expected = 400_000 * weights / weights.sum()
    observed = np.bincount(rows, minlength=200)[order]
    # 199 degrees of freedom: 297 is exceeded once in 100,000.
    assert ((observed - expected) ** 2 / expected).sum() < 297


@pytest.mark.parametrize("sensors", [1, 2, 3, 5, 64, 500, 1000])
def test_each_round_brings_every_row_once_in_an_order_of_its_own(sensors: int) -> None:
    rows = Rounds(sensors).rows(np.empty(3 * sensors, np.uint64), 0).reshape(3, sensors)
    assert (np.sort(rows, axis=1) == np.arange(sensors)).all()
    if sensors > 10:
        assert (rows[0] != rows[1]).any()
        assert (rows[1] != rows[2]).any()


def test_bursts_are_tenfold_and_half_of_all_readings() -> None:
    size = Size("any", 100_000, 160, 10_000, 10)
    gaps = np.diff(Bursty().arrivals(size, 1e6))
    assert set(np.round(gaps / gaps.min())) <= {1, 9, 10, 11}
    in_burst = Bursts(size.readings, Bursty.version).contain(np.arange(size.readings))
    assert in_burst.mean() == pytest.approx(0.5, abs=0.01)
    assert gaps[~in_burst[1:]].mean() / gaps[in_burst[1:]].mean() == pytest.approx(BURST_FACTOR, rel=0.01)
    # So does the content: times are dense there, and few sensors speak.
    stream = list(Bursty().readings(size))
    steps = np.diff(np.concatenate([batch.time for batch in stream]))
    assert steps[~in_burst[1:]].mean() / steps[in_burst[1:]].mean() == pytest.approx(BURST_FACTOR, rel=0.01)
    ids = np.concatenate([batch.sensor_id for batch in stream])
    edges = np.flatnonzero(np.diff(in_burst.astype(int)))
    first = ids[edges[0] + 1 : edges[1] + 1] if not in_burst[0] else ids[: edges[0] + 1]
    assert len(np.unique(first)) <= 10


def test_a_longer_calibration_begins_with_the_shorter() -> None:
    short, long = (calibration(bits("any", 1, "calibration"), count) for count in (5, 500))
    assert (short[0] == long[0][:5]).all()
    assert (short[1] == long[1][:5]).all()
    assert (np.abs(long[0]) <= 2).all()
    assert (np.abs(long[1]) <= 10).all()
