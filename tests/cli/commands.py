"""Runs the real command line in a process of its own."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def error_lines(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.strip()]


def sensorbench(*arguments: str | Path, cwd: Path | None = None, timeout_s: float = 120) -> Outcome:
    """Run ``sensorbench`` with `arguments`."""
    command = [sys.executable, "-c", "from harness.entry import main; main()", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=timeout_s)
    return Outcome(done.returncode, done.stdout, done.stderr)
