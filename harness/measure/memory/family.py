"""Inside a process: what its children hold beside it, each page counted once however many share it."""

import contextlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from harness.measure.memory import resident

_TASKS = Path("/proc/self/task")


@dataclass(frozen=True, slots=True)
class Kin:
    """What the children of this process hold at a moment.

    Parameters
    ----------
    added_bytes : int
        What they add to this process's own resident size: pages shared with it are not in it.
    shares_bytes : mapping
        Proportional size by the names of the processes: a shared page counts in parts for each that shares it.
    """

    added_bytes: int = 0
    shares_bytes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Family:
    """What this process was before it had children, so as to know what they add.

    Resident sizes count a page in each process that maps it, proportional sizes in parts that add up to the page.
    What all of them hold is the sum of the proportional sizes; what this process alone would hold is its resident
    size less the parts that strangers count for it (libraries, mostly), as they were before.

    Parameters
    ----------
    strangers_bytes : int
        Pages of this process that are counted by others.
    """

    strangers_bytes: int

    @classmethod
    def before_children(cls) -> Self:
        """As it is now."""
        return cls(max(0, (resident.resident_now_bytes() or 0) - (resident.proportional_now_bytes() or 0)))

    def now(self) -> Kin:
        """What the children hold, all generations of them; where none is alive, nothing.

        A child that held more before counts with what it held at its highest.
        """
        if not _has_children():
            return Kin()
        import psutil

        shares: Counter[str] = Counter()
        for child in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error, OSError):
                full = child.memory_full_info()
                highest = resident.peak_bytes(child.pid) or full.rss
                shares[child.name()] += int(getattr(full, "pss", full.rss)) + max(0, highest - full.rss)
        alone = (resident.resident_now_bytes() or 0) - self.strangers_bytes
        together = (resident.proportional_now_bytes() or alone) + shares.total()
        return Kin(max(0, together - alone), dict(shares)) if shares else Kin()


def _has_children() -> bool:
    """Whether this process has any: without a look at every process of the system, where the kernel tells."""
    try:
        return any((task / "children").read_text() for task in _TASKS.iterdir())
    except OSError:
        return True
