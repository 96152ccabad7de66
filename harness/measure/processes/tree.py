"""Processes that belong to a worker: finding all of them, and leaving none."""

import contextlib
import ctypes
import math
import os
import signal
import sys
import time
from collections.abc import Iterable
from functools import cache

import psutil

from harness.measure.processes.keeper import TOKEN_VARIABLE, TRACKER

_PR_SET_CHILD_SUBREAPER = 36
_TRACKER_S = 2.0
_LOOK_EVERY_S = 0.5
_GONE = (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess, FileNotFoundError)


@cache
def adopt_orphans() -> None:
    """Make orphaned descendants children of this process, so that they can be found (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def descendants(pid: int) -> list[psutil.Process]:
    """The living descendants of `pid`, itself first; empty when it is gone."""
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except _GONE:
        return []


class Weigher:
    """Weighs a process and its descendants, cheaply enough to be asked many times a second.

    Looking for descendants reads every process of the system, so that is done twice a second at most.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._looked_s = -math.inf
        self._family: list[psutil.Process] = []

    def resident_bytes(self) -> int:
        """Resident size of all of them together; 0 when they are gone."""
        if time.monotonic() - self._looked_s > _LOOK_EVERY_S:
            self._family = descendants(self._pid)
            self._looked_s = time.monotonic()
        total = 0
        for process in self._family:
            with contextlib.suppress(*_GONE):
                total += process.memory_info().rss
        return total

    def proportional_bytes(self) -> int:
        """What all of them hold together, shared pages counted once; slow, for when `resident_bytes` says too much.

        A single process shares with strangers only: its resident size is what it holds.
        """
        if len(self._family) < 2:
            return self.resident_bytes()
        total = 0
        for process in self._family:
            with contextlib.suppress(*_GONE):
                full = process.memory_full_info()
                total += getattr(full, "pss", full.rss)
        return total


def marked(token: str) -> list[psutil.Process]:
    """Living processes whose environment carries `token`: also those that left their session and parent."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(*_GONE):
            if process.pid != os.getpid() and process.environ().get(TOKEN_VARIABLE) == token:
                found.append(process)
    return found


def escaped(pid: int, token: str) -> list[str]:
    """Name and id of processes that carry the token of the worker `pid` and are no longer descendants of it."""
    kin = {process.pid for process in descendants(pid)}
    found = []
    for process in marked(token):
        with contextlib.suppress(*_GONE):
            if process.pid not in kin and process.status() != psutil.STATUS_ZOMBIE:
                found.append(f"{process.name()} ({process.pid})")
    return found


def orphans(known: Iterable[int]) -> list[psutil.Process]:
    """Children of this process that lead a session of a dead worker: everything adopted and not in `known`."""
    spared = set(known)
    adopted = []
    for child in psutil.Process().children():
        with contextlib.suppress(*_GONE):
            if child.pid not in spared and os.getsid(child.pid) != os.getsid(0):
                adopted.append(child)
    return adopted


def kill_tree(pid: int, token: str) -> None:
    """Kill `pid`, its session, its descendants and everything that carries `token`, with SIGKILL, and wait.

    Trackers of named resources come last. One ends by itself as soon as nobody is left whom it serves, and removes
    what they have named; killed with them it would leave their semaphores in ``/dev/shm`` until the next boot.
    """
    _signal_group(pid, signal.SIGSTOP)  # none of them starts another while they are told apart
    family = {process.pid: process for process in (*descendants(pid), *marked(token))}
    trackers = [process for process in family.values() if _is_tracker(process)]
    kill([process for process in family.values() if process not in trackers])
    _let_end(trackers)
    _signal_group(pid, signal.SIGKILL)
    for _ in range(20):
        left = marked(token)
        if not left:
            break
        kill(left)
        time.sleep(0.02)


def _signal_group(leader: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def _is_tracker(process: psutil.Process) -> bool:
    with contextlib.suppress(*_GONE):
        return any(TRACKER in argument for argument in process.cmdline())
    return False


def _let_end(trackers: list[psutil.Process]) -> None:
    """Let `trackers` go on until they end, for a while; then kill them."""
    for tracker in trackers:
        with contextlib.suppress(*_GONE):
            tracker.resume()
    _, left = psutil.wait_procs(trackers, timeout=_TRACKER_S)
    kill(left)


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill `processes` with SIGKILL and reap those that are children of this process."""
    for process in processes:
        with contextlib.suppress(*_GONE):
            process.kill()
    for process in processes:
        # Children of ours that are not Popen objects are waited for here; a worker's own Popen does its own wait.
        with contextlib.suppress(*_GONE, psutil.TimeoutExpired, ChildProcessError):
            process.wait(timeout=1)
