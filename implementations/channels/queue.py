"""Queue: the standard library's queue between processes, the baseline."""

import contextlib
import multiprocessing
import queue
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import RECORD_DTYPE, Approach, Channel, LogRange, Overflow, Readings
from harness.errors import ChannelError
from implementations.parts.lifeline import Lifeline

_SLICE_S = 0.02
_NOTHING = np.empty(0, RECORD_DTYPE)


class Queue(Channel):
    """``multiprocessing.Queue``, one array of records an item.

    Time O(n) a batch: pickled, written to a pipe by a thread under a lock, read under another, unpickled. Memory: what
    waits is in the producer, 16 bytes a reading and a pickle.

    Parameters
    ----------
    chunk_size
        Most readings an item; the queue holds as many items as hold the capacity when they are full.

    Notes
    -----
    What the documentation advises and what most programs start with. It is sound and slow: a batch is copied about
    four times and a thread must wake for each. What a killed producer had put in and its thread not yet written is
    lost with it.
    """

    approach = Approach.BEFORE

    def __init__(self, chunk_size: Annotated[int, LogRange(1, 1_000_000)] = 1024) -> None:
        self._chunk_size = chunk_size
        self._drops = False
        self._items: Any = None
        self._lines: tuple[Lifeline, Lifeline] | None = None
        self._is_producer: bool | None = None
        self._index = self._dropped = 0
        self._rest = _NOTHING
        self._rest_index = 0
        self._ended = False

    def create(self, folder: Path, capacity: int, overflow: Overflow) -> None:
        """Make the queue and a line for each side."""
        self._drops = overflow is Overflow.DROP_OLDEST
        self._items = multiprocessing.get_context("spawn").Queue(max(1, capacity // self._chunk_size))
        self._lines = (Lifeline(), Lifeline())

    def open_producer(self) -> None:
        """Attach as the producer."""
        self._attach(is_producer=True)

    def open_consumer(self) -> None:
        """Attach as the consumer; it gives up its writing end, so that it sees the producer's end."""
        self._attach(is_producer=False)
        self._items._writer.close()

    def _attach(self, *, is_producer: bool) -> None:
        """Take the side, or let go of everything, so that no end of the queue is held by one who has no side."""
        self._is_producer = is_producer
        mine, other = self._own_lines()
        try:
            mine.hold(f"the queue has a {'producer' if is_producer else 'consumer'}")
        except ChannelError:
            self._is_producer = None
            self.close()
            raise
        other.watch()

    def put(self, readings: Readings, timeout_s: float | None = None) -> int:
        """Put the readings in, an item after the other."""
        records = readings.to_records()
        deadline_s = None if timeout_s is None else time.monotonic() + timeout_s
        for first in range(0, len(records), self._chunk_size):
            item = records[first : first + self._chunk_size]
            if not self._put_item((self._index, item), deadline_s):
                return first
            self._index += len(item)
        return len(records)

    def _put_item(self, item: object, deadline_s: float | None) -> bool:
        """Put one item in, dropping old ones if that is how it is to be; False after the deadline."""
        _, other = self._own_lines()
        while True:
            left_s = _SLICE_S if deadline_s is None else min(_SLICE_S, deadline_s - time.monotonic())
            try:
                self._items.put(item, timeout=0.0 if self._drops else max(0.0, left_s))
            except queue.Full:
                if other.is_cut() or other.has_closed():
                    how = "has closed it" if other.has_closed() else "is gone"
                    raise ChannelError(
                        f"the queue is full and its consumer {how}; {self._index:,} readings went in"
                    ) from None
                if self._drops:
                    with contextlib.suppress(queue.Empty):
                        self._dropped += len(self._items.get(timeout=0.001)[1])
                elif deadline_s is not None and time.monotonic() >= deadline_s:
                    return False
            else:
                return True

    def get(self, most: int, timeout_s: float | None = None) -> Readings | None:
        """Hand out the oldest item, or what is left of it."""
        if not len(self._rest):
            item = self._next(None if timeout_s is None else time.monotonic() + timeout_s)
            if item is None:
                return None
            self._rest_index, self._rest = item
        found, self._rest = self._rest[:most], self._rest[most:]
        self._index = self._rest_index
        self._rest_index += len(found)
        return Readings.of_records(found)

    def _next(self, deadline_s: float | None) -> tuple[int, NDArray[np.void]] | None:
        """The next item; an empty one after the deadline, None at the end."""
        _, other = self._own_lines()
        while not self._ended:
            left_s = _SLICE_S if deadline_s is None else min(_SLICE_S, deadline_s - time.monotonic())
            cut = other.is_cut()
            try:
                item: tuple[int, NDArray[np.void]] | None = self._items.get(timeout=max(0.0, left_s))
            except queue.Empty:
                if cut:
                    raise self._lost() from None
                if deadline_s is not None and time.monotonic() >= deadline_s:
                    return self._rest_index, _NOTHING
            except (EOFError, OSError) as error:
                raise self._lost() from error
            else:
                self._ended = item is None
                return item
        return None

    def _lost(self) -> ChannelError:
        return ChannelError(
            "the producer of the queue ended without closing it; "
            f"the {self._rest_index:,} readings that had reached the queue were received whole"
        )

    def close(self) -> None:
        """End this side: the producer says so behind its last item and waits until that is written."""
        if self._lines is None:
            return
        if self._is_producer is None:
            self._items._reader.close()
            self._items._writer.close()
        elif self._is_producer:
            with contextlib.suppress(ChannelError):
                self._put_item(None, None) if not self._drops else self._put_end()
            self._leave()
        else:
            self._items.close()
        if self._is_producer is not None:
            self._own_lines()[0].say_closed()
        for line in self._lines:
            line.let_go()
        self._lines = None

    def _put_end(self) -> None:
        """Put the end behind what is there without dropping any of it."""
        self._drops = False
        self._put_item(None, None)

    def _leave(self) -> None:
        """Wait for the queue's thread, unless nobody is left to read what it writes."""
        _, other = self._own_lines()
        if other.is_cut() or other.has_closed():
            self._items.cancel_join_thread()
        self._items.close()
        self._items.join_thread()

    def position(self) -> int:
        """Readings that went in, or where the batch handed out last began."""
        return self._index

    def dropped(self) -> int:
        """Readings that the producer took out again."""
        return self._dropped

    def _own_lines(self) -> tuple[Lifeline, Lifeline]:
        """The line that this side holds, and the one it watches."""
        if self._lines is None:
            raise ChannelError("the queue is not open; call create, then open_producer or open_consumer")
        producer, consumer = self._lines
        return (producer, consumer) if self._is_producer else (consumer, producer)
