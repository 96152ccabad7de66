"""Inside the worker: run whole windows through a processor, with only its own calls on the clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats, Processor, Readings
from harness.errors import ContractError
from harness.measure.processes.clock import now_ns
from harness.measure.speed.audited import Audited, audited, check_form, counted
from harness.measure.speed.feed import Window
from harness.measure.speed.folds import Folding


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
    folding: Folding | None = None,
    after_call: Callable[[], None] | None = None,
) -> Audited | None:
    """Feed one window, flush and close it, adding to `timing`; return what was handed back if it is to be audited.

    The clock runs during the processor's calls only, and while what they handed back is let go. Every window must hand
    back as many values as it was given. Between the calls, off the clock and at once, because a value is only promised
    until the next call: values are taken in by `folding`, copied for an audit, and `after_call` is called.
    """
    copies: list[NDArray[Any]] = []
    returned = 0
    service_ns = timing.service_ns
    timed_ns = 0

    def take(values: Floats) -> int:
        count = counted(values)
        if folding is not None:
            folding.add(values)
        if audit:
            copies.append(np.array(values))
        return count

    for batch in batches:
        began_ns = now_ns()
        values = processor.process(batch)
        took_ns = now_ns() - began_ns
        timed_ns += took_ns
        service_ns.append(took_ns)
        returned += take(values)
        if after_call is not None:
            after_call()
    began_ns = now_ns()
    values = processor.flush()
    timed_ns += now_ns() - began_ns
    returned += take(values)
    began_ns = now_ns()
    statistics = processor.close_window()
    timed_ns += now_ns() - began_ns
    check_form(statistics)
    if folding is not None:
        folding.close(statistics)
    found = None
    if audit:
        found = audited(window.first_position, window.batch_lengths, np.concatenate(copies), statistics)
    began_ns = now_ns()
    del values, statistics
    timed_ns += now_ns() - began_ns
    timing.timed_ns += timed_ns
    timing.readings += window.readings
    if returned != window.readings:
        raise ContractError(f"handed back {returned} values for a window of {window.readings} readings")
    return found
