"""The system around the process: operating system, kernel, hypervisor, container, clock, load."""

import platform
from dataclasses import dataclass

from harness.machine.host import Host

_CLOCK = "/sys/devices/system/clocksource/clocksource0"
_NO_RANDOM_ADDRESSES = 0x0040000  # ADDR_NO_RANDOMIZE in the kernel's personality.h
_GUEST_CLOCKS = {"kvm-clock": "KVM", "hyperv": "Hyper-V", "xen": "Xen"}
_GUEST_MAKERS = {
    "qemu": "KVM",
    "kvm": "KVM",
    "amazon ec2": "Amazon EC2",
    "google": "Google Compute Engine",
    "vmware": "VMware",
    "virtualbox": "VirtualBox",
    "innotek": "VirtualBox",
    "microsoft corporation virtual machine": "Hyper-V",
    "xen": "Xen",
    "parallels": "Parallels",
    "openstack": "KVM",
}
_CONTAINER_MARKS = ("docker", "kubepods", "containerd", "libpod", "lxc")


@dataclass(frozen=True, slots=True)
class System:
    """The system; None where it could not be read.

    Parameters
    ----------
    hypervisor
        Its name, ``"unknown"`` for one that does not say, ``"none"`` on bare metal.
    container
        What kind, or ``"none"``.
    aslr
        Whether the addresses of this process are randomized.
    load_1min
        Runnable processes, averaged over the last minute.
    """

    os: str | None = None
    kernel: str | None = None
    hypervisor: str | None = None
    container: str | None = None
    clock_source: str | None = None
    aslr: bool | None = None
    load_1min: float | None = None


def read_system(host: Host) -> System:
    """Read the system of `host`."""
    return System(
        os=_os_name(host),
        kernel=platform.release() or None if host.live else host.text("/proc/sys/kernel/osrelease"),
        hypervisor=_hypervisor(host),
        container=_container(host),
        clock_source=host.text(f"{_CLOCK}/current_clocksource"),
        aslr=_aslr(host),
        load_1min=_load(host),
    )


def _os_name(host: Host) -> str | None:
    for line in (host.text("/etc/os-release") or "").splitlines():
        name, _, value = line.partition("=")
        if name == "PRETTY_NAME":
            return value.strip("\"'")
    return f"{platform.system()} {platform.mac_ver()[0]}".strip() or None if host.live else None


def _hypervisor(host: Host) -> str | None:
    cpu = host.fields("/proc/cpuinfo")
    if not cpu:
        return None
    if "microsoft" in (host.text("/proc/sys/kernel/osrelease") or "").lower():
        return "WSL on Hyper-V"
    if kind := host.text("/sys/hypervisor/type"):
        return kind.capitalize()
    maker = " ".join(host.text(f"/sys/class/dmi/id/{name}") or "" for name in ("sys_vendor", "product_name")).lower()
    if "metal" in maker:
        return "none"
    named = next((name for mark, name in _GUEST_MAKERS.items() if mark in maker), None)
    flagged = "hypervisor" in cpu.get("flags", "").split()
    if named and (flagged or "flags" not in cpu):  # Arm has no such flag
        return named
    clocks = host.text(f"{_CLOCK}/available_clocksource") or ""
    guest = next((name for mark, name in _GUEST_CLOCKS.items() if mark in clocks), None)
    return guest or ("unknown" if flagged else "none")


def _container(host: Host) -> str | None:
    if host.exists("/.dockerenv"):
        return "docker"
    if host.exists("/run/.containerenv"):
        return "podman"
    groups = host.text("/proc/self/cgroup")
    if groups is None:
        return None
    return next((mark for mark in _CONTAINER_MARKS if mark in groups), "none")


def _aslr(host: Host) -> bool | None:
    randomized = host.number("/proc/sys/kernel/randomize_va_space")
    if randomized is None:
        return None
    try:
        personality = int(host.text("/proc/self/personality") or "0", 16)
    except ValueError:
        personality = 0
    return randomized > 0 and not personality & _NO_RANDOM_ADDRESSES


def _load(host: Host) -> float | None:
    try:
        return float((host.text("/proc/loadavg") or "").split()[0])
    except (IndexError, ValueError):
        return None
