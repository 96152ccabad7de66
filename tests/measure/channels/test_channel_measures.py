"""What channels are measured with: readings that tell which they are, sums that prove them, hand-over from notes."""

import numpy as np
import pytest

from harness.contract import Readings
from harness.measure.channels.kernels import add_up
from harness.measure.channels.live import hand_overs_of
from harness.measure.channels.sums import ExpectedSums
from harness.measure.channels.tagged import indexes, tagged

_SEEDS = (0, 1, (1 << 64) - 1, 0x0123456789ABCDEF)


@pytest.mark.parametrize("seed", _SEEDS)
@pytest.mark.parametrize("first", [0, 1 << 32, (1 << 62) - 7])
def test_a_reading_tells_which_it_is(seed: int, first: int) -> None:
    readings = tagged(seed, first, first + 1000)
    assert indexes(seed, readings).tolist() == list(range(first, first + 1000))
    assert np.isfinite(readings.value).all()


def test_what_was_put_together_of_two_is_none() -> None:
    readings = tagged(3, 0, 1000)
    sensor_id, time, value = (np.roll(readings.sensor_id, 1), np.roll(readings.time, 1), np.roll(readings.value, 1))
    assert (indexes(3, Readings(sensor_id, readings.time, readings.value)) == -1).all()
    assert (indexes(3, Readings(readings.sensor_id, readings.time, value)) == -1).all()
    assert (indexes(3, Readings(readings.sensor_id, time, readings.value)) == -1).all()
    assert (indexes(4, readings) != np.arange(1000)).all()


def _sums(parts: list[Readings]) -> tuple[int, ...]:
    sums = np.zeros(3, np.uint64)
    for part in parts:
        add_up(sums, part.sensor_id, part.time, part.value)
    return tuple(sums.tolist())


@pytest.mark.parametrize("lengths", [(1000,), (1, 7, 992), (250,) * 4])
def test_sums_are_those_foretold_however_it_is_cut(lengths: tuple[int, ...]) -> None:
    content = tagged(11, 0, 1000)
    parts, first = [], 0
    for length in lengths:
        parts.append(content[first : first + length])
        first += length
    assert _sums(parts * 5) == ExpectedSums(content).until(5000)
    assert _sums([*parts, content[:123]]) == ExpectedSums(content).until(1123)


def test_sums_show_what_came_out_in_another_order_or_twice() -> None:
    content = tagged(11, 0, 1000)
    expected = ExpectedSums(content).until(1000)
    swapped = [content[:10], content[11:12], content[10:11], content[12:]]
    assert _sums(swapped)[:2] == expected[:2]
    assert _sums(swapped) != expected
    assert _sums([content[:10], content[9:10], content[11:]]) != expected


def test_hand_over_counts_from_the_call_of_an_idle_producer_and_from_the_schedule_of_a_late_one() -> None:
    times = np.array([(100, 105, 110), (200, 200, 450), (300, 451, 460), (400, 461, 470), (500, 500, 510)])
    moments = np.array([(120, 10), (455, 5), (458, 5), (480, 20), (520, 10)])
    found = hand_overs_of(times, moments, batch=10)
    assert found.took_ns.tolist() == [15, 258, 180, 80, 20]
    assert found.slip_ns.tolist() == [5, 0, -1, -1, 0]
