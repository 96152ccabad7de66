"""Parts by name, so that a switch in a constructor or an ablation can choose among them."""

from collections.abc import Callable
from functools import partial

from implementations.parts import aggregation, calibration, history, lookup, memory
from implementations.parts.composed import Composed
from implementations.parts.protocols import Aggregation, Calibration, Lookup, Memory, Retention

LOOKUPS: dict[str, Callable[[], Lookup]] = {
    "scan": lookup.Scan,
    "cached": lookup.Cached,
    "dict": lookup.Dict,
    "sorted": lookup.Sorted,
    "hashed": lookup.Hashed,
}
CALIBRATIONS: dict[str, Callable[[], Calibration]] = {
    "plain": calibration.Plain,
    "vectorized": calibration.Vectorized,
    "compiled": calibration.Compiled,
}
AGGREGATIONS: dict[str, Callable[[], Aggregation]] = {
    "objects": aggregation.Objects,
    "reused_objects": partial(aggregation.Objects, reuse=True),
    "bincount": aggregation.Bincount,
    "arrays": aggregation.Arrays,
}
HISTORIES: dict[str, Callable[[], Retention]] = {
    "list": history.TrimmedList,
    "deque": history.Deque,
    "pooled_list": history.PooledList,
    "ring": history.Ring,
    "compiled_ring": history.CompiledRing,
    "packed": history.Packed,
    "mapped": history.Mapped,
}
MEMORIES: dict[str, Callable[[], Memory]] = {
    "fresh": memory.Fresh,
    "reused": memory.Reused,
    "pooled": memory.Pooled,
    "arena": memory.Arena,
}


def compose(
    lookup: str = "hashed",
    calibration: str = "compiled",
    aggregation: str = "arrays",
    history: str = "compiled_ring",
    memory: str = "reused",
    block_size: int | None = None,
) -> Composed:
    """A processor of the parts so named; every combination is valid.

    >>> from harness.contract import Sensors
    >>> processor = compose(lookup="dict", history="list")
    >>> processor.start(Sensors.empty(), retain=10)
    >>> len(processor.history())
    0
    """
    return Composed(
        LOOKUPS[lookup](),
        AGGREGATIONS[aggregation](),
        HISTORIES[history](),
        calibration=CALIBRATIONS[calibration](),
        memory=MEMORIES[memory](),
        block_size=block_size,
    )
