"""What a worker guards: the global state that all code in it shares."""

import gc
import os
import random
import signal
import sys
import time
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from harness.measure.processes import clock

_CLOCKS = ("time", "time_ns", "perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns", "process_time", "sleep")
_WITHOUT_HANDLER = {signal.SIGKILL, signal.SIGSTOP}
_TIMING = (
    "harness.measure.processes.clock",
    "harness.measure.speed.windows",
    "harness.measure.load.generator",
    "harness.measure.worker.operations.device",
    "harness.measure.worker.serve",
)
"""Modules that have the clock under a name of their own."""


def _scheduling() -> tuple[object, ...]:
    """Where and how urgently this process may run."""
    if not hasattr(os, "sched_getaffinity"):
        return ()
    return tuple(sorted(os.sched_getaffinity(0))), os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0)


@dataclass(frozen=True, slots=True)
class GlobalState:
    """Process-wide state that an implementation must leave as it found it."""

    numpy_error_state: Any
    numpy_random_state: Any
    random_state: Any
    environment: Any
    clock_functions: Any
    working_folder: Any
    signal_handlers: Any
    garbage_collector: Any
    interpreter: Any
    scheduling: Any
    harness_clocks: Any

    @classmethod
    def now(cls) -> "GlobalState":
        """The state of this process at this moment."""
        legacy = np.random.get_state(legacy=False)  # noqa: NPY002  (the very global that must stay untouched)
        inner = legacy["state"] if isinstance(legacy, dict) else {"key": legacy}
        return cls(
            numpy_error_state=tuple(sorted(np.geterr().items())),
            numpy_random_state=hash((np.asarray(inner["key"]).tobytes(), inner.get("pos"))),
            random_state=hash(random.getstate()),
            environment=tuple(sorted(os.environ.items())),
            clock_functions=tuple(id(getattr(time, name)) for name in _CLOCKS),
            working_folder=os.getcwd(),  # noqa: PTH109
            signal_handlers=tuple(
                repr(signal.getsignal(number)) for number in sorted(signal.valid_signals() - _WITHOUT_HANDLER)
            ),
            garbage_collector=(gc.isenabled(), gc.get_threshold(), gc.get_freeze_count(), tuple(map(id, gc.callbacks))),
            interpreter=(sys.getswitchinterval(), sys.getrecursionlimit(), sys.gettrace(), sys.getprofile()),
            scheduling=_scheduling(),
            harness_clocks=tuple(id(getattr(sys.modules.get(name), "now_ns", clock.now_ns)) for name in _TIMING),
        )

    def changes(self, later: "GlobalState") -> list[str]:
        """What differs in `later`, in words."""
        return [
            field.name.replace("_", " ")
            for field in fields(self)
            if getattr(self, field.name) != getattr(later, field.name)
        ]
