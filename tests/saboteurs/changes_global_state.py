"""Changes what all code in the process shares."""

import os
import random
import time
from typing import Annotated

import numpy as np

from harness.contract import Choice, Floats, Readings
from harness.control import Control

EXPECTED = ("verify", "failed", "changed the")
VARIANTS = ("[what=errors]", "[what=random]", "[what=numpy_random]", "[what=environment]", "[what=clock]")


class ChangesGlobalState(Control):
    """In the first call."""

    def __init__(
        self, what: Annotated[str, Choice("errors", "random", "numpy_random", "environment", "clock")] = "errors"
    ) -> None:
        self.what = what

    def process(self, readings: Readings) -> Floats:
        if self.what == "errors":
            np.seterr(all="ignore")
        elif self.what == "random":
            random.seed(1)
        elif self.what == "numpy_random":
            np.random.seed(1)  # noqa: NPY002
        elif self.what == "environment":
            os.environ["SENSORBENCH_SABOTEUR"] = "1"
        else:
            time.perf_counter_ns = lambda: 0
        return super().process(readings)
