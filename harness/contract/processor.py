"""The contract of an implementation of the job: match, calibrate, aggregate, retain."""

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar, Literal

from harness.contract.data import Floats, History, Readings, Sensors, Statistics

THREADS_VARIABLE = "SENSORBENCH_THREADS"


class Approach(StrEnum):
    """Which claim of the case study an implementation stands for."""

    BEFORE = "before"
    CACHING = "caching and batching"
    DISTRIBUTION = "distribution"
    ALGORITHM = "algorithm and data structures"
    HARDWARE = "SIMD and GPU"
    MEMORY = "memory pool"
    INTEGRATED = "integrated"
    PEER = "peer"
    YOURS = "yours"


def allowed_threads() -> int:
    """How many threads this process was allowed (``--threads``); never use more."""
    return int(os.environ.get(THREADS_VARIABLE, "1"))


class Processor(ABC):
    """One way of doing the job. The life of one: start, then any of the others, then stop.

    It follows ``zlib.compressobj``: feed it, take what is ready, flush the rest. Batch arrays belong to the
    caller and are overwritten after the call; they may be strided. A returned array is valid until the next
    method call. ``close_window`` and ``history`` drain; values drained there come with the next ``process`` or
    ``flush``; the stream goes on after all three. ``start`` after ``stop``, or a second ``start``, begins afresh.
    """

    approach: ClassVar[Approach] = Approach.YOURS
    threads: ClassVar[Literal["one", "many"]] = "one"
    sum_depends_on_scheduling: ClassVar[bool] = False
    input_layout: ClassVar[Literal["arrays", "records"]] = "arrays"
    """What it is fed when measured: contiguous arrays, or strided views of the mapped record file."""

    in_its_place: ClassVar[Mapping[str, type["Processor"]]] = {}
    """By the name of a switch: the class that does the job in place of this one where that parameter is true.

    It is asked for everything then, also for its parameters, of which the switch is one; nobody tunes such a switch.
    What an implementation rests on is read from its source: write a dict of names.
    """

    @abstractmethod
    def start(self, sensors: Sensors, retain: int) -> None:
        """Set up, timed apart: build indexes, allocate, compile, connect."""

    @abstractmethod
    def process(self, readings: Readings) -> Floats:
        """Take a batch and return the calibrated values now ready, in arrival order: float32[k].

        `k` may lag behind the input. An empty batch is a poll.
        """

    def flush(self) -> Floats:
        """Return every value still owed: float32[k]."""
        return self.process(Readings.empty())

    @abstractmethod
    def close_window(self) -> Statistics:
        """Return statistics since the last close over every reading given so far, and open the next window."""

    @abstractmethod
    def history(self) -> History:
        """Return the newest `retain` accepted readings among all given so far, oldest first."""

    def stop(self) -> None:  # noqa: B027  (most hold nothing that needs releasing)
        """Release everything: memory, files, processes, servers."""

    @classmethod
    def unavailable(cls) -> str | None:
        """Why it cannot run here and what would mend that, in one line; None if it can."""
        return None

    def facts(self) -> Mapping[str, float | int | str]:
        """What it has to tell about itself (hit rates, fallbacks, vector width); shown, never judged."""
        return {}
