"""Whether a process is still there: the end of a pipe that closes with it, however it ends.

Each side of a channel holds the writing end of a pipe of its own and watches the reading end of the other's. A side
that closes properly says so with one byte first. In a second pipe lies one byte that whoever holds the line first
takes out, so that nobody holds it with him.
"""

import contextlib
import os
from multiprocessing.connection import Connection, Pipe

from harness.errors import ChannelError


class Lifeline:
    """One side's line: made by the process that makes the channel, then held by that side and watched by the other.

    Pickles while `multiprocessing` starts a process, as its connections do.
    """

    def __init__(self) -> None:
        self._reader: Connection[bytes, bytes] | None
        self._writer: Connection[bytes, bytes] | None
        self._reader, self._writer = Pipe(duplex=False)
        self._claim, giver = Pipe(duplex=False)
        os.write(giver.fileno(), b".")
        giver.close()
        self._has_closed = False

    def hold(self, what: str) -> None:
        """Be the side that is watched, the only one.

        Raises
        ------
        ChannelError
            If somebody holds the line, or has held it; `what` names the channel and the side.
        """
        if not os.read(self._claim.fileno(), 1):
            raise ChannelError(f"{what} already; expected one at most: end that one and make another")
        _close(self._reader)
        self._reader = None

    def watch(self) -> None:
        """Be the side that watches."""
        _close(self._writer)
        self._writer = None

    def say_closed(self) -> None:
        """Tell the other side that this one ends as it should."""
        if self._writer is not None:
            with contextlib.suppress(OSError):
                self._writer.send_bytes(b".")
        self.let_go()

    def let_go(self) -> None:
        """Close both ends in this process."""
        _close(self._reader)
        _close(self._writer)
        _close(self._claim)
        self._reader = self._writer = None

    def has_closed(self) -> bool:
        """Whether the watched side has said that it ends."""
        self._look()
        return self._has_closed

    def is_cut(self) -> bool:
        """Whether the watched side is gone without having said so."""
        return self._look() and not self._has_closed

    def _look(self) -> bool:
        """Whether the line has ended, one way or the other."""
        if self._has_closed or self._reader is None:
            return self._has_closed
        try:
            if not self._reader.poll(0):
                return False
            self._reader.recv_bytes()
        except (EOFError, OSError):
            return True
        self._has_closed = True
        return True


def _close(connection: "Connection[bytes, bytes] | None") -> None:
    if connection is not None:
        connection.close()
