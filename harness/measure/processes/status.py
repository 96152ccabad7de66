"""How a worker can end, as a status and a reason."""

import signal

from harness.errors import SensorbenchError
from harness.results import Status


class WorkerFailure(SensorbenchError):  # noqa: N818  (a failure of the subject, not an error of ours)
    """The worker could not answer; its cell ends with this status and reason."""

    exit_code = 1

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason


def describe_exit(returncode: int) -> tuple[Status, str]:
    """Status and reason of a worker that ended by itself with `returncode` instead of answering."""
    if returncode >= 0:
        return Status.CRASHED, f"exited with code {returncode} instead of answering"
    number = -returncode
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    if number == signal.SIGKILL:
        return Status.OUT_OF_MEMORY, "killed by SIGKILL from outside, most likely by the system for lack of memory"
    meaning = {
        signal.SIGSEGV: "segmentation fault",
        signal.SIGBUS: "bus error: a mapped file was cut short or its disk is full",
        signal.SIGABRT: "aborted",
        signal.SIGFPE: "arithmetic fault",
        signal.SIGILL: "illegal instruction",
    }.get(signal.Signals(number) if name.startswith("SIG") else signal.SIGTERM, "ended by a signal")
    return Status.CRASHED, f"{meaning} ({name})"
