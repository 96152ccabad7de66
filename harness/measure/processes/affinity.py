"""Which CPUs a process runs on, where the system lets one say."""

import os
from collections.abc import Sequence


def allowed_cpus() -> tuple[int, ...]:
    """CPUs this process may use, in order; empty where the system does not say."""
    return tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else ()


class Elsewhere:
    """While it lasts, this process keeps off `cpus`, on which is measured, if it may use others; a context manager."""

    def __init__(self, cpus: Sequence[int]) -> None:
        self._before = set(allowed_cpus())
        self._others = self._before - set(cpus)

    def __enter__(self) -> None:
        if self._others:
            os.sched_setaffinity(0, self._others)

    def __exit__(self, *_: object) -> None:
        if self._others:
            os.sched_setaffinity(0, self._before)
