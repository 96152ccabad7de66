"""What the keeper does; a script, run by its path without the rest of the harness, so that it starts at once.

First it removes what runs left behind of which nobody was left to clear up, the keeper killed together with its run.
Then it waits for the end of its own run, kills what carries its token and removes its scratch folders.
"""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import sys
import time
from pathlib import Path

_CREATED_S = 60.0
"""A folder younger than that may not be held yet by who has just made it."""


def remove_abandoned(folder: str, pattern: str) -> None:
    """Remove what in `folder` has a name of `pattern`, is this user's, and is held by nobody."""
    for path in Path(folder).iterdir():
        if re.fullmatch(pattern, path.name):
            with contextlib.suppress(OSError):
                _remove_unheld(path)


def _remove_unheld(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        about = os.fstat(descriptor)
        if about.st_uid == os.geteuid() and time.time() - about.st_mtime > _CREATED_S:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(descriptor)


def clear_up(marker: bytes, folder: str, prefix: str, tracker: bytes) -> None:
    """Kill what has `marker` in its environment and remove what in `folder` begins with `prefix`.

    Looks until nothing was found for a while: what is about to start has no environment of its own yet. A tracker is
    given a while to end by itself, which it does when the others are dead, having removed what they named.
    """
    began_s = time.monotonic()
    quiet = 0
    while quiet < 5 and time.monotonic() < began_s + 4:
        quiet += 1
        for process in Path("/proc").glob("[0-9]*"):
            if int(process.name) != os.getpid():
                with contextlib.suppress(OSError):
                    if marker in (process / "environ").read_bytes():
                        quiet = 0
                        spared = tracker in (process / "cmdline").read_bytes() and time.monotonic() < began_s + 2
                        os.kill(int(process.name), signal.SIGCONT if spared else signal.SIGKILL)
        for path in Path(folder).glob(f"{prefix}*"):
            shutil.rmtree(path, ignore_errors=True)
        time.sleep(0.05)


if __name__ == "__main__":
    variable, token, place, own_prefix, any_name, trackers = sys.argv[1:]
    remove_abandoned(place, any_name)
    sys.stdin.buffer.read()
    clear_up(f"{variable}={token}".encode(), place, own_prefix, trackers.encode())
