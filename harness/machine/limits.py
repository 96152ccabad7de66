"""What a control group grants: processor time and memory, for groups of version 1 and 2."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from harness.machine.host import Host, first_number

_GROUPS = "/sys/fs/cgroup"
_UNLIMITED_BYTES = 1 << 60  # version 1 writes "no limit" as the largest multiple of a page


def quota_cores(host: Host) -> float | None:
    """Cores' worth of time a second; the tightest along the path; None without a limit."""
    quotas = []
    for folder in _folders(host, "cpu"):
        share = (host.text(f"{folder}/cpu.max") or "").split()
        if len(share) != 2:
            share = [str(host.number(f"{folder}/cpu.cfs_{name}_us")) for name in ("quota", "period")]
        quota, period = (first_number(part) for part in share)
        if quota is not None and period is not None and quota > 0 and period > 0:
            quotas.append(quota / period)
    return min(quotas, default=None)


def memory_limit_bytes(host: Host) -> int | None:
    """Most memory the group may hold; the tightest along the path; None without a limit."""
    found = [
        limit
        for folder in _folders(host, "memory")
        for name in ("memory.max", "memory.limit_in_bytes")
        if (limit := host.number(f"{folder}/{name}")) is not None and 0 < limit < _UNLIMITED_BYTES
    ]
    return min(found, default=None)


def throttled_times(host: Host) -> int | None:
    """How often the group was stopped for having used up its quota, since it was made."""
    for folder in _folders(host, "cpu"):
        for line in (host.text(f"{folder}/cpu.stat") or "").splitlines():
            name, _, value = line.partition(" ")
            if name == "nr_throttled":
                return first_number(value)
    return None


def _folders(host: Host, controller: str) -> Iterator[str]:
    """The group of this process and its ancestors, innermost first.

    A container sees its own group as the root of the hierarchy while ``/proc/self/cgroup`` may still name the path
    outside; those folders are not there and read as None.
    """
    groups = [line.split(":", 2) for line in (host.text("/proc/self/cgroup") or "").splitlines()]
    for _, controllers, path in (group for group in groups if len(group) == 3):
        if controllers and controller not in controllers.split(","):
            continue
        names = [controllers, controller] if controllers else [""]
        inside = PurePosixPath(path.lstrip("/") or ".")
        for base in dict.fromkeys(names):
            top = PurePosixPath(_GROUPS) / base
            yield from (str(top / folder) for folder in (inside, *inside.parents))
