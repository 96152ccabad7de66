"""The kernel in CUDA C: its text, how it is compiled, and what it is given."""

from pathlib import Path

THREADS = 256
ITEMS = 4
PATH = Path(__file__).with_name("whole_pass.cu")
WHOLE_PASS = PATH.read_text()


def tiles(readings: int, threads: int = THREADS) -> int:
    """Blocks that so many readings take."""
    return -(-readings // (threads * ITEMS))


def options(*, combine: bool, threads: int = THREADS) -> tuple[str, ...]:
    """What NVRTC is told: IEEE arithmetic with subnormals; multiply and add may be fused."""
    macros = (f"-DTHREADS={threads}", f"-DITEMS={ITEMS}", f"-DCOMBINE={int(combine)}")
    return ("--std=c++17", "--ftz=false", "--fmad=true", *macros)
