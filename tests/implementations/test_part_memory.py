"""Pools and arenas lend what nobody else holds, and count what they could not serve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from implementations.parts import catalog
from implementations.parts.arena import Arena
from implementations.parts.pooled import Pooled

CALLS = st.lists(st.lists(st.integers(0, 40_000), max_size=6), min_size=1, max_size=8)


@pytest.mark.parametrize("name", catalog.MEMORIES)
@given(calls=CALLS, kept=st.lists(st.integers(0, 3_000), max_size=3), closes=st.integers(1, 4))
def test_no_array_overlaps_another_that_is_alive(
    name: str, calls: list[list[int]], kept: list[int], closes: int
) -> None:
    memory = catalog.MEMORIES[name]() if name != "arena" else Arena(window_bytes=1 << 20)
    memory.start(10, 10)
    held = [memory.keep(count, "i8") for count in kept]
    for number, array in enumerate(held):
        array[:] = -1 - number
    for call, counts in enumerate(calls):
        memory.reclaim()
        if call % closes == 0:
            memory.close_window()
        lent = [memory.lend(count, dtype) for count, dtype in zip(counts, ["i8", "f4", "?", "f8"] * 2, strict=False)]
        for number, array in enumerate(lent):
            array[:] = number % 2 if array.dtype == bool else number
        for number, array in enumerate(lent):
            assert len(array) == counts[number]
            assert (array == (number % 2 if array.dtype == bool else number)).all()
    for number, array in enumerate(held):
        assert (array == -1 - number).all()


def test_a_pool_misses_once_for_each_buffer_it_needs() -> None:
    pool = Pooled()
    pool.start(0, 0)
    for _ in range(100):
        pool.reclaim()
        pool.lend(1_000, "f4")
        pool.lend(1_000, "f4")
        pool.lend(10, "?")
    assert pool.facts()["buffer_misses"] == 3
    assert pool.facts()["buffer_hits"] == 297


def test_an_arena_rewinds_early_rather_than_grow() -> None:
    arena = Arena(window_bytes=1 << 20)
    arena.start(0, 0)
    kept = arena.keep(1_000, "i8")
    kept[:] = 7
    addresses = set()
    for _ in range(100):
        arena.reclaim()
        lent = arena.lend(100_000, "f4")
        lent[:] = 1
        addresses.add(lent.ctypes.data)
    assert (kept == 7).all()
    assert arena.facts()["arena_overflows"] == 0
    assert int(arena.facts()["arena_early_rewinds"]) > 0
    assert len(addresses) < 20


def test_an_arena_serves_a_call_larger_than_itself_and_counts_it() -> None:
    arena = Arena(window_bytes=1 << 20)
    arena.start(0, 0)
    small, large = arena.lend(10, "f4"), arena.lend(10_000_000, "f4")
    small[:], large[:] = 1, 2
    assert small.sum() == 10
    assert arena.facts()["arena_overflows"] == 1
    arena.reclaim()
    assert np.shares_memory(arena.lend(10, "f4"), small)


def test_arrays_begin_at_cache_lines() -> None:
    for name in ("reused", "pooled", "arena"):
        memory = catalog.MEMORIES[name]()
        memory.start(3, 3)
        arrays = [memory.keep(7, "f4"), memory.keep(7, "f4"), memory.lend(7, "f4"), memory.lend(7, "f4")]
        assert [array.ctypes.data % 64 for array in arrays] == [0, 0, 0, 0], name
