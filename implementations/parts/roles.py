"""One producer, one consumer: roles in a file that are held as locks and so end with their process, however it ends.

The locks are those of Linux on open file descriptions, one byte a role. They neither need a file of their own nor
outlive a kill, and asking who holds one takes no lock.
"""

import errno
import fcntl
import os
import struct
from enum import IntEnum

from harness.errors import ChannelError

_FLOCK = struct.Struct("hhqqi4x")  # l_type, l_whence, l_start, l_len, l_pid
SUPPORTED = hasattr(fcntl, "F_OFD_SETLK")


class Role(IntEnum):
    """A side of a channel; the value is the place of its lock."""

    PRODUCER = 0
    CONSUMER = 1

    @property
    def other(self) -> "Role":
        """The other side."""
        return Role(1 - self)


def acquire(descriptor: int, role: Role, what: str) -> None:
    """Hold `role` in the open file `descriptor` until it is closed or this process ends.

    Raises
    ------
    ChannelError
        If another descriptor holds it; `what` names the channel.
    """
    wanted = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, role, 1, 0)
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, wanted)
    except OSError as error:
        if error.errno not in {errno.EAGAIN, errno.EACCES}:
            raise
        raise ChannelError(
            f"{what} has a {role.name.lower()} already; expected one at most: end that one first, or make another"
        ) from error


def release(descriptor: int, role: Role) -> None:
    """Hold `role` no longer, though memory that is still mapped keeps the open file alive."""
    fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _FLOCK.pack(fcntl.F_UNLCK, os.SEEK_SET, role, 1, 0))


def is_held(descriptor: int, role: Role) -> bool:
    """Whether another descriptor holds `role`."""
    asked = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, role, 1, 0)
    answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, asked)
    return bool(_FLOCK.unpack(answer)[0] != fcntl.F_UNLCK)
