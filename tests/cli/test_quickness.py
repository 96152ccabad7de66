"""Help and listing stay quick; help teaches."""

import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from commands import sensorbench


def _took_s(done: Callable[[], object]) -> float:
    began_s = time.monotonic()
    done()
    return time.monotonic() - began_s


def _start_with_numpy() -> None:
    subprocess.run([sys.executable, "-c", "import numpy"], check=True)


@pytest.mark.parametrize(("arguments", "most_s", "most_starts"), [(["--help"], 0.5, 4), (["list"], 1.0, 8)])
def test_answers_quickly_with_a_warm_disk(arguments: list[str], most_s: float, most_starts: float) -> None:
    """Within the time, or, where the machine is busy, within so many times what NumPy takes to start just then."""
    commands_s, starts_s = [], []
    for _ in range(5):
        starts_s.append(_took_s(_start_with_numpy))
        commands_s.append(_took_s(lambda: sensorbench(*arguments)))
    assert sensorbench(*arguments).code == 0
    assert min(commands_s) < max(most_s, most_starts * min(starts_s))


def test_every_command_explains_itself() -> None:
    listed = sensorbench("--help").out.partition("Commands:")[2]
    names = [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and not line.startswith("   ")]
    assert {"list", "verify", "run", "report", "record", "new", "compare", "doctor"} <= set(names)
    for name in names:
        outcome = sensorbench(name, "--help")
        assert outcome.code == 0
        assert len(outcome.out.splitlines()) > 5
