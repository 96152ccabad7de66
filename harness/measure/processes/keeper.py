"""The keeper: outlives a killed run just long enough to kill its processes and remove its scratch folders."""

import secrets
import subprocess
import sys
import tempfile

RUN_TOKEN = secrets.token_hex(8)
"""Names this run in the environment of its processes and in the names of its scratch folders."""

TOKEN_VARIABLE = "SENSORBENCH_WORKER"  # noqa: S105  (a name, no secret)
_PREFIX = f"sensorbench-{RUN_TOKEN}-"

_KEEPER = """
import os, shutil, sys, time
variable, token, folder, prefix = sys.argv[1:]
sys.stdin.buffer.read()
marker = (variable + '=' + token).encode()
deadline_s = time.monotonic() + 4
quiet = 0
while quiet < 5 and time.monotonic() < deadline_s:
    quiet += 1
    for name in os.listdir('/proc'):
        if name.isdigit() and int(name) != os.getpid():
            try:
                with open('/proc/' + name + '/environ', 'rb') as file:
                    if marker in file.read():
                        os.kill(int(name), 9)
                        quiet = 0
            except OSError:
                pass
    for name in os.listdir(folder):
        if name.startswith(prefix):
            shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
    time.sleep(0.05)
"""
"""Looks until nothing was found for a while: what is about to start has no environment of its own yet."""

_process: "subprocess.Popen[bytes] | None" = None


def ensure() -> None:
    """Start the keeper of this process, unless it is there already (Linux).

    It reads its standard input, a pipe of which this process holds the only other end, and acts when that ends.
    """
    global _process
    if sys.platform == "linux" and (_process is None or _process.poll() is not None):
        _process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _KEEPER, TOKEN_VARIABLE, RUN_TOKEN, tempfile.gettempdir(), _PREFIX],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            close_fds=True,
        )


def pids() -> set[int]:
    """The keeper's process, if it was started."""
    return {_process.pid} if _process is not None else set()


def scratch_folder() -> "tempfile.TemporaryDirectory[str]":
    """A new scratch folder of this run: its holder removes it, or the keeper if the run is killed."""
    ensure()
    return tempfile.TemporaryDirectory(prefix=_PREFIX)
