"""A stretch of a file mapped twice in a row: what reaches around its end is still one piece of memory."""

import ctypes
import mmap
import os
import sys

import numpy as np
from numpy.typing import NDArray

_MAP_SHARED, _MAP_PRIVATE, _MAP_FIXED = 0x01, 0x02, 0x10
_MAP_ANONYMOUS = 0x1000 if sys.platform == "darwin" else 0x20
_PROT_NONE, _PROT_READ, _PROT_WRITE = 0, 1, 2
_FAILED = ctypes.c_void_p(-1).value


class DoubleMapping:
    """`size_bytes` of the file from `offset` on, twice in a row; both multiples of the page size.

    Addresses are reserved for all of it first, so that the second mapping cannot fall on anything else.

    Attributes
    ----------
    memory : uint8[2 * size_bytes]
        Valid until `close`.

    Raises
    ------
    OSError
        If the system maps no more.
    """

    def __init__(self, descriptor: int, offset: int, size_bytes: int) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.mmap.restype = ctypes.c_void_p
        libc.mmap.argtypes = (
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int,
            ctypes.c_int,
            ctypes.c_int,
            ctypes.c_long,
        )
        libc.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
        if offset % mmap.PAGESIZE or size_bytes % mmap.PAGESIZE or not size_bytes:
            raise ValueError(f"{size_bytes} bytes from {offset}; expected whole pages of {mmap.PAGESIZE} bytes")
        self._libc = libc
        self._length = 2 * size_bytes
        self._address: int | None = self._map(None, self._length, _PROT_NONE, _MAP_PRIVATE | _MAP_ANONYMOUS, -1, 0)
        try:
            for half in range(2):
                address = self._address + half * size_bytes
                self._map(address, size_bytes, _PROT_READ | _PROT_WRITE, _MAP_SHARED | _MAP_FIXED, descriptor, offset)
        except OSError:
            self.close()
            raise
        raw = (ctypes.c_uint8 * self._length).from_address(self._address)
        self.memory: NDArray[np.uint8] = np.ctypeslib.as_array(raw)

    def _map(self, address: int | None, length: int, protection: int, flags: int, descriptor: int, offset: int) -> int:
        found = self._libc.mmap(address, length, protection, flags, descriptor, offset)
        if found is None or found == _FAILED:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return int(found)

    def close(self) -> None:
        """Unmap it; whoever still looks at `memory` afterwards is killed. More than once is harmless."""
        if self._address is not None:
            self._libc.munmap(self._address, self._length)
            self._address = None
