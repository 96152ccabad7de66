"""Findings about what is there to be used: GPU, hardware counters, services, disk, shared memory."""

import os
import shutil
import tempfile
from pathlib import Path

from harness.machine.findings.finding import Finding, Severity, unknown
from harness.machine.gpu import query, read_gpus
from harness.machine.host import Host
from harness.machine.perf_events import availability
from harness.units import format_bytes

_LARGE_DISK_BYTES = 4 << 30
_SHARED = "/dev/shm"  # noqa: S108  (its size is asked for, nothing is put there)
_SHARED_BYTES = 256 << 20
_DOCKER_SOCKET = "/var/run/docker.sock"
_SERVICES = {"redis": ("redis-server", "valkey-server"), "kafka": ("kafka-server-start", "kafka-server-start.sh")}


def gpu(host: Host) -> Finding:
    """Which GPUs there are, and whether they are idle and awake."""
    found = read_gpus(host)
    if not found:
        return Finding("GPU", "none", "GPU variants are listed as unavailable", "", Severity.NOTE)
    state = ", ".join(f"{gpu.model or 'unknown model'} (driver {gpu.driver or 'unknown'})" for gpu in found)
    rows = query("utilization.gpu,persistence_mode") if host.live else None
    if rows and any(row[0].isdigit() and int(row[0]) > 5 for row in rows):
        effect = "somebody else computes on it: kernels wait for theirs"
        return Finding("GPU", f"{state}, busy", effect, "find the process with nvidia-smi", Severity.WARNING)
    if rows and any(row[1:2] == ("Disabled",) for row in rows):
        effect = "the driver is loaded anew by each process: seconds of set-up time"
        remedy = "sudo nvidia-smi --persistence-mode=1"
        return Finding("GPU", f"{state}, persistence mode off", effect, remedy, Severity.NOTE)
    return Finding("GPU", state)


def hardware_counters(host: Host) -> Finding:
    """Whether the processor's counters can be read."""
    if not host.live:
        return unknown("hardware counters", "can only be tried on the machine itself")
    missing = [entry for entry in availability() if entry.hardware and entry.unavailable is not None]
    if not missing:
        return Finding("hardware counters", "available")
    why = missing[0].unavailable
    state = f"unavailable: {', '.join(entry.name for entry in missing)} ({why.reason if why else ''})"
    effect = "reports cannot say why something is fast (instructions, misses a reading); no time is affected"
    return Finding("hardware counters", state, effect, why.remedy if why else "", Severity.NOTE)


def services(host: Host) -> Finding:
    """Which servers the distributed variants could start."""
    present = [name for name, programs in _SERVICES.items() if any(host.program(program) for program in programs)]
    present += ["java"] if host.program("java") else []
    present += ["docker"] if host.program("docker") and host.exists(_DOCKER_SOCKET) else []
    absent = [name for name in (*_SERVICES, "java", "docker") if name not in present]
    state = f"found: {', '.join(present) or 'none'}; missing: {', '.join(absent) or 'none'}"
    if not absent:
        return Finding("services", state)
    effect = "an implementation that needs a missing one is listed as unavailable; nothing else is affected"
    return Finding("services", state, effect, "install what implementations of yours need", Severity.NOTE)


def disk(host: Host) -> Finding:
    """Whether results and record files find room where temporary files go."""
    folder = Path(tempfile.gettempdir()) if host.live else host.root
    free = min(shutil.disk_usage(place).free for place in (folder, Path.cwd()))
    state = f"{format_bytes(free)} free"
    if free >= _LARGE_DISK_BYTES:
        return Finding("disk", state)
    effect = "the larger workloads cannot be laid down as files: their cells fail"
    remedy = f"free {format_bytes(_LARGE_DISK_BYTES)}, or point TMPDIR and --out elsewhere"
    return Finding("disk", state, effect, remedy, Severity.WARNING)


def shared_memory(host: Host) -> Finding:
    """Whether shared rings and arrays find room."""
    try:
        found = os.statvfs(host.path(_SHARED))
    except OSError:
        return unknown("shared memory", f"{_SHARED} is not there")
    size = found.f_blocks * found.f_frsize
    state = f"{_SHARED} of {format_bytes(size)}, {format_bytes(found.f_bavail * found.f_frsize)} free"
    if size >= _SHARED_BYTES:
        return Finding("shared memory", state)
    effect = "shared rings of a large capacity end in a bus error"
    return Finding(
        "shared memory", state, effect, "docker run --shm-size=1g, or mount -o remount,size=1g", Severity.WARNING
    )
