"""The kernels compile for every device from compute capability 7.0 to 10.0: registers, spills, subnormals. No GPU."""

import re
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from implementations.kernels import cuda_source

DEVICES = (70, 75, 80, 86, 89, 90, 100)
MOST_REGISTERS = 40
"""With 256 threads a block: six blocks at least, three quarters of the threads that a multiprocessor of 8.0 holds."""
MOST_THREADS = {75: 1024, 86: 1536, 89: 1536}
"""Threads that a multiprocessor holds, where it is not 2,048 [1]_.

.. [1] NVIDIA, CUDA C++ programming guide, technical specifications per compute capability.
"""
REGISTERS = 65_536
"""Of a multiprocessor, given out to a warp in steps of 8 a thread."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the compilers come as wheels for Linux alone")


def judge(log: str, most_registers: int = MOST_REGISTERS) -> None:
    """No spills, no stack, few registers, as ptxas reports them."""
    assert re.findall(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", log) == [
        ("0",) * 3
    ]
    (registers,) = re.findall(r"Used (\d+) registers", log)
    assert int(registers) <= most_registers


def compiled(options: Sequence[str]) -> tuple[str, str]:
    """The PTX that NVRTC makes of the kernel in CUDA C, and what it said."""
    from cuda.bindings import nvrtc

    def call(name: str, *arguments: Any) -> Any:
        status, *found = getattr(nvrtc, f"nvrtc{name}")(*arguments)
        assert status == nvrtc.nvrtcResult.NVRTC_SUCCESS, f"{name}: {status}"
        return found[0] if found else None

    def text(size: str, get: str) -> str:
        room = bytearray(call(size, program))
        call(get, program, room)
        return room.decode(errors="replace")

    program = call("CreateProgram", cuda_source.WHOLE_PASS.encode(), b"whole_pass.cu", 0, [], [])
    call("CompileProgram", program, len(options), [option.encode() for option in options])
    return text("GetPTXSize", "GetPTX"), text("GetProgramLogSize", "GetProgramLog")


@pytest.mark.parametrize("combine", [True, False], ids=["combining", "plain"])
@pytest.mark.parametrize("device", DEVICES)
def test_cuda_c_compiles_without_spills_and_fills_every_multiprocessor(device: int, combine: bool) -> None:
    target = (f"--gpu-architecture=sm_{device}", "--ptxas-options=-v")
    judge(
        compiled((*cuda_source.options(combine=combine), *target))[1],
        REGISTERS // MOST_THREADS.get(device, 2048) // 8 * 8,
    )


def test_cuda_c_keeps_subnormals() -> None:
    ptx, _ = compiled((*cuda_source.options(combine=True), "--gpu-architecture=compute_70"))
    assert "fma.rn.f32" in ptx
    assert ".ftz" not in ptx


@cache
def ptx_of(kernel: str) -> str:
    """What numba.cuda makes of a kernel for compute capability 7.0: newer devices take it too."""
    from numba import cuda, types
    from numba.cuda import dispatcher

    from implementations.kernels import cuda_kernels

    integer, word = types.int64, types.uint64
    u4, u8, i4, i8, f4, f8 = (
        types.Array(item, 1, "C")
        for item in (types.uint32, types.uint64, types.int32, types.int64, types.float32, types.float64)
    )
    given = {
        "work": (
            u4, f4, integer, integer, u4, f4, word, word, word, integer, f4, i8, u8, f8, u8, i4
        ),
        "rank": (i8, integer, u8, integer),
        "retain": (u4, i8, f4, integer, i8, u8, integer, integer, u4, i8, f4),
    }[kernel]  # fmt: skip
    target = (7, 0)
    with pytest.MonkeyPatch.context() as patch:  # it asks the device at hand for its capability, and there is none
        patch.setattr(dispatcher, "get_current_device", lambda: SimpleNamespace(compute_capability=target))
        ptx, _ = cuda.compile(
            getattr(cuda_kernels, kernel).py_func,
            types.void(*given),
            cc=target,
            output="ptx",
            device=False,
            abi="numba",
        )
    return str(ptx)


@pytest.mark.parametrize("kernel", ["work", "rank", "retain"])
def test_numba_kernels_compile_without_spills(kernel: str, tmp_path: Path) -> None:
    import nvidia

    (assembler,) = (path for root in nvidia.__path__ for path in Path(root).rglob("bin/ptxas"))
    source = tmp_path / "kernel.ptx"
    source.write_text(ptx_of(kernel))
    for device in DEVICES:
        command = [str(assembler), "-v", f"--gpu-name=sm_{device}", str(source), "--output-file", "/dev/null"]
        judge(subprocess.run(command, check=True, capture_output=True, text=True).stderr)


def test_numba_kernels_keep_subnormals() -> None:
    ptx = ptx_of("work")
    assert "fma.rn.f32" in ptx
    assert ".ftz" not in ptx
