"""Ctrl-C, a request to terminate and a lost terminal: one interruption, which nothing interrupts in turn."""

import os
import signal
import sys
from types import FrameType

CODE = 130
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_PATIENCE = 3
_seen = 0


def take() -> None:
    """From now on each of the signals raises a KeyboardInterrupt, but for those that come while one is dealt with.

    The fourth ends the process at once, and the keeper clears up behind it. What was ignored when the process
    started (nohup) stays so.
    """
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def pass_over() -> None:
    """From now on they are passed over: the interpreter is about to end, and could only print a traceback."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    global _seen
    _seen += 1
    if _seen > _PATIENCE:
        os._exit(CODE)
    if not _is_dealt_with(sys.exception()):
        raise KeyboardInterrupt


def _is_dealt_with(error: BaseException | None) -> bool:
    """Whether `error`, or what it came up in the handling of, is an interruption."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__context__
    return False
