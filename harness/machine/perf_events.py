"""The kernel's performance events (perf_event_open(2)): opening one, and why one cannot be opened."""

import ctypes
import errno
import os
import platform
import struct
import sys
from dataclasses import dataclass

from harness.machine.host import Host

_SYSCALLS = {"x86_64": 298, "aarch64": 241}
_HARDWARE, _SOFTWARE, _CACHE = 0, 1, 3
_ATTRIBUTES_BYTES = 112  # PERF_ATTR_SIZE_VER5, of Linux 4.1
_ATTRIBUTES = struct.Struct("=IIQQQQQ")  # type, size, config, sample_period, sample_type, read_format, flags
_DISABLED, _EXCLUDE_KERNEL, _EXCLUDE_HYPERVISOR = 1 << 0, 1 << 5, 1 << 6
_READ_TIMES, _READ_GROUP = 1 | 2, 8
_CLOSE_ON_EXEC = 1 << 3
_PARANOID = "/proc/sys/kernel/perf_event_paranoid"


def _cache_miss(cache: int) -> int:
    """Read misses of a cache: PERF_COUNT_HW_CACHE_OP_READ is 0, PERF_COUNT_HW_CACHE_RESULT_MISS is 1."""
    return cache | 0 << 8 | 1 << 16


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Parameters
    ----------
    kind, config
        How perf_event_open(2) names it.
    hardware
        Whether a counter of the processor counts it, else the kernel itself.
    user_only
        Whether only what happens outside the kernel is counted; the kernel's own events happen inside.
    """

    name: str
    kind: int
    config: int
    hardware: bool = True
    user_only: bool = True


EVENTS: tuple[Event, ...] = (
    Event("instructions", _HARDWARE, 1),
    Event("cycles", _HARDWARE, 0),
    Event("branch_misses", _HARDWARE, 5),
    Event("cache_misses", _HARDWARE, 3),
    Event("l1d_misses", _CACHE, _cache_miss(0)),
    Event("dtlb_misses", _CACHE, _cache_miss(3)),
    Event("task_clock_ns", _SOFTWARE, 1, hardware=False, user_only=False),
    Event("page_faults", _SOFTWARE, 2, hardware=False, user_only=False),
    Event("context_switches", _SOFTWARE, 3, hardware=False, user_only=False),
    Event("cpu_migrations", _SOFTWARE, 4, hardware=False, user_only=False),
)


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why something could not be counted, and what would mend that."""

    reason: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether an event can be counted here: `unavailable` is None if it can."""

    name: str
    hardware: bool
    unavailable: Unavailable | None


def availability() -> tuple[Availability, ...]:
    """Try every event once, in the calling thread."""
    found = []
    for event in EVENTS:
        descriptor = open_event(event)
        if isinstance(descriptor, int):
            os.close(descriptor)
        found.append(Availability(event.name, event.hardware, None if isinstance(descriptor, int) else descriptor))
    return tuple(found)


def attributes(event: Event, *, leads: bool = True) -> bytes:
    """``struct perf_event_attr`` for `event`, read as a group with the times it was enabled and running.

    A leader is opened stopped; members run whenever their leader does.
    """
    flags = _DISABLED * leads | _EXCLUDE_HYPERVISOR | (_EXCLUDE_KERNEL if event.user_only else 0)
    head = _ATTRIBUTES.pack(event.kind, _ATTRIBUTES_BYTES, event.config, 0, 0, _READ_TIMES | _READ_GROUP, flags)
    return head.ljust(_ATTRIBUTES_BYTES, b"\0")


def open_event(event: Event, group: int = -1) -> int | Unavailable:
    """Open `event` for the calling thread on any CPU, in the group led by the descriptor `group`; stopped."""
    number = _SYSCALLS.get(platform.machine())
    if sys.platform != "linux" or number is None:
        return Unavailable(f"not on {sys.platform} {platform.machine()}", "measure on Linux, x86-64 or 64-bit Arm")
    libc = ctypes.CDLL(None, use_errno=True)
    attribute = ctypes.create_string_buffer(attributes(event, leads=group < 0), _ATTRIBUTES_BYTES)
    libc.syscall.restype = ctypes.c_long
    descriptor = libc.syscall(
        ctypes.c_long(number),
        attribute,
        ctypes.c_int(0),
        ctypes.c_int(-1),
        ctypes.c_int(group),
        ctypes.c_ulong(_CLOSE_ON_EXEC),
    )
    if descriptor >= 0:
        return int(descriptor)
    return explain(ctypes.get_errno(), event, Host())


def explain(code: int, event: Event, host: Host) -> Unavailable:
    """Why perf_event_open(2) refused `event` with the error `code`."""
    if code in (errno.EACCES, errno.EPERM):
        level = host.number(_PARANOID)
        if level is not None and level > (2 if event.user_only else 1):
            reason = f"the kernel forbids it (perf_event_paranoid is {level})"
            return Unavailable(reason, f"sudo sysctl kernel.perf_event_paranoid={2 if event.user_only else 1}")
        return Unavailable("forbidden here", "in a container: --cap-add=PERFMON, and a seccomp profile that allows it")
    if code in (errno.ENOENT, errno.EOPNOTSUPP, errno.ENODEV, errno.EINVAL):
        if "hypervisor" in host.fields("/proc/cpuinfo").get("flags", "").split():
            return Unavailable("the hypervisor offers no such counter", "bare metal, or a guest with a virtual PMU")
        return Unavailable("this processor has no such counter", "another processor, or a newer kernel")
    if code == errno.ENOSYS:
        return Unavailable("this kernel was built without performance events", "a kernel with CONFIG_PERF_EVENTS")
    if code in (errno.EMFILE, errno.ENFILE):
        return Unavailable("no file descriptor is free", "ulimit -n")
    if code in (errno.ENOSPC, errno.EBUSY):
        return Unavailable("every counter of the processor is taken", "end other users of it, such as perf")
    return Unavailable(f"the kernel refused it ({os.strerror(code)})")
