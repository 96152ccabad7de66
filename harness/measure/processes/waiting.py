"""How long runnable threads waited for a CPU: time that a busy machine has lost, not the process that is timed."""

from pathlib import Path


def waited_ns(*names: str) -> int:
    """Nanoseconds that the main threads of the processes `names` in ``/proc`` have waited in a CPU's queue so far.

    ``thread-self`` is the calling thread. 0 for what has ended, and where the kernel does not count it; the figure is
    the second of ``/proc/PID/schedstat`` [1]_.

    References
    ----------
    .. [1] https://docs.kernel.org/scheduler/sched-stats.html
    """
    return sum(map(_waited_ns, names))


def _waited_ns(name: str) -> int:
    try:
        return int(Path("/proc", name, "schedstat").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
