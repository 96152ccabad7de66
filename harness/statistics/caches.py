"""Which cache a working set fits, so that points of a fit that leave it can be marked."""

from collections.abc import Mapping, Sequence

MEMORY = "memory"
"""The place of a working set that no cache holds."""


def place_of(working_set_bytes: float, cache_bytes: Mapping[str, float]) -> str:
    """Name of the smallest cache that holds `working_set_bytes`, else "memory".

    >>> place_of(100_000, {"L1": 32_768, "L2": 1_048_576})
    'L2'
    """
    holding = [(size, name) for name, size in cache_bytes.items() if working_set_bytes <= size]
    return min(holding)[1] if holding else MEMORY


def leaving(working_sets_bytes: Sequence[float], cache_bytes: Mapping[str, float]) -> tuple[bool, ...]:
    """For each working set whether it is in a slower place than the smallest one: cost may jump there.

    >>> leaving([1_000, 100_000, 1e9], {"L1": 32_768, "L2": 1_048_576})
    (False, True, True)
    """
    if not working_sets_bytes:
        return ()
    home = place_of(min(working_sets_bytes), cache_bytes)
    return tuple(place_of(size, cache_bytes) != home for size in working_sets_bytes)
