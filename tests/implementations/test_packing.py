"""Packing loses nothing, whatever the block holds."""

import numpy as np
import pytest
from awkward_streams import Case, cases
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from test_parts import follow

from implementations.kernels import packing
from implementations.parts import Composed, aggregation, calibration, history, lookup, memory

_TIMES = st.one_of(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=80),
    st.lists(st.sampled_from([-(2**63), 2**63 - 1, 0, 1, -1, 2**62, -(2**62)]), min_size=1, max_size=80),
    st.builds(
        lambda first, unit, steps: [(first + unit * sum(steps[:n]) + 2**63) % 2**64 - 2**63 for n in range(len(steps))],
        st.integers(-(2**63), 2**63 - 1),
        st.sampled_from([1, 3, 1_000, 1_000_000_000]),
        st.lists(
            st.one_of(st.integers(-3, 9), st.integers(-3, 9), st.integers(-(2**40), 2**40)), min_size=1, max_size=80
        ),
    ),
)


def through(
    row: NDArray[np.uint32], time: NDArray[np.int64], value: NDArray[np.uint32]
) -> tuple[int, tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.uint32]]]:
    """How many words a block takes, and what comes back out of them."""
    words = np.full(packing.words_at_most(len(row)), 2**64 - 1, np.uint64)
    count, _ = packing.pack(row.copy(), time.copy(), value.copy(), words)
    words[count:] = 0x5A5A5A5A
    back = np.empty_like(row), np.empty_like(time), np.empty_like(value)
    packing.unpack(words, *back)
    return count, back


@settings(max_examples=400, deadline=None)
@given(times=_TIMES, seed=st.integers(0, 2**32 - 1), most_row=st.sampled_from([0, 1, 9_999, 2**32 - 1]))
def test_a_block_comes_back_bit_for_bit(times: list[int], seed: int, most_row: int) -> None:
    generator = np.random.default_rng(seed)
    count = len(times)
    row = generator.integers(0, most_row, count, np.uint32, endpoint=True)
    value = generator.integers(0, 2**32, count, np.uint32) >> generator.integers(0, 32)
    time = np.array(times, np.int64)
    words, back = through(row, time, value.astype(np.uint32))
    assert words <= packing.HEADER_WORDS + 2 * count
    assert back[0].tolist() == row.tolist()
    assert back[1].tolist() == times
    assert back[2].tolist() == value.tolist()


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 65_536])
def test_blocks_of_any_size(count: int) -> None:
    generator = np.random.default_rng(count)
    row, value = generator.integers(0, 2**32, (2, count), np.uint32)
    time = generator.integers(-(2**63), 2**63 - 1, count)
    _, back = through(row, time, value)
    assert (back[0] == row).all()
    assert (back[1] == time).all()
    assert (back[2] == value).all()


def test_regular_seconds_cost_nothing_and_one_stray_time_little() -> None:
    count = 512
    time = 1_400_000_000_000_000_000 + np.arange(count) * 1_000_000_000
    row, value = np.zeros(count, np.uint32), np.zeros(count, np.uint32)
    regular, _ = through(row, time, value)
    time[100] = 2**63 - 1
    stray, _ = through(row, time, value)
    assert regular == packing.HEADER_WORDS
    assert stray <= packing.HEADER_WORDS + 3


@settings(max_examples=150, deadline=None)
@given(case=cases(longest=200), block_size=st.sampled_from([1, 2, 3, 8, 64]))
def test_a_history_of_small_blocks_is_exact(case: Case, block_size: int) -> None:
    """Extreme times, times that go backwards, one id for all, NaN that must not be retained: through many blocks."""
    parts = lookup.Hashed(), aggregation.Arrays(), history.Packed(block_size)
    follow(Composed(*parts, calibration=calibration.Compiled(), memory=memory.Reused()), case)


@pytest.mark.parametrize("width", range(65))
def test_a_step_of_every_width_at_every_bit(width: int) -> None:
    """The columns before it move it to another bit of its word each time; the last reading ends the last word."""
    generator = np.random.default_rng(width)
    for count, row_bits in ((2, 1), (3, 7), (65, 13), (130, 32)):
        row = generator.integers(0, 2**row_bits, count, np.uint32)
        value = generator.integers(0, 2 ** (1 + width // 3), count).astype(np.uint32)
        steps = generator.integers(0, 2**width, count, np.uint64) if width < 64 else generator.bytes(8 * count)
        time = np.cumsum(np.frombuffer(steps, np.uint64), dtype=np.uint64).view(np.int64)
        _, back = through(row, time, value)
        assert (back[0] == row).all()
        assert (back[1] == time).all()
        assert (back[2] == value).all()
