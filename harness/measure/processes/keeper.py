"""The keeper: outlives a killed run just long enough to kill its processes and remove its scratch folders."""

import secrets
import subprocess
import sys
import tempfile

RUN_TOKEN = secrets.token_hex(8)
"""Names this run in the environment of its processes and in the names of its scratch folders."""

TOKEN_VARIABLE = "SENSORBENCH_WORKER"  # noqa: S105  (a name, no secret)
_PREFIX = f"sensorbench-{RUN_TOKEN}-"

TRACKER = "resource_tracker import main"
"""In the command line of Python's trackers of named resources: that of multiprocessing, and joblib's."""

_KEEPER = """
import os, shutil, signal, sys, time
variable, token, folder, prefix, tracker = sys.argv[1:]
sys.stdin.buffer.read()
marker = (variable + '=' + token).encode()
def contents(name, file):
    with open('/proc/' + name + '/' + file, 'rb') as opened:
        return opened.read()
began_s = time.monotonic()
quiet = 0
while quiet < 5 and time.monotonic() < began_s + 4:
    quiet += 1
    for name in os.listdir('/proc'):
        if name.isdigit() and int(name) != os.getpid():
            try:
                if marker in contents(name, 'environ'):
                    quiet = 0
                    spared = tracker.encode() in contents(name, 'cmdline') and time.monotonic() < began_s + 2
                    os.kill(int(name), signal.SIGCONT if spared else signal.SIGKILL)
            except OSError:
                pass
    for name in os.listdir(folder):
        if name.startswith(prefix):
            shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
    time.sleep(0.05)
"""
"""Looks until nothing was found for a while: what is about to start has no environment of its own yet.

A tracker is given a while to end by itself, which it does when the others are dead, having removed what they named.
"""

_process: "subprocess.Popen[bytes] | None" = None


def ensure() -> None:
    """Start the keeper of this process, unless it is there already (Linux).

    It reads its standard input, a pipe of which this process holds the only other end, and acts when that ends.
    """
    global _process
    if sys.platform == "linux" and (_process is None or _process.poll() is not None):
        told = (TOKEN_VARIABLE, RUN_TOKEN, tempfile.gettempdir(), _PREFIX, TRACKER)
        _process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _KEEPER, *told],
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
