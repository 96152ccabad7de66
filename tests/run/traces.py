"""What a run could leave behind: processes, shared memory by name, files among the temporary ones."""

import contextlib
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from harness.measure.processes.keeper import TOKEN_VARIABLE

_SHARED = Path("/dev/shm")
_MARK = "SENSORBENCH_TEST_MARK"


def _named() -> frozenset[Path]:
    return frozenset(_SHARED.iterdir()) if _SHARED.is_dir() else frozenset()


@dataclass(frozen=True)
class Traces:
    """Of runs that are started with `environment`.

    Parameters
    ----------
    scratch : Path
        An empty folder, for their temporary files.
    """

    scratch: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    named_before: frozenset[Path] = field(default_factory=_named)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, _MARK: self.mark, "TMPDIR": str(self.scratch)}

    def workers(self) -> Iterator[psutil.Process]:
        """Workers, and what they started."""
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                environment = process.environ()
                if TOKEN_VARIABLE in environment and environment.get(_MARK) == self.mark:
                    yield process

    def named(self) -> frozenset[Path]:
        """Names in shared memory that were not there before; other tests may have theirs among them."""
        return _named() - self.named_before

    def left(self) -> list[str]:
        """All of it: of names in shared memory those that no living process has mapped."""
        named = self.named()
        in_use = {0} | (_mapped() if named else set())
        return [
            *(f"process {process.pid} ({process.name()})" for process in self.workers()),
            *(str(path) for path in named if _inode(path) not in in_use),
            *map(str, self.scratch.iterdir()),
        ]

    def left_after(self, most_s: float) -> list[str]:
        """What is still left after so long, in which a killed run, and any other test, has to clear up."""
        until_s = time.monotonic() + most_s
        while (left := self.left()) and time.monotonic() < until_s:
            time.sleep(0.1)
        return left


def _mapped() -> set[int]:
    """Inodes of what the living have mapped from there; whoever made a semaphore has it under an earlier name."""
    found = set()
    for pid in psutil.pids():
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
            found |= {int(line.split()[4]) for line in lines if f"{_SHARED}/" in line}
    return found


def _inode(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_ino
    return 0
