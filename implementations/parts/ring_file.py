r"""The head of a ring's file: what it is, whether it is whole, whether it is from here.

All little-endian, except that the byte-order mark says so::

    0    8  magic              b"SENSRNG\n"
    8    4  version            1
    12   4  byte-order mark    0x01020304
    16   8  capacity           readings
    24   4  bytes a reading    16
    28   4  head bytes         where the readings begin, a whole number of pages
    32   4  overflow           0 block, 1 drop the oldest
    36   4  CRC-32 of the above

At 1024 lies the control block, whose words both processes write.
"""

import mmap
import os
import struct
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

from harness.contract import RECORD_DTYPE
from harness.errors import ChannelError, InputError

MAGIC = b"SENSRNG\n"
VERSION = 1
CONTROL_AT = 1024
_ORDER_MARK = 0x01020304
_FIXED = struct.Struct("<8sIIQIII")
_CRC = struct.Struct("<I")
_HEAD_BYTES = 65536
"""Whole pages on every machine there is: pages have 4, 16 or 64 KiB."""

READING_BYTES = RECORD_DTYPE.itemsize


@dataclass(frozen=True, slots=True)
class RingHead:
    """What the head of a ring's file says."""

    capacity: int
    head_bytes: int
    drops: bool

    @property
    def file_bytes(self) -> int:
        """How long the file must be."""
        return self.head_bytes + self.capacity * READING_BYTES


def make_ring_file(path: Path, capacity: int, *, drops: bool) -> RingHead:
    """Make the file, all of its space taken; it appears under its name only when it is whole.

    Raises
    ------
    ChannelError
        If there is one already, or no room for it.
    """
    a_page = max(mmap.PAGESIZE, _HEAD_BYTES) // READING_BYTES
    head = RingHead(-(-capacity // a_page) * a_page, _HEAD_BYTES, drops)
    fixed = _FIXED.pack(MAGIC, VERSION, _ORDER_MARK, head.capacity, READING_BYTES, head.head_bytes, int(drops))
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, head.file_bytes)
            os.pwrite(descriptor, fixed + _CRC.pack(zlib.crc32(fixed)), 0)
            os.link(partial, path)
        finally:
            os.close(descriptor)
            partial.unlink(missing_ok=True)
    except FileExistsError as error:
        raise ChannelError(f"{path}: there is a ring already; open it, or destroy it first") from error
    except OSError as error:
        raise ChannelError(
            f"{path}: no room for a ring of {capacity:,} readings ({head.file_bytes >> 20} MiB: {error.strerror}); "
            "make the capacity smaller, or choose another folder"
        ) from error
    return head


def open_ring_file(path: Path) -> tuple[int, RingHead]:
    """A descriptor of the file and its head, checked.

    Raises
    ------
    InputError
        If it is missing, no ring, of another version, size or byte order, damaged or cut short.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise InputError(f"{path}: the ring cannot be opened ({error.strerror}); create it first") from error
    try:
        return descriptor, _checked(path, descriptor)
    except BaseException:
        os.close(descriptor)
        raise


def _checked(path: Path, descriptor: int) -> RingHead:
    content = os.pread(descriptor, _FIXED.size + _CRC.size, 0)
    again = "destroy it and create another"
    if len(content) < _FIXED.size + _CRC.size or content[: len(MAGIC)] != MAGIC:
        raise InputError(f"{path}: not a ring; expected a file that mapped_ring has made: {again}")
    fields = _FIXED.unpack(content[: _FIXED.size])
    _, version, order_mark, capacity, reading_bytes, head_bytes, overflow = fields
    if order_mark != _ORDER_MARK or sys.byteorder != "little":
        raise InputError(f"{path}: a ring of another byte order; expected little-endian on both sides: {again} here")
    if version != VERSION:
        raise InputError(f"{path}: a ring of version {version}; expected {VERSION}: {again}")
    (crc,) = _CRC.unpack(content[_FIXED.size :])
    if zlib.crc32(content[: _FIXED.size]) != crc:
        raise InputError(f"{path}: the ring's head does not match its checksum; the file is damaged: {again}")
    if reading_bytes != READING_BYTES or head_bytes % mmap.PAGESIZE or capacity * READING_BYTES % mmap.PAGESIZE:
        raise InputError(
            f"{path}: a ring of {capacity} readings of {reading_bytes} bytes from {head_bytes} on; expected "
            f"{READING_BYTES} bytes each on whole pages of {mmap.PAGESIZE}: {again} on this machine"
        )
    head = RingHead(capacity, head_bytes, bool(overflow))
    actual_bytes = os.fstat(descriptor).st_size
    if actual_bytes != head.file_bytes:
        raise InputError(
            f"{path}: {actual_bytes} bytes; expected {head.file_bytes} for its {capacity} readings: "
            f"the ring was cut short or grown: {again}"
        )
    return head
