"""What rings between two processes have in common: two sides, waiting with a limit, and who is still there."""

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from harness.contract import Channel, Overflow, Readings
from harness.errors import ChannelError, ContractError
from implementations.parts.roles import SUPPORTED, Role, acquire, is_held, release

_SLICE_NS = 10_000_000
"""Longest stay in compiled code, so that signals are heard and a dead other side is noticed."""

_MOST_VIEWS = 4096


class Ring(ABC):
    """Memory that both processes see: a control block (:mod:`implementations.kernels.ring_control`) and readings.

    Attributes
    ----------
    descriptor : int
        Of the memory, this process's own; its locks are the roles.
    control : int64[64]
        The control block.
    capacity : int
    around : bool
        Whether a stretch of readings may reach around the end.
    layout : tuple of int
        Addresses of the readings, as the kernels want them in `mine`.
    kernel : callable
        ``put(mine, sensor_id, time, value, first, drops, until_ns)``.
    """

    descriptor: int
    control: NDArray[np.int64]
    capacity: int
    around: bool
    layout: tuple[int, ...]
    kernel: Callable[..., int]

    @abstractmethod
    def views(self, place: int, count: int) -> Readings:
        """The readings that lie there."""

    @abstractmethod
    def take_out(self, mine: NDArray[np.int64], most: int, until_ns: int) -> Readings | int:
        """A copy of the oldest readings, taken out; 0 at `until_ns`, or GONE."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the memory."""


