"""Inside the worker: run whole windows through a processor, with only its own calls on the clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats, Processor, Readings, Statistics
from harness.contract.data import arrays_of
from harness.errors import ContractError
from harness.measure.processes.clock import now_ns
from harness.measure.speed.feed import Window


@dataclass(slots=True)
class Timing:
    """What a stretch of windows took: total, and the service time of every `process` call, ns."""

    timed_ns: int = 0
    readings: int = 0
    service_ns: list[int] = field(default_factory=list)


def run_window(
    processor: Processor,
    window: Window,
    batches: list[Readings],
    timing: Timing,
    audit: bool,
    after_call: Callable[[], None] | None = None,
) -> Any:
    """Feed one window, flush and close it, adding to `timing`; return what was handed back if it is to be audited.

    The clock runs during the processor's calls only. Every window must hand back as many values as it was given.
    `after_call` is called, off the clock, after each call of `process`. Copies for an audit are made between the
    calls, at once, because a value is only promised until the next call.
    """
    copies: list[NDArray[Any]] = []
    returned = 0
    service_ns = timing.service_ns
    timed_ns = 0
    for batch in batches:
        began_ns = now_ns()
        values = processor.process(batch)
        took_ns = now_ns() - began_ns
        timed_ns += took_ns
        service_ns.append(took_ns)
        returned += _count(values)
        if audit:
            copies.append(values.copy())
        if after_call is not None:
            after_call()
    began_ns = now_ns()
    values = processor.flush()
    timed_ns += now_ns() - began_ns
    returned += _count(values)
    if audit:
        copies.append(values.copy())
    began_ns = now_ns()
    statistics = processor.close_window()
    timed_ns += now_ns() - began_ns
    timing.timed_ns += timed_ns
    timing.readings += window.readings
    if returned != window.readings:
        raise ContractError(f"handed back {returned} values for a window of {window.readings} readings")
    return _audited(window, copies, statistics) if audit else None


def _count(values: Floats) -> int:
    if type(values) is not np.ndarray or values.dtype != np.float32 or values.ndim != 1:
        raise ContractError(f"handed back {type(values).__name__}; expected a one-dimensional float32 array")
    return len(values)


def _audited(window: Window, copies: list[NDArray[Any]], statistics: Statistics) -> dict[str, Any]:
    if type(statistics) is not Statistics:
        raise ContractError(f"close_window returned {type(statistics).__name__}; expected Statistics")
    return {
        "first_position": window.first_position,
        "batch_lengths": list(window.batch_lengths),
        "unmatched": int(statistics.unmatched),
        "invalid": int(statistics.invalid),
        "arrays": {
            "values": np.concatenate(copies),
            **{name: array.copy() for name, array in arrays_of(statistics).items()},
        },
    }
