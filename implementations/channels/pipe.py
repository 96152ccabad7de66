"""Pipe: the system's pipe between processes, records as they are."""

import contextlib
import fcntl
import multiprocessing
import os
import select
import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.contract import RECORD_DTYPE, Approach, Channel, Overflow, Readings
from harness.errors import ChannelError
from implementations.parts.lifeline import Lifeline

_RECORD_BYTES = RECORD_DTYPE.itemsize
_SET_SIZE = getattr(fcntl, "F_SETPIPE_SZ", 1031)
_LEAST_BYTES, _MOST_BYTES = 4096, 1 << 20
_SLICE_S = 0.02


class Pipe(Channel):
    """A pipe(2) full of 16-byte records: no pickle, no thread, no lock.

    Time O(n) a batch: one copy into the kernel, one out of it. Memory: the kernel's buffer, as near to the capacity as
    it allows (1 MiB for most users, 65,536 readings).

    Notes
    -----
    Each side makes a system call a batch, and one that waits is woken by the kernel. What is in the pipe cannot be
    dropped any more, so ``drop_oldest`` is not for it.
    """

    approach = Approach.PEER
    overflows = frozenset({Overflow.BLOCK})

    def __init__(self) -> None:
        self._ends: tuple[Connection[bytes, bytes], Connection[bytes, bytes]] | None = None
        self._lines: tuple[Lifeline, Lifeline] | None = None
        self._is_producer: bool | None = None
        self._index = self._next_index = 0
        self._owed = b""
        self._buffer = np.empty(0, np.uint8)
        self._held = 0
        self._lent = 0

    def create(self, folder: Path, capacity: int, overflow: Overflow) -> None:
        """Make the pipe and a line for each side."""
        if overflow not in self.overflows:
            raise ChannelError(
                f"a pipe cannot {overflow}: what is in it cannot be taken out; use block, or another channel"
            )
        reader, writer = multiprocessing.Pipe(duplex=False)
        for size_bytes in (capacity * _RECORD_BYTES, _MOST_BYTES):
            with contextlib.suppress(OSError):
                fcntl.fcntl(writer.fileno(), _SET_SIZE, max(_LEAST_BYTES, size_bytes))
                break
        self._ends = (reader, writer)
        self._lines = (Lifeline(), Lifeline())

    def open_producer(self) -> None:
        """Attach as the producer; it gives up its reading end, so that it sees the consumer's end."""
        self._attach(is_producer=True)
        reader, writer = self._own_ends()
        reader.close()
        os.set_blocking(writer.fileno(), False)

    def open_consumer(self) -> None:
        """Attach as the consumer; it gives up its writing end, so that it sees the producer's end."""
        self._attach(is_producer=False)
        reader, writer = self._own_ends()
        writer.close()
        os.set_blocking(reader.fileno(), False)

    def _attach(self, *, is_producer: bool) -> None:
        """Take the side, or let go of everything, so that no end of the pipe is held by one who has no side."""
        self._is_producer = is_producer
        mine, other = self._own_lines()
        try:
            mine.hold(f"the pipe has a {'producer' if is_producer else 'consumer'}")
        except ChannelError:
            self._is_producer = None
            self.close()
            raise
        other.watch()

    def put(self, readings: Readings, timeout_s: float | None = None) -> int:
        """Write the records; one that the pipe had only part of the room for is finished before anything else."""
        deadline_s = None if timeout_s is None else time.monotonic() + timeout_s
        if not self._write_owed(deadline_s):
            return 0
        content = memoryview(readings.to_records().view(np.uint8).data)
        written = self._write(content, deadline_s)
        whole = -(-written // _RECORD_BYTES)
        self._owed = bytes(content[written : whole * _RECORD_BYTES])
        self._index += whole
        return whole

    def _write_owed(self, deadline_s: float | None) -> bool:
        """Finish the record that was begun."""
        if self._owed:
            self._owed = self._owed[self._write(memoryview(self._owed), deadline_s) :]
        return not self._owed

    def _write(self, content: memoryview, deadline_s: float | None) -> int:
        """Write until all is written or the deadline; how many bytes."""
        descriptor = self._own_ends()[1].fileno()
        written = 0
        while written < len(content):
            try:
                written += os.write(descriptor, content[written:])
                continue
            except BlockingIOError:
                left_s = _left_s(deadline_s)
            except BrokenPipeError:
                how = "has closed it" if self._own_lines()[1].has_closed() else "is gone"
                raise ChannelError(f"the consumer of the pipe {how}; {self._index:,} readings went in before") from None
            if left_s <= 0:
                break
            _wait(descriptor, select.POLLOUT, left_s)
        return written

    def get(self, most: int, timeout_s: float | None = None) -> Readings | None:
        """Read what there is; a record that has come in part waits for its rest."""
        deadline_s = None if timeout_s is None else time.monotonic() + timeout_s
        buffer = self._room(most * _RECORD_BYTES)
        descriptor = self._own_ends()[0].fileno()
        while self._held < _RECORD_BYTES:
            try:
                count = os.readv(descriptor, [buffer[self._held :].data])
            except BlockingIOError:
                left_s = _left_s(deadline_s)
                if left_s <= 0:
                    return Readings.empty()
                _wait(descriptor, select.POLLIN, left_s)
                continue
            if not count:
                self._check_end()
                return None
            self._held += count
        self._lent = min(most, self._held // _RECORD_BYTES)
        self._index, self._next_index = self._next_index, self._next_index + self._lent
        return Readings.of_records(buffer[: self._lent * _RECORD_BYTES].view(RECORD_DTYPE))

    def _room(self, size_bytes: int) -> NDArray[np.uint8]:
        """The buffer, with what was not handed out yet at its beginning."""
        rest = self._buffer[self._lent * _RECORD_BYTES : self._held].copy()
        if len(self._buffer) < max(size_bytes, len(rest)):
            self._buffer = np.empty(max(size_bytes, len(rest)), np.uint8)
        self._buffer[: len(rest)] = rest
        self._held, self._lent = len(rest), 0
        return self._buffer

    def _check_end(self) -> None:
        """The end of the pipe: proper, or by the producer's end."""
        if self._held or not self._own_lines()[1].has_closed():
            raise ChannelError(
                "the producer of the pipe ended without closing it; "
                f"its first {self._next_index:,} readings were received whole"
            )

    def close(self) -> None:
        """End this side."""
        if self._ends is None or self._lines is None:
            return
        if self._is_producer:
            with contextlib.suppress(ChannelError):
                self._write_owed(None)
        if self._is_producer is not None:
            self._own_lines()[0].say_closed()
        for end in (*self._ends, *self._lines):
            end.let_go() if isinstance(end, Lifeline) else end.close()
        self._ends = self._lines = None

    def position(self) -> int:
        """Readings that went in, or where the batch handed out last began."""
        return self._index

    def dropped(self) -> int:
        """None, ever."""
        return 0

    def _own_lines(self) -> tuple[Lifeline, Lifeline]:
        """The line that this side holds, and the one it watches."""
        if self._lines is None:
            raise ChannelError("the pipe is not open; call create, then open_producer or open_consumer")
        producer, consumer = self._lines
        return (producer, consumer) if self._is_producer else (consumer, producer)

    def _own_ends(self) -> "tuple[Connection[bytes, bytes], Connection[bytes, bytes]]":
        if self._ends is None:
            raise ChannelError("the pipe is not open; call create, then open_producer or open_consumer")
        return self._ends


def _left_s(deadline_s: float | None) -> float:
    return _SLICE_S if deadline_s is None else min(_SLICE_S, deadline_s - time.monotonic())


def _wait(descriptor: int, event: int, most_s: float) -> None:
    """Wait until the descriptor is ready, for so long at most."""
    poll = select.poll()
    poll.register(descriptor, event)
    poll.poll(max(0.0, most_s * 1000))
