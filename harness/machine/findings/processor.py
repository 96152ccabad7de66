"""Findings about the processor: governor, turbo, cores, quota, load. Judged from the fingerprint alone."""

from harness.machine.findings.finding import Finding, Severity, unknown
from harness.machine.fingerprint import Fingerprint

BUSY_SHARE = 0.1
"""Load per allowed core from which other work is taken to disturb measurements."""


def governor(machine: Fingerprint) -> Finding:
    """Whether the clock follows the load."""
    name = machine.cpu.governor
    if name is None:
        return _hidden("governor", machine)
    if name == "performance":
        return Finding("governor", name)
    effect = "the clock follows the load: short calls are timed at a lower clock than long ones"
    remedy = "sudo cpupower frequency-set -g performance"
    return Finding("governor", name, effect, remedy, Severity.WARNING)


def turbo(machine: Fingerprint) -> Finding:
    """Whether the clock rises above its base."""
    if machine.cpu.turbo is None:
        return _hidden("turbo", machine)
    if not machine.cpu.turbo:
        return Finding("turbo", "off")
    effect = "the clock depends on temperature and on how many cores are busy; cancels in pairs, not in absolute rates"
    remedy = "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost (intel_pstate: echo 1 to no_turbo)"
    return Finding("turbo", "on", effect, remedy, Severity.NOTE)


def cores(machine: Fingerprint) -> Finding:
    """How many cores there are and how many may be used."""
    logical, physical, allowed = machine.cpu.logical, machine.cpu.physical, machine.cpu.allowed
    if allowed is None or logical is None:
        return unknown("cores", f"{logical or 'unknown'} in the machine, affinity not readable")
    state = f"{allowed} of {logical} allowed, {physical or 'unknown number of'} physical"
    if allowed == 1:
        effect = "whatever else runs shares the measured core; threads cannot be compared"
        return Finding("cores", state, effect, "allow a second core (taskset, --cpuset-cpus)", Severity.WARNING)
    if physical is not None and physical < logical:
        effect = "two threads may share one core: scaling beyond the physical cores is less than the threads suggest"
        remedy = "echo off | sudo tee /sys/devices/system/cpu/smt/control, or read thread counts accordingly"
        return Finding("cores", state, effect, remedy, Severity.NOTE)
    return Finding("cores", state)


def quota(machine: Fingerprint) -> Finding:
    """Whether a control group stops the process when it has used up its time."""
    granted, allowed = machine.cpu.quota_cores, machine.cpu.allowed
    if granted is None:
        return Finding("CPU quota", "none")
    state = f"{granted:g} cores"
    if allowed is not None and granted >= allowed:
        return Finding("CPU quota", f"{state}, not below the {allowed} allowed ones")
    effect = "all threads are stopped together, for up to 100 ms, when the quota is used up: tail latencies are its own"
    return Finding("CPU quota", state, effect, "lift the limit (--cpus, resources.limits.cpu)", Severity.WARNING)


def load(machine: Fingerprint) -> Finding:
    """How busy the machine was during the last minute."""
    runnable = machine.system.load_1min
    if runnable is None:
        return unknown("load", "not readable")
    share = runnable / (machine.cpu.allowed or machine.cpu.logical or 1)
    state = f"{runnable:.2f} runnable processes, {100 * share:.0f}% of the allowed cores"
    if share <= BUSY_SHARE:
        return Finding("load", state)
    effect = "other work takes time, caches and memory bandwidth: longer calls and longer tails"
    return Finding("load", state, effect, "stop other work, or wait a minute after it has ended", Severity.WARNING)


def _hidden(name: str, machine: Fingerprint) -> Finding:
    """A property of the clock that cannot be read: in a guest because it is the host's."""
    if machine.system.hypervisor in (None, "none"):
        return unknown(name, "not readable")
    effect = "the host decides on the clock; speeds of two sessions may differ"
    return Finding(name, "not visible to the guest", effect, "compare only within one run", Severity.NOTE)
