"""What a worker guards: the global state that all code in it shares."""

import os
import random
import signal
import time
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

_CLOCKS = ("time", "time_ns", "perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns", "process_time", "sleep")


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
                repr(signal.getsignal(number)) for number in (signal.SIGALRM, signal.SIGPROF, signal.SIGUSR1)
            ),
        )

    def changes(self, later: "GlobalState") -> list[str]:
        """What differs in `later`, in words."""
        return [
            field.name.replace("_", " ")
            for field in fields(self)
            if getattr(self, field.name) != getattr(later, field.name)
        ]
