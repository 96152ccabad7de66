"""Memory: how much, how much of it this process may have, swap, huge pages."""

import os
import re
from dataclasses import dataclass

from harness.machine.host import Host, size_bytes
from harness.machine.limits import memory_limit_bytes


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory in bytes; None where it could not be read.

    Parameters
    ----------
    limit_bytes
        What the control group grants; None without a limit.
    huge_pages
        Transparent huge pages: ``always``, ``madvise`` or ``never``.
    """

    total_bytes: int | None = None
    available_bytes: int | None = None
    limit_bytes: int | None = None
    swap_bytes: int | None = None
    swap_used_bytes: int | None = None
    page_bytes: int | None = None
    huge_pages: str | None = None


def read_memory(host: Host) -> Memory:
    """Read the memory of `host`."""
    info = host.fields("/proc/meminfo")
    total, available, swap, swap_free = (
        size_bytes(info.get(name)) for name in ("MemTotal", "MemAvailable", "SwapTotal", "SwapFree")
    )
    page = os.sysconf("SC_PAGE_SIZE") if host.live and hasattr(os, "sysconf") else None
    if total is None and page and "SC_PHYS_PAGES" in os.sysconf_names:
        total = os.sysconf("SC_PHYS_PAGES") * page
    chosen = re.search(r"\[(\w+)\]", host.text("/sys/kernel/mm/transparent_hugepage/enabled") or "")
    return Memory(
        total_bytes=total,
        available_bytes=available,
        limit_bytes=memory_limit_bytes(host),
        swap_bytes=swap,
        swap_used_bytes=None if swap is None or swap_free is None else swap - swap_free,
        page_bytes=page,
        huge_pages=chosen.group(1) if chosen else None,
    )
