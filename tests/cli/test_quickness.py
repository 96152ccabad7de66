"""Help and listing stay quick; help teaches."""

import time

import pytest
from commands import sensorbench


@pytest.mark.parametrize(("arguments", "most_s"), [(["--help"], 0.5), (["list"], 1.0)])
def test_answers_quickly_with_a_warm_disk(arguments: list[str], most_s: float) -> None:
    took_s = []
    for _ in range(5):
        began_s = time.monotonic()
        assert sensorbench(*arguments).code == 0
        took_s.append(time.monotonic() - began_s)
    assert min(took_s) < most_s


def test_every_command_explains_itself() -> None:
    listed = sensorbench("--help").out.partition("Commands:")[2]
    names = [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and not line.startswith("   ")]
    assert {"list", "verify", "run", "report", "record", "new", "compare", "doctor"} <= set(names)
    for name in names:
        outcome = sensorbench(name, "--help")
        assert outcome.code == 0
        assert len(outcome.out.splitlines()) > 5
