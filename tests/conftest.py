"""What tests of several folders share: the real readings, and what stands for a GPU on the host."""

import os
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

# pytest puts tests/ on the path, where the folders tests/workloads and the like would stand for the packages.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.measure.processes.compiled import compiled_environment

os.environ |= compiled_environment()

# Ignored in the background or under nohup, and programs inherit that; a handler, even an idle one, they do not.
for _ignored in (one for one in (signal.SIGINT, signal.SIGHUP) if signal.getsignal(one) is signal.SIG_IGN):
    signal.signal(_ignored, lambda *_: None)

_VARIABLE = "SENSORBENCH_REAL_DATA"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """321,206 real readings of 47 sensors as gzipped CSV; skips, visibly, where they are not at hand."""
    named = os.environ.get(_VARIABLE)
    if named:
        assert Path(named).is_file(), f"{_VARIABLE} names {named}, which is no file"
        return Path(named)
    beside = Path(__file__).resolve().parents[2] / "shared" / "data" / "nab-real.csv.gz"
    if not beside.is_file():
        pytest.skip(f"no real readings here; let {_VARIABLE} name a recording")
    return beside


@pytest.fixture(scope="session")
def kernels_on_host(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """The kernel of `gpu_cupy` as a library of this machine, with and without combining; skips without a compiler."""
    if shutil.which("g++") is None:
        pytest.skip("no g++ to compile the kernel for the host with")
    root = Path(__file__).resolve().parents[1]
    source = root / "tests" / "implementations" / "cuda_on_host" / "whole_pass_on_host.cpp"
    strict = ["-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas", "-fno-strict-aliasing"]
    built = {}
    for combine in (True, False):
        built[combine] = tmp_path_factory.mktemp("kernels") / f"whole_pass_{combine}.so"
        macros = ["-DTHREADS=64", "-DITEMS=4", f"-DCOMBINE={int(combine)}"]
        places = [f"-I{root / 'implementations' / 'kernels'}", "-o", str(built[combine]), str(source)]
        subprocess.run(["g++", *strict, *macros, "-shared", "-fPIC", "-pthread", *places], check=True)
    return built


@pytest.fixture(scope="session")
def driver_on_host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a CUDA driver that needs no device; skips without a compiler or without NVIDIA's header."""
    roots = getattr(find_spec("nvidia"), "submodule_search_locations", ())
    header = next((found for root in roots for found in Path(root).glob("*/include/cuda.h")), None)
    if shutil.which("g++") is None or header is None:
        pytest.skip("no g++, or no cuda.h, to compile a driver for the host with")
    source = Path(__file__).parent / "implementations" / "cuda_on_host" / "driver_on_host.cpp"
    library = tmp_path_factory.mktemp("driver") / "libcuda.so.1"
    strict = ["-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", f"-I{header.parent}", str(source)]
    subprocess.run(["g++", *strict, "-shared", "-fPIC", "-ldl", "-o", str(library)], check=True)
    library.with_name("libcuda.so").symlink_to(library)
    return library.parent