class RingChannel(Channel):
    """A ring with one producer and one consumer, without a lock between them.

    A subclass makes the memory (`make`), finds it again in another process (`attach`) and removes it (`destroy`).
    Under ``block`` readings are lent where they lie; under ``drop_oldest`` they are copied out.
    """

    what: ClassVar[str] = "the ring"

    def __init__(self) -> None:
        self._drops = False
        self._ring: Ring | None = None
        self._role: Role | None = None
        self._views: dict[int, Readings] = {}

    @abstractmethod
    def make(self, folder: Path, capacity: int) -> None:
        """Make the memory for `capacity` readings at least."""

    @abstractmethod
    def attach(self) -> Ring:
        """The ring's memory in this process, through a descriptor of this process's own."""

    def create(self, folder: Path, capacity: int, overflow: Overflow) -> None:
        """Make room."""
        if capacity < 1:
            raise ChannelError(f"{self.what} for {capacity} readings; expected room for 1 or more")
        self._drops = overflow is Overflow.DROP_OLDEST
        self.make(folder, capacity)

    def __getstate__(self) -> dict[str, Any]:
        """Its address."""
        kept = {name: value for name, value in self.__dict__.items() if name not in _OF_ONE_SIDE}
        return {**kept, "_ring": None, "_role": None, "_views": {}}

    def open_producer(self) -> None:
        """Attach as the producer, going on behind the newest reading."""
        self._open(Role.PRODUCER)

    def open_consumer(self) -> None:
        """Attach as the consumer, going on at the oldest reading that was not dealt with."""
        self._open(Role.CONSUMER)

    def _open(self, role: Role) -> None:
        from implementations.kernels import ring_control

        if self._ring is not None:
            raise ContractError(f"{self.what} is open in this process already; close it first")
        ring = self.attach()
        try:
            acquire(ring.descriptor, role, self.what)
        except ChannelError:
            ring.close()
            raise
        self._ring, self._role, self._words = ring, role, ring_control
        self._address = int(ring.control.ctypes.data)
        head, tail = self._word(ring_control.HEAD), self._word(ring_control.TAIL)
        is_producer = role is Role.PRODUCER
        index, seen = (head, tail) if is_producer else (tail, head)
        self._mine = np.array([index, seen, 0, self._address, ring.capacity, *ring.layout], np.int64)
        self._put, self._borrow = ring.kernel, ring_control.borrow
        self._show(ring_control.PRODUCER_PID if is_producer else ring_control.CONSUMER_PID, os.getpid())
        self._show(ring_control.PRODUCER_CLOSED if is_producer else ring_control.CONSUMER_CLOSED, 0)

    def put(self, readings: Readings, timeout_s: float | None = None) -> int:
        """Copy readings in and show them to the consumer, as many at a time as there is room for."""
        if self._role is not Role.PRODUCER:
            raise self._not_open(Role.PRODUCER)
        sensor_id, reading_time, value = readings.sensor_id, readings.time, readings.value
        length = reading_time.size
        if not length:
            return 0
        try:
            first = self._put(self._mine, sensor_id, reading_time, value, 0, self._drops, 0)
        except TypeError:  # items at odd addresses
            sensor_id, reading_time, value = sensor_id.copy(), reading_time.copy(), value.copy()
            first = self._put(self._mine, sensor_id, reading_time, value, 0, self._drops, 0)
        if first == length:
            return length
        first, deadline_ns = max(first, 0), _deadline_ns(timeout_s)
        while first < length:
            until_ns = min(time.monotonic_ns() + _SLICE_NS, deadline_ns)
            count = self._put(self._mine, sensor_id, reading_time, value, first, self._drops, until_ns)
            if count > 0:
                first += count
            elif count == self._words.GONE or self._is_lost():
                how = "has closed it" if count == self._words.GONE else "is gone"
                raise ChannelError(f"{self.what} is full and its consumer {how}; {self.position():,} readings went in")
            elif time.monotonic_ns() >= deadline_ns:
                break
        return first

    def get(self, most: int, timeout_s: float | None = None) -> Readings | None:
        """Lend readings where they lie, or hand out a copy where the producer may overwrite them."""
        ring = self._ring
        if self._role is not Role.CONSUMER or ring is None:
            raise self._not_open(Role.CONSUMER)
        if self._drops:
            return self._await(lambda until_ns: ring.take_out(self._mine, most, until_ns), timeout_s)
        stretch = self._borrow(self._mine, most, ring.around, 0)
        if stretch > 0:
            return self._views.get(stretch) or self._view(stretch)
        return self._await(lambda until_ns: self._lend(most, until_ns), timeout_s)

    def _lend(self, most: int, until_ns: int) -> Readings | int:
        assert self._ring is not None
        stretch = self._borrow(self._mine, most, self._ring.around, until_ns)
        return self._view(stretch) if stretch > 0 else stretch

    def _view(self, stretch: int) -> Readings:
        """Views, made once for each stretch: equal batches come to lie in the same places again and again."""
        assert self._ring is not None
        if len(self._views) >= _MOST_VIEWS:
            self._views.clear()
        place, count = stretch >> self._words.COUNT_BITS, stretch & ((1 << self._words.COUNT_BITS) - 1)
        found = self._views[stretch] = self._ring.views(place, count)
        return found

    def _await(self, take: Callable[[int], Readings | int], timeout_s: float | None) -> Readings | None:
        """What `take` finds before the timeout, looked at in slices between which a lost producer is noticed."""
        deadline_ns = _deadline_ns(timeout_s)
        while True:
            found = take(min(time.monotonic_ns() + _SLICE_NS, deadline_ns))
            if found == 0 and self._is_lost():
                found = take(0)  # what it put in last, before it ended
                if found == 0:
                    raise ChannelError(
                        f"the producer of {self.what} ended without closing it; "
                        f"its {self._word(self._words.HEAD):,} readings were all received whole"
                    )
            if isinstance(found, Readings):
                return found
            if found == self._words.GONE:
                return None
            if time.monotonic_ns() >= deadline_ns:
                return Readings.empty()

    def close(self) -> None:
        """End this side, and say so to the other one."""
        if self._ring is None:
            return
        if self._role is Role.CONSUMER and not self._drops:
            self._words.give_back(self._mine)
        is_producer = self._role is Role.PRODUCER
        self._show(self._words.PRODUCER_CLOSED if is_producer else self._words.CONSUMER_CLOSED, 1)
        self._final = self.position(), self.dropped()
        ring, self._ring = self._ring, None
        release(ring.descriptor, Role.PRODUCER if is_producer else Role.CONSUMER)
        self._role = None
        self._views.clear()
        ring.close()

    def position(self) -> int:
        """Index of the next reading to go in, or of the first that was handed out last."""
        return int(self._mine[self._words.INDEX]) if self._ring is not None else self._final[0]

    def dropped(self) -> int:
        """What the producer has counted in the control block."""
        if self._ring is not None:
            return self._word(self._words.DROPPED)
        return self._final[1]

    def _not_open(self, role: Role) -> ContractError:
        side = role.name.lower()
        return ContractError(f"{self.what} is not open as the {side}; call open_{side}")

    def _is_lost(self) -> bool:
        """Whether the other side was there and has ended without closing."""
        assert self._ring is not None
        assert self._role is not None
        words, is_producer = self._words, self._role is Role.PRODUCER
        was_there = self._word(words.CONSUMER_PID if is_producer else words.PRODUCER_PID)
        closed = self._word(words.CONSUMER_CLOSED if is_producer else words.PRODUCER_CLOSED)
        return was_there != 0 and not closed and not is_held(self._ring.descriptor, self._role.other)

    def _word(self, offset: int) -> int:
        assert self._ring is not None
        return int(self._ring.control[offset // 8])

    def _show(self, offset: int, value: int) -> None:
        self._words.show(self._address + offset, value)

    @classmethod
    def unavailable(cls) -> str | None:
        """Locks on open file descriptions are needed."""
        return None if SUPPORTED else "needs Linux (locks on open file descriptions); use channel queue or pipe here"


_OF_ONE_SIDE = frozenset({"_ring", "_role", "_views", "_words", "_address", "_mine", "_put", "_borrow", "_final"})
"""What a side knows for itself and is no part of the address."""


def _deadline_ns(timeout_s: float | None) -> int:
    return 1 << 62 if timeout_s is None else time.monotonic_ns() + int(timeout_s * 1e9)
