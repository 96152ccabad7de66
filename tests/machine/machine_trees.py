"""Machines that nobody has at hand: the few kernel files by which they are judged."""

from pathlib import Path

from harness.machine import Host

Files = dict[str, str]

_CPU = "/sys/devices/system/cpu"
_FLAGS = "fpu sse sse2 ssse3 sse4_1 sse4_2 avx f16c fma avx2 bmi1 bmi2 popcnt smep"


def _memory(total: int, available: int, swap: int = 0, swap_free: int = 0) -> str:
    named = {"MemTotal": total, "MemAvailable": available, "SwapTotal": swap, "SwapFree": swap_free}
    return "".join(f"{name}: {size} kB\n" for name, size in named.items())


def _caches(*sizes: tuple[str, int, str]) -> Files:
    files: Files = {}
    for index, (kind, level, size) in enumerate(sizes):
        folder = f"{_CPU}/cpu0/cache/index{index}"
        files |= {f"{folder}/type": kind, f"{folder}/level": str(level), f"{folder}/size": size}
    return files


def _cores(siblings: list[str]) -> Files:
    return {f"{_CPU}/cpu{cpu}/topology/core_cpus_list": text for cpu, text in enumerate(siblings)}


def laptop() -> Files:
    """Bare metal as it comes: four cores, eight threads, powersave, turbo, swap in use, a busy browser."""
    return {
        "/proc/cpuinfo": f"processor\t: 0\nmodel name\t: Intel(R) Core(TM)  i7-8650U CPU\nflags\t\t: {_FLAGS}\n",
        "/proc/meminfo": _memory(16_000_000, 3_000_000, 8_000_000, 7_000_000),
        "/proc/loadavg": "3.20 2.00 1.00 2/900 4242\n",
        "/proc/self/status": "Name:\tpython\nCpus_allowed_list:\t0-7\n",
        "/proc/self/cgroup": "0::/user.slice/session-1.scope\n",
        "/proc/self/personality": "00000000\n",
        "/proc/stat": "cpu  1000 10 500 90000 100 0 20 0 0 0\n",
        "/proc/sys/kernel/osrelease": "6.8.0-45-generic\n",
        "/proc/sys/kernel/randomize_va_space": "2\n",
        "/proc/sys/kernel/perf_event_paranoid": "4\n",
        "/etc/os-release": 'NAME="Ubuntu"\nPRETTY_NAME="Ubuntu 24.04.2 LTS"\n',
        "/sys/class/dmi/id/sys_vendor": "LENOVO\n",
        "/sys/class/dmi/id/product_name": "20L5\n",
        "/sys/devices/system/clocksource/clocksource0/current_clocksource": "hpet\n",
        "/sys/devices/system/clocksource/clocksource0/available_clocksource": "hpet acpi_pm\n",
        "/sys/kernel/mm/transparent_hugepage/enabled": "[always] madvise never\n",
        f"{_CPU}/online": "0-7\n",
        f"{_CPU}/intel_pstate/no_turbo": "0\n",
        f"{_CPU}/cpu0/thermal_throttle/core_throttle_count": "12\n",
        f"{_CPU}/cpu1/thermal_throttle/core_throttle_count": "3\n",
        **{f"{_CPU}/cpu{cpu}/cpufreq/scaling_governor": "powersave\n" for cpu in range(8)},
        **_cores(["0,4", "1,5", "2,6", "3,7"] * 2),
        **_caches(("Data", 1, "32K"), ("Instruction", 1, "32K"), ("Unified", 2, "256K"), ("Unified", 3, "8192K")),
    }


def quiet() -> Files:
    """A machine set up for measuring: bare metal, performance, no turbo, no SMT, no swap, nothing else running."""
    return laptop() | {
        "/proc/cpuinfo": f"processor\t: 0\nmodel name\t: AMD EPYC 9354P\nflags\t\t: {_FLAGS} avx512f avx512vl\n",
        "/proc/meminfo": _memory(131_000_000, 129_000_000),
        "/proc/loadavg": "0.02 0.01 0.00 1/300 4242\n",
        "/sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n",
        "/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
        f"{_CPU}/intel_pstate/no_turbo": "",
        f"{_CPU}/cpufreq/boost": "0\n",
        f"{_CPU}/cpu0/thermal_throttle/core_throttle_count": "0\n",
        f"{_CPU}/cpu1/thermal_throttle/core_throttle_count": "0\n",
        **{f"{_CPU}/cpu{cpu}/cpufreq/scaling_governor": "performance\n" for cpu in range(8)},
        **_cores([str(cpu) for cpu in range(8)]),
    }


def graviton() -> Files:
    """A 64-bit Arm guest in a cloud: no flags line, no model name, no cache sizes, one allowed CPU of two."""
    entry = "processor\t: {}\nFeatures\t: fp asimd evtstrm aes atomics fphp asimdhp sve i8mm bf16\n"
    entry += "CPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd40\n"
    return {
        "/proc/cpuinfo": "\n".join(entry.format(cpu) for cpu in range(2)),
        "/proc/meminfo": _memory(8_000_000, 7_000_000),
        "/proc/self/status": "Cpus_allowed_list:\t1\n",
        "/proc/self/cgroup": "0::/\n",
        "/proc/sys/kernel/osrelease": "6.1.0-25-cloud-arm64\n",
        "/proc/sys/kernel/randomize_va_space": "2\n",
        "/proc/self/personality": "00040000\n",
        "/sys/class/dmi/id/sys_vendor": "Amazon EC2\n",
        "/sys/class/dmi/id/product_name": "c7g.large\n",
        "/sys/devices/system/clocksource/clocksource0/current_clocksource": "arch_sys_counter\n",
    }


def pod() -> Files:
    """A container with half a core and 2 GiB on a GPU host, seen from inside: its group is the root it sees."""
    group = "/kubepods.slice/kubepods-burstable.slice/pod42"
    gpu = "/proc/driver/nvidia/gpus/0000:01:00.0/information"
    return quiet() | {
        "/proc/self/cgroup": f"0::{group}\n",
        "/sys/fs/cgroup/cpu.max": "50000 100000\n",
        "/sys/fs/cgroup/cpu.stat": "usage_usec 10\nnr_periods 100\nnr_throttled 7\nthrottled_usec 9000\n",
        "/sys/fs/cgroup/memory.max": "2147483648\n",
        "/proc/driver/nvidia/version": "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue\n",
        gpu: "Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 42\n",
    }


def old_groups() -> Files:
    """Control groups of version 1, limited at the parent and less tightly at the group itself."""
    return quiet() | {
        "/proc/self/cgroup": "4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n",
        "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "400000\n",
        "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us": "100000\n",
        "/sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_quota_us": "250000\n",
        "/sys/fs/cgroup/cpu,cpuacct/docker/cpu.cfs_period_us": "100000\n",
        "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
        "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "9223372036854771712\n",
        "/sys/fs/cgroup/memory/docker/memory.limit_in_bytes": "1073741824\n",
    }


def laid_down(files: Files, root: Path) -> Host:
    """The machine of those files, laid down below `root`."""
    for name, text in files.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Host(root)
