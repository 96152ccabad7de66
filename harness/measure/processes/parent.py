"""The worker's tie to its parent: it ends with it, from its first moment on. The standard library alone."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Ask the kernel to kill this process when `parent` dies, and end now if it is dead already.

    Elsewhere than on Linux the end of the socket does it, later.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            raise SystemExit("the run that started this worker is gone")
