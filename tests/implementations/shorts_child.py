"""Run by test_shorts: the operations on halves of lanes against NumPy, compiled for the processor that is named."""

import numpy as np
from numba import njit, types, void

from implementations.kernels.shorts import gather_doubled, multiply_high_halves, multiply_pairs
from implementations.kernels.vectors import load_u32, store, turned_right

_LANES, _BUCKETS = 16, 40


@njit([void(types.intp, types.intp, types.intp, types.intp)])
def compute(left, right, factors, results):  # type: ignore[no-untyped-def]
    """Leave the four results one behind the other."""
    store(results, multiply_pairs(load_u32(left), load_u32(right)))
    store(results + 64, multiply_high_halves(load_u32(left), load_u32(right)))
    store(results + 128, gather_doubled(factors, load_u32(factors + 128)))
    store(results + 192, turned_right(load_u32(left), load_u32(factors + 192)))


def main() -> None:
    """Compare, on random lanes and on the extremes; raise where they differ."""
    rng = np.random.default_rng(1)
    extremes = np.array([0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF8000, 0x80008000, 0xFFFFFFFF], np.uint32)
    for trial in range(50):
        left, right = rng.integers(0, 1 << 32, (2, _LANES), np.uint32)
        if trial == 0:
            left, right = np.repeat(extremes, 2), np.tile(extremes, 2)
        factors = np.zeros(256, np.uint8)
        short = factors[: 2 * (_BUCKETS + 1)].view(np.uint16)
        short[:] = rng.integers(0, 1 << 16, _BUCKETS + 1, np.uint16)
        index, bits = factors[128:192].view(np.uint32), factors[192:].view(np.uint32)
        index[:], bits[:] = rng.integers(0, _BUCKETS, _LANES), rng.integers(0, 32, _LANES)
        results = np.zeros((4, _LANES), np.uint32)
        compute(*(array.ctypes.data for array in (left, right, factors, results)))

        lower, upper = (x.astype(np.uint16).view(np.int16).astype(np.int64) for x in (left, left >> 16))
        other_lower, other_upper = (x.astype(np.uint16).view(np.int16).astype(np.int64) for x in (right, right >> 16))
        np.testing.assert_array_equal(results[0], (lower * other_lower + upper * other_upper) & 0xFFFFFFFF)
        low = (left & 0xFFFF) * (right & 0xFFFF) >> 16
        np.testing.assert_array_equal(results[1], low | ((left >> 16) * (right >> 16) & 0xFFFF0000))
        found = short[index].astype(np.uint32)
        np.testing.assert_array_equal(results[2], found | found << 24 | (found >> 8) << 16)
        wide = left.astype(np.uint64)
        np.testing.assert_array_equal(results[3], (wide >> bits | wide << (32 - bits).astype(np.uint64)) & 0xFFFFFFFF)


if __name__ == "__main__":
    main()
