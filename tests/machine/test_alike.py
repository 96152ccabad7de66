"""Which machines' numbers may be put side by side."""

from dataclasses import replace
from pathlib import Path

from machine_trees import graviton, laid_down, laptop, pod, quiet

from harness.machine import Fingerprint, alike, fingerprint, remarks
from harness.machine.gpu import Gpu


def _quiet(folder: Path) -> Fingerprint:
    return fingerprint(laid_down(quiet(), folder))


def test_a_machine_is_like_itself(tmp_path: Path) -> None:
    machine = _quiet(tmp_path)
    assert alike(machine, machine.as_dict()) == ()
    assert remarks(machine, machine) == ()
    assert alike(fingerprint(), fingerprint()) == ()


def test_other_machines_are_told_apart(tmp_path: Path) -> None:
    ours = _quiet(tmp_path / "quiet")
    theirs = fingerprint(laid_down(laptop(), tmp_path / "laptop"))
    text = "\n".join(alike(ours, theirs))
    assert "CPU model: AMD EPYC 9354P and Intel(R) Core(TM) i7-8650U CPU" in text
    assert "vector extensions: avx512f avx512vl only in the first, none only in the second" in text
    assert "memory: 125 GiB and 15.3 GiB" in text
    assert "governor: performance and powersave" in text
    assert "turbo: off and on" in text
    arm = alike(ours, fingerprint(laid_down(graviton(), tmp_path / "arm")))
    assert any(line.startswith("architecture: x86_64 and aarch64") for line in arm)


def test_a_limited_container_is_another_machine(tmp_path: Path) -> None:
    text = "\n".join(alike(_quiet(tmp_path / "bare"), fingerprint(laid_down(pod(), tmp_path / "pod"))))
    assert "CPU quota (cores): none and 0.5" in text
    assert "memory limit: none and 2.00 GiB" in text
    assert "GPU: none and NVIDIA H100 80GB HBM3" in text


def test_memory_may_differ_by_five_percent(tmp_path: Path) -> None:
    machine = _quiet(tmp_path)
    total = machine.memory.total_bytes or 0
    near = replace(machine, memory=replace(machine.memory, total_bytes=int(total * 0.96)))
    far = replace(machine, memory=replace(machine.memory, total_bytes=int(total * 0.94)))
    assert alike(machine, near) == ()
    assert len(alike(machine, far)) == 1


def test_what_names_a_machine_must_be_known(tmp_path: Path) -> None:
    machine = _quiet(tmp_path)
    nameless = replace(machine, cpu=replace(machine.cpu, model=None, governor=None))
    assert alike(machine, nameless) == ("CPU model: AMD EPYC 9354P and unknown",)


def test_a_later_kernel_is_a_remark_and_a_newer_major_one_is_not(tmp_path: Path) -> None:
    machine = _quiet(tmp_path)

    def with_kernel(release: str) -> Fingerprint:
        return replace(machine, system=replace(machine.system, kernel=release))

    assert alike(machine, with_kernel("6.11.0")) == ()
    assert remarks(machine, with_kernel("6.11.0")) == ("kernel: 6.8.0-45-generic and 6.11.0",)
    assert alike(machine, with_kernel("7.0.1")) == ("kernel: 6 and 7",)


def test_versions_are_remarks(tmp_path: Path) -> None:
    machine = _quiet(tmp_path)
    old = replace(machine, software=replace(machine.software, versions={"numpy": "2.3.0", "polars": "1.0"}))
    new = replace(machine, software=replace(machine.software, versions={"numpy": "2.4.0"}))
    assert alike(old, new) == ()
    assert remarks(old, new) == ("numpy: 2.3.0 and 2.4.0", "polars: 1.0 and not installed")


def test_a_driver_is_a_remark_and_a_gpu_is_not(tmp_path: Path) -> None:
    machine = replace(_quiet(tmp_path), gpus=(Gpu("H100", "1.0"),))
    assert alike(machine, replace(machine, gpus=(Gpu("H100", "2.0"),))) == ()
    assert remarks(machine, replace(machine, gpus=(Gpu("H100", "2.0"),))) == ("GPU driver: 1.0 and 2.0",)
    assert alike(machine, replace(machine, gpus=(Gpu("H100", "1.0"),) * 2)) == ("GPU: H100 and H100, H100",)
