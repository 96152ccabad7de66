"""Statistics that are worked out only when somebody copies them: an array that is not quite one."""

import sys
from typing import Any

import numpy as np

from harness.contract import Statistics
from harness.control import Control

EXPECTED = ("timed", "failed", "expected a plain array")


class _Lazy(np.ndarray):
    """Would do its work in `copy`."""

    def copy(self, *_: Any, **__: Any) -> Any:
        return np.array(self)


class AggregatesWhenCopied(Control):
    """Hands back a subclass of an array where it is timed."""

    def close_window(self) -> Statistics:
        found = super().close_window()
        if "audit" not in sys._getframe(1).f_locals:
            return found
        return Statistics(
            found.count.view(_Lazy),
            found.sum,
            found.minimum,
            found.maximum,
            found.last,
            found.unmatched,
            found.invalid,
        )
