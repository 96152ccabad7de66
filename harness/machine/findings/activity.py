"""Findings that need watching for a moment: steal time, other processes, stops by quota, thermal throttling."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from harness.machine.findings.finding import Finding, Severity, unknown
from harness.machine.host import Host, first_number
from harness.machine.limits import throttled_times

_STEAL_SHARE = 0.002
_OTHERS_SHARE = 0.05
_THROTTLES = "/sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/*_throttle_count"


@dataclass(frozen=True, slots=True)
class Activity:
    """Counters of a machine at one moment; None where they could not be read.

    Parameters
    ----------
    busy_s, steal_s, all_s
        Processor time of all CPUs since start-up: spent on work, taken by the hypervisor, all of it.
    own_s
        Processor time of this process.
    stops, throttles
        How often the control group's quota, and heat, have stopped or slowed the processor.
    """

    busy_s: float | None
    steal_s: float | None
    all_s: float | None
    own_s: float
    stops: int | None
    throttles: int | None


def read_activity(host: Host) -> Activity:
    """The counters now."""
    busy_s, steal_s, all_s = _ticks(host)
    counts = [count for path in host.glob(_THROTTLES) if (count := host.number(path)) is not None]
    throttles = sum(counts) if counts else None
    return Activity(busy_s, steal_s, all_s, time.process_time(), throttled_times(host), throttles)


def watch(
    host: Host, interval_s: float, *, clock: Callable[[], float] = time.perf_counter
) -> tuple[Activity, Activity]:
    """The counters before and after keeping one CPU busy: steal time shows only while time is asked for."""
    before = read_activity(host)
    end = clock() + interval_s
    while clock() < end:
        pass
    return before, read_activity(host)


def steal(before: Activity, after: Activity) -> Finding:
    """Whether the hypervisor takes time away."""
    if before.steal_s is None or after.steal_s is None or after.busy_s is None or before.busy_s is None:
        return unknown("steal time", "not readable")
    taken = after.steal_s - before.steal_s
    now = taken / max(taken + after.busy_s - before.busy_s, 1e-9)
    ever = after.steal_s / max(after.steal_s + after.busy_s, 1e-9)
    state = f"{100 * now:.1f}% of the time asked for now, {100 * ever:.1f}% since start-up"
    if max(now, ever) <= _STEAL_SHARE:
        return Finding("steal time", state)
    effect = "the processor is away in the middle of calls: stalls of milliseconds that no code explains"
    remedy = "a dedicated host or instance; else more pairs, and distrust tails"
    return Finding("steal time", state, effect, remedy, Severity.WARNING if now > _STEAL_SHARE else Severity.NOTE)


def others(before: Activity, after: Activity) -> Finding:
    """Whether other processes are at work right now."""
    if before.busy_s is None or after.busy_s is None or before.all_s is None or after.all_s is None:
        return unknown("other processes", "not readable")
    tick_s = 1 / _ticks_per_s()
    used_s = max(0.0, after.busy_s - before.busy_s - (after.own_s - before.own_s) - 2 * tick_s)
    share = used_s / max(after.all_s - before.all_s, 1e-9)
    state = f"{100 * share:.0f}% of all processor time now"
    if share <= _OTHERS_SHARE:
        return Finding("other processes", state)
    effect = "they share caches, memory bandwidth and, on a machine of few cores, the measured core"
    return Finding("other processes", state, effect, "find them with top and stop them", Severity.WARNING)


def quota_stops(before: Activity, after: Activity) -> Finding:
    """Whether the control group's quota has stopped this process."""
    if after.stops is None:
        return Finding("quota stops", "no control group counts them")
    state = f"{after.stops - (before.stops or 0)} now, {after.stops} so far"
    if not after.stops:
        return Finding("quota stops", state)
    effect = "all threads were stopped together, each time for up to 100 ms"
    return Finding("quota stops", state, effect, "lift the CPU limit of the container", Severity.WARNING)


def throttling(before: Activity, after: Activity) -> Finding:
    """Whether heat slows the processor down."""
    if after.throttles is None:
        return unknown("thermal throttling", "not counted here")
    now = after.throttles - (before.throttles or 0)
    state = f"{now} times now, {after.throttles} since start-up"
    if not after.throttles:
        return Finding("thermal throttling", state)
    effect = "the clock falls during a run: what is measured last looks slower"
    return Finding(
        "thermal throttling", state, effect, "better cooling, or turbo off", Severity.WARNING if now else Severity.NOTE
    )


def _ticks_per_s() -> int:
    return os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def _ticks(host: Host) -> tuple[float, float, float] | tuple[None, None, None]:
    """Busy, stolen and all seconds from the first line of /proc/stat (proc(5); guest time is part of user time)."""
    first = (host.text("/proc/stat") or "").partition("\n")[0].split()
    ticks = [first_number(word) or 0 for word in first[1:9]]
    if not first or first[0] != "cpu" or len(ticks) < 8:
        return None, None, None
    user, nice, kernel, idle, waiting, interrupts, soft_interrupts, stolen = (tick / _ticks_per_s() for tick in ticks)
    busy = user + nice + kernel + interrupts + soft_interrupts
    return busy, stolen, busy + idle + waiting + stolen
