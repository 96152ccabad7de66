"""The keeper: outlives a killed run just long enough to kill its processes and remove its scratch folders."""

import contextlib
import fcntl
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

RUN_TOKEN = secrets.token_hex(8)
"""Names this run in the environment of its processes and in the names of its scratch folders."""

TOKEN_VARIABLE = "SENSORBENCH_WORKER"  # noqa: S105  (a name, no secret)
_PREFIX = f"sensorbench-{RUN_TOKEN}-"
ANY_RUNS = "sensorbench-[0-9a-f]{16}-.*"
"""Matches the names of any run's scratch folders."""

TRACKER = "resource_tracker import main"
"""In the command line of Python's trackers of named resources: that of multiprocessing, and joblib's."""

_process: "subprocess.Popen[bytes] | None" = None


def ensure() -> None:
    """Start the keeper of this process, unless it is there already (Linux).

    It reads its standard input, a pipe of which this process holds the only other end, and acts when that ends.
    """
    global _process
    if sys.platform == "linux" and (_process is None or _process.poll() is not None):
        told = (TOKEN_VARIABLE, RUN_TOKEN, tempfile.gettempdir(), _PREFIX, ANY_RUNS, TRACKER)
        _process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("keeping.py")), *told],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            close_fds=True,
        )


def pids() -> set[int]:
    """The keeper's process, if it was started."""
    return {_process.pid} if _process is not None else set()


class ScratchFolder(tempfile.TemporaryDirectory[str]):
    """A folder that goes with its holder; locked as long as he lives, so that others see whether it is abandoned."""

    def __init__(self) -> None:
        super().__init__(prefix=_PREFIX)
        self._held = os.open(self.name, os.O_RDONLY)
        with contextlib.suppress(OSError):  # where a file system has no locks, the keeper can take none either
            fcntl.flock(self._held, fcntl.LOCK_SH)

    def cleanup(self) -> None:
        """Remove it; a second time does nothing."""
        super().cleanup()
        if self._held >= 0:
            os.close(self._held)
            self._held = -1


def scratch_folder() -> ScratchFolder:
    """A new scratch folder of this run: its holder removes it, or the keeper if the run is killed.

    If both are killed at once, the keeper of this user's next run does.
    """
    ensure()
    return ScratchFolder()
