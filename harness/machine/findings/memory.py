"""Findings about memory: limit, swap, huge pages. Judged from the fingerprint alone."""

from harness.machine.findings.finding import Finding, Severity, unknown
from harness.machine.fingerprint import Fingerprint
from harness.units import format_bytes

_TIGHT_BYTES = 4 << 30


def memory(machine: Fingerprint) -> Finding:
    """How much memory may be used."""
    total, limit, available = (getattr(machine.memory, f"{name}_bytes") for name in ("total", "limit", "available"))
    if total is None:
        return unknown("memory", "not readable")
    state = f"{format_bytes(total)}, {'unknown' if available is None else format_bytes(available)} available"
    usable = min(size for size in (total, limit, available) if size is not None)
    if limit is not None and limit < total:
        state += f", limited to {format_bytes(limit)}"
    if usable >= _TIGHT_BYTES:
        return Finding("memory", state)
    effect = "the larger sizes do not fit and end as out_of_memory"
    remedy = f"free memory or raise the limit to {format_bytes(_TIGHT_BYTES)}, or stay with small and medium"
    return Finding("memory", state, effect, remedy, Severity.NOTE)


def swap(machine: Fingerprint) -> Finding:
    """Whether memory may go to disk."""
    total, used = machine.memory.swap_bytes, machine.memory.swap_used_bytes
    if total is None:
        return unknown("swap", "not readable")
    if total == 0:
        return Finding("swap", "none")
    state = f"{format_bytes(used or 0)} used of {format_bytes(total)}"
    effect = "a page that was swapped out costs milliseconds where it is next touched, and peak RSS misses it"
    severity = Severity.WARNING if used else Severity.NOTE
    return Finding("swap", state, effect, "sudo swapoff -a while measuring", severity)


def huge_pages(machine: Fingerprint) -> Finding:
    """Whether large arrays get large pages by themselves."""
    mode = machine.memory.huge_pages
    if mode is None:
        return unknown("huge pages", "transparent huge pages not readable")
    if mode == "madvise":
        return Finding("huge pages", "madvise: those who ask get them")
    if mode == "always":
        effect = "any large array may get them or not, as memory is fragmented: times and RSS of one code differ by run"
    else:
        effect = "nobody gets them: random access over some tens of MiB pays for TLB misses"
    remedy = "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled"
    return Finding("huge pages", mode, effect, remedy, Severity.NOTE)
