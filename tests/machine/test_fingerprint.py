"""The fingerprint: of this machine, and of machines laid down as files."""

import getpass
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import pytest
from machine_trees import Files, graviton, laid_down, laptop, old_groups, pod, quiet

from harness.machine import Fingerprint, Host, fingerprint
from harness.machine.host import cpu_list


def test_this_machine_is_read() -> None:
    found = fingerprint()
    assert found.cpu.logical
    assert found.cpu.logical >= 1
    assert found.memory.total_bytes
    assert found.software.versions["numpy"].count(".") == 2
    if sys.platform == "linux":
        assert found.cpu.allowed == len(os.sched_getaffinity(0))
        assert found.cpu.extensions
        assert found.system.kernel == platform.release()
        assert found.memory.total_bytes == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") or abs(
            found.memory.total_bytes - os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        ) < (1 << 20)


def test_it_survives_json() -> None:
    found = fingerprint()
    assert Fingerprint.from_dict(json.loads(json.dumps(found.as_dict()))) == found


def test_it_names_nobody() -> None:
    text = json.dumps(fingerprint().as_dict())
    names = [str(Path.home()), str(Path(__file__).parents[2]), platform.node()]
    if len(user := getpass.getuser()) > 4:
        names.append(user)
    for name in names:
        if len(name) > 2:
            assert name not in text


def test_it_is_quick() -> None:
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        fingerprint()
        taken.append(time.perf_counter() - began)
    assert min(taken) < 0.3


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = "{'numpy', 'numba', 'psutil', 'pandas', 'scipy', 'rich', 'polars', 'duckdb', 'pyarrow', 'click'}"
    code = f"import sys, harness.machine as m; m.fingerprint(); print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_commit_is_the_checkout_s_own() -> None:
    software = fingerprint().software
    checkout = Path(__file__).parents[2]
    if not (checkout / ".git").exists():
        assert software.commit is None
        return
    asked = subprocess.run(
        ["git", "-C", str(checkout), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    )
    assert software.commit
    assert len(software.commit) == len(asked.stdout.strip())


def test_a_laptop(tmp_path: Path) -> None:
    found = fingerprint(laid_down(laptop(), tmp_path))
    cpu = found.cpu
    assert cpu.model == "Intel(R) Core(TM) i7-8650U CPU"
    assert (cpu.logical, cpu.physical, cpu.allowed, cpu.quota_cores) == (8, 4, 8, None)
    assert (cpu.l1d_bytes, cpu.l2_bytes, cpu.l3_bytes) == (32 << 10, 256 << 10, 8 << 20)
    assert (cpu.governor, cpu.turbo) == ("powersave", True)
    assert "avx2" in cpu.extensions
    assert "smep" not in cpu.extensions
    assert found.memory.swap_used_bytes == 1_000_000 << 10
    assert found.memory.huge_pages == "always"
    assert found.system.hypervisor == "none"
    assert found.system.container == "none"
    assert found.system.os == "Ubuntu 24.04.2 LTS"
    assert found.system.load_1min == 3.2
    assert found.system.aslr is True


def test_a_quiet_machine(tmp_path: Path) -> None:
    found = fingerprint(laid_down(quiet(), tmp_path))
    assert (found.cpu.governor, found.cpu.turbo, found.cpu.physical) == ("performance", False, 8)
    assert found.cpu.architecture == "x86_64"


def test_an_arm_guest(tmp_path: Path) -> None:
    found = fingerprint(laid_down(graviton(), tmp_path))
    assert (found.cpu.model, found.cpu.architecture) == ("Neoverse-V1", "aarch64")
    assert {"asimd", "sve", "bf16", "i8mm"} <= set(found.cpu.extensions)
    assert (found.cpu.logical, found.cpu.allowed, found.cpu.l1d_bytes) == (2, 1, None)
    assert found.system.hypervisor == "Amazon EC2"
    assert found.system.aslr is False


def test_a_pod(tmp_path: Path) -> None:
    found = fingerprint(laid_down(pod(), tmp_path))
    assert found.cpu.quota_cores == 0.5
    assert found.memory.limit_bytes == 2 << 30
    assert found.system.container == "kubepods"
    assert [(gpu.model, gpu.driver) for gpu in found.gpus] == [("NVIDIA H100 80GB HBM3", "550.54.15")]


def test_the_tightest_limit_of_old_groups_counts(tmp_path: Path) -> None:
    found = fingerprint(laid_down(old_groups(), tmp_path))
    assert found.cpu.quota_cores == 2.5
    assert found.memory.limit_bytes == 1 << 30


def test_a_machine_that_tells_nothing(tmp_path: Path) -> None:
    found = fingerprint(Host(tmp_path))
    assert found == Fingerprint()
    assert Fingerprint.from_dict({}) == found


@pytest.mark.parametrize(
    ("clock", "vendor", "flags", "expected"),
    [
        ("tsc kvm-clock", "", "sse2 hypervisor", "KVM"),
        ("tsc", "VMware, Inc.", "sse2 hypervisor", "VMware"),
        ("tsc", "", "sse2 hypervisor", "unknown"),
        ("tsc", "QEMU", "sse2", "none"),
        ("tsc", "Dell Inc.", "sse2", "none"),
        ("tsc", "Amazon EC2 m5.metal", "sse2", "none"),
    ],
)
def test_hypervisors(tmp_path: Path, clock: str, vendor: str, flags: str, expected: str) -> None:
    files: Files = {
        "/proc/cpuinfo": f"model name: x\nflags: {flags}\n",
        "/sys/class/dmi/id/sys_vendor": vendor,
        "/sys/devices/system/clocksource/clocksource0/available_clocksource": clock,
    }
    assert fingerprint(laid_down(files, tmp_path)).system.hypervisor == expected


@pytest.mark.parametrize("text", ["rubbish", "3-", "1-x", "-", ",,"])
def test_a_damaged_cpu_list_is_empty(text: str) -> None:
    assert cpu_list(text) == ()


def test_damaged_files_are_not_read(tmp_path: Path) -> None:
    files = dict.fromkeys([*laptop(), *pod(), *old_groups()], "\xff\x00 rubbish : : \n::\n[\n")
    found = fingerprint(laid_down(files, tmp_path))
    assert found.memory.total_bytes is None
    assert found.cpu.logical is None
