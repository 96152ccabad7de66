"""The processor: model, vector extensions, cores, caches, clock policy."""

import os
import platform
import re
from dataclasses import dataclass

from harness.machine.host import Host, cpu_list, size_bytes
from harness.machine.limits import quota_cores

_CPUS = "/sys/devices/system/cpu"
_VECTOR = re.compile(
    r"s?sse\d?(?:_\d|a)?|avx\w*|fma4?|f16c|amx\w*|bmi[12]|popcnt|neon|asimd\w*|sve\w*|sme(?:\d\w*|)|fphp|bf16|i8mm|atomics"
)
_ARM_PARTS = {
    ("0x41", "0xd03"): "Cortex-A53",
    ("0x41", "0xd08"): "Cortex-A72",
    ("0x41", "0xd0b"): "Cortex-A76",
    ("0x41", "0xd0c"): "Neoverse-N1",
    ("0x41", "0xd40"): "Neoverse-V1",
    ("0x41", "0xd49"): "Neoverse-N2",
    ("0x41", "0xd4f"): "Neoverse-V2",
    ("0xc0", "0xac3"): "Ampere-1",
}


@dataclass(frozen=True, slots=True)
class Cpu:
    """What a processor is and how much of it this process may use; None where it could not be read.

    Parameters
    ----------
    extensions
        Vector and bit extensions, sorted, as the kernel names them.
    logical, physical, allowed
        Hardware threads and cores in the machine; hardware threads in this process's affinity.
    quota_cores
        Cores' worth of time a second that the control group grants; None without a limit.
    l1d_bytes, l2_bytes, l3_bytes
        Of one instance.
    governor
        Of the allowed CPUs; several are joined by "+".
    turbo
        Whether the clock may rise above its base.
    """

    model: str | None = None
    architecture: str | None = None
    extensions: tuple[str, ...] = ()
    logical: int | None = None
    physical: int | None = None
    allowed: int | None = None
    quota_cores: float | None = None
    l1d_bytes: int | None = None
    l2_bytes: int | None = None
    l3_bytes: int | None = None
    governor: str | None = None
    turbo: bool | None = None


def read_cpu(host: Host) -> Cpu:
    """Read the processor of `host`."""
    first = host.fields("/proc/cpuinfo")
    extensions = (first.get("flags") or first.get("Features") or "").split()
    l1d, l2, l3 = (_cache_bytes(host, level) for level in (1, 2, 3))
    return Cpu(
        model=_model(host, first),
        architecture=_architecture(host, first),
        extensions=tuple(sorted(name for name in extensions if _VECTOR.fullmatch(name))),
        logical=_logical(host),
        physical=_physical(host),
        allowed=len(allowed_cpus(host)) or None,
        quota_cores=quota_cores(host),
        l1d_bytes=l1d,
        l2_bytes=l2,
        l3_bytes=l3,
        governor=_governor(host),
        turbo=_turbo(host),
    )


def allowed_cpus(host: Host) -> tuple[int, ...]:
    """The CPUs this process may run on; empty where the system does not tell."""
    if host.live and hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return cpu_list(host.fields("/proc/self/status").get("Cpus_allowed_list"))


def _model(host: Host, first: dict[str, str]) -> str | None:
    if named := first.get("model name") or first.get("Model"):
        return " ".join(named.split())
    if part := first.get("CPU part"):
        maker = first.get("CPU implementer", "")
        return _ARM_PARTS.get((maker, part), f"Arm implementer {maker} part {part}")
    return (platform.processor() or None) if host.live else None


def _architecture(host: Host, first: dict[str, str]) -> str | None:
    if host.live:
        return platform.machine() or None
    return "x86_64" if "flags" in first else "aarch64" if "CPU architecture" in first else None


def _logical(host: Host) -> int | None:
    online = cpu_list(host.text(f"{_CPUS}/online"))
    if online:
        return len(online)
    listed = re.findall(r"^processor\s*:", host.text("/proc/cpuinfo") or "", re.MULTILINE)
    return len(listed) or (os.cpu_count() if host.live else None)


def _physical(host: Host) -> int | None:
    cores = set()
    for folder in host.glob(f"{_CPUS}/cpu[0-9]*/topology"):
        core = host.text(f"{folder}/core_cpus_list") or host.text(f"{folder}/thread_siblings_list")
        package = host.text(f"{folder}/physical_package_id")
        cores.add(core or (package, host.text(f"{folder}/core_id")))
    if cores:
        return len(cores)
    entries = (host.text("/proc/cpuinfo") or "").split("\n\n")
    ids = {tuple(re.findall(r"^(?:physical id|core id)\s*:\s*(\d+)", entry, re.MULTILINE)) for entry in entries}
    return len(ids - {()}) or None


def _cache_bytes(host: Host, level: int) -> int | None:
    for folder in host.glob(f"{_CPUS}/cpu0/cache/index*"):
        kind = host.text(f"{folder}/type")
        if host.number(f"{folder}/level") == level and kind in ("Data", "Unified"):
            return size_bytes(host.text(f"{folder}/size"))
    name = {1: "SC_LEVEL1_DCACHE_SIZE", 2: "SC_LEVEL2_CACHE_SIZE", 3: "SC_LEVEL3_CACHE_SIZE"}[level]
    if host.live and name in getattr(os, "sysconf_names", {}):
        return os.sysconf(name) or None
    return None


def _governor(host: Host) -> str | None:
    cpus = allowed_cpus(host)
    paths = [f"{_CPUS}/cpu{cpu}/cpufreq/scaling_governor" for cpu in cpus]
    return "+".join(sorted({found for path in paths if (found := host.text(path))})) or None


def _turbo(host: Host) -> bool | None:
    if (forbidden := host.number(f"{_CPUS}/intel_pstate/no_turbo")) is not None:
        return forbidden == 0
    if (boost := host.number(f"{_CPUS}/cpufreq/boost")) is not None:
        return boost == 1
    return None
