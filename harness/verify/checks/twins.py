"""Two runs over the same readings: what must not matter does not."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract.data import arrays_of
from harness.verify.check import check
from harness.verify.evidence import Finding, Twins

CUT, HASH_SEED = "cut", "hash seed"


@check(Twins, lambda twins: twins.difference == CUT)
def cut_does_not_matter(twins: Twins) -> Finding | None:
    """Values and statistics are bit for bit the same however the stream is cut into batches.

    Sums are free within their bound: adding up batch by batch is one of the orders that are allowed. So is the sign
    of a zero in minimum and maximum. History is compared with the values handed back in each run by itself.
    """
    return _difference(twins)


@check(Twins, lambda twins: twins.difference == HASH_SEED)
def hash_seed_does_not_matter(twins: Twins) -> Finding | None:
    """Two fresh processes with different PYTHONHASHSEED hand back the same, bit for bit.

    Only an implementation that declares `sum_depends_on_scheduling` is free in its sums, within their bound.
    """
    return _difference(twins)


def _difference(twins: Twins) -> Finding | None:
    first, second = twins.first, twins.second
    length = min(len(first.values), len(second.values))
    found = _compared("value", first.values[:length], second.values[:length])
    if found is not None:
        return found
    for index, (one, other) in enumerate(zip(first.windows, second.windows, strict=False)):
        if one.statistics is None or other.statistics is None:
            continue
        others = arrays_of(other.statistics)
        for name, array in arrays_of(one.statistics).items():
            if name == "sum" and not twins.sums_bit_for_bit:
                continue
            zeros = name in ("minimum", "maximum")
            found = _compared(f"window {index}, {name}", array, others[name], at_reading=False, zero_sign_is_free=zeros)
            if found is not None:
                return found
    return None


def _compared(
    name: str,
    first: NDArray[Any],
    second: NDArray[Any],
    at_reading: bool = True,
    zero_sign_is_free: bool = False,
) -> Finding | None:
    if len(first) != len(second):
        return Finding(f"{name}: {len(first)} entries as before", f"{len(second)}")
    bits = f"u{first.itemsize}"
    differ = first.view(bits) != second.view(bits)
    if first.dtype.kind == "f":
        differ &= ~((first != first) & (second != second))  # which NaN it is, is free
    if zero_sign_is_free:
        differ &= ~((first == 0) & (second == 0))
    wrong = np.flatnonzero(differ)
    if not len(wrong):
        return None
    index = int(wrong[0])
    return Finding(
        f"{name}[{index}] = {first[index]!s} as before",
        f"{second[index]!s} ({len(wrong)} of {len(first)} differ)",
        index=index if at_reading else None,
    )


CHECKS = (cut_does_not_matter, hash_seed_does_not_matter)
