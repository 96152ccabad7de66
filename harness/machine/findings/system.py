"""Findings about the system: hypervisor, container, clock, ASLR, Numba. Judged from the fingerprint alone."""

from harness.machine.findings.finding import Finding, Severity, unknown
from harness.machine.fingerprint import Fingerprint

_GOOD_CLOCKS = {"tsc", "arch_sys_counter"}
_CLOCK_FOLDER = "/sys/devices/system/clocksource/clocksource0"


def hypervisor(machine: Fingerprint) -> Finding:
    """Whether somebody else shares the hardware."""
    name = machine.system.hypervisor
    if name is None:
        return unknown("hypervisor", "not readable")
    if name == "none":
        return Finding("hypervisor", "none (bare metal)")
    effect = "unseen neighbours share caches, memory bandwidth and clock: compare within a run, not between days"
    return Finding("hypervisor", name, effect, "measure on bare metal for absolute figures", Severity.WARNING)


def container(machine: Fingerprint) -> Finding:
    """Whether the process runs in a container."""
    name = machine.system.container
    if name is None:
        return unknown("container", "not readable")
    if name == "none":
        return Finding("container", "none")
    effect = "limits, /dev/shm and counters are the container's, while load and memory are the whole machine's"
    return Finding("container", name, effect, "", Severity.NOTE)


def clock_source(machine: Fingerprint) -> Finding:
    """Whether reading the clock is cheap."""
    name = machine.system.clock_source
    if name is None:
        return unknown("clock source", "not readable")
    if name in _GOOD_CLOCKS or (name == "kvm-clock" and machine.system.hypervisor != "none"):
        return Finding("clock source", name)
    effect = "each look at the clock is a system call of about a microsecond: it adds to every latency"
    remedy = (
        f"echo tsc | sudo tee {_CLOCK_FOLDER}/current_clocksource; a kernel that refuses holds the TSC for unstable"
    )
    return Finding("clock source", name, effect, remedy, Severity.WARNING)


def aslr(machine: Fingerprint) -> Finding:
    """Whether every process gets its own addresses."""
    randomized = machine.system.aslr
    if randomized is None:
        return unknown("ASLR", "not readable")
    if randomized:
        effect = "every process has its own alignment: averaged over, since each pair is made of fresh processes"
        return Finding("ASLR", "on", effect)
    effect = "all processes share one alignment: an effect of layout is mistaken for one of the code"
    remedy = "sudo sysctl kernel.randomize_va_space=2; do not start under setarch -R"
    return Finding("ASLR", "off", effect, remedy, Severity.WARNING)


def numba_threads(machine: Fingerprint) -> Finding:
    """Which threading layer parallel Numba code gets."""
    layer, layers, threads = (getattr(machine.software, f"numba_{name}") for name in ("layer", "layers", "threads"))
    if layer is None:
        return unknown("Numba threads", "not readable")
    if not layers:
        return Finding(
            "Numba threads",
            "Numba is not installed",
            "compiled variants are unavailable",
            "pip install numba",
            Severity.NOTE,
        )
    usable = [name for name in layers if name != "tbb" or "tbb" in machine.software.versions]
    state = f"{layer} of {', '.join(usable)}" + (f", {threads} threads" if threads else "")
    first = usable[0] if layer in ("default", "safe", "threadsafe", "forksafe") and usable else layer
    if first == "workqueue":
        effect = "the process is aborted when two threads call parallel code at once"
        return Finding("Numba threads", state, effect, "pip install tbb, or NUMBA_THREADING_LAYER=omp", Severity.NOTE)
    if first == "omp":
        effect = "a fork after the first parallel call kills the child; a call on a busy core waits for milliseconds"
        return Finding(
            "Numba threads", state, effect, "workers are spawned, so none is needed; pip install tbb avoids both"
        )
    return Finding("Numba threads", state)
