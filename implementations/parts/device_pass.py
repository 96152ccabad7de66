"""A pass over the readings on a device: cut into pieces, several under way, results in order."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from harness.contract import Accelerated, Approach, Floats, History, Readings, Sensors, Statistics
from implementations.parts import device_bandwidth
from implementations.parts.cuda_driver import plain_errors
from implementations.parts.device import COLUMN_DTYPES, Columns, Device, Job, Piece
from implementations.parts.device_layout import (
    ACCEPTED,
    COUNTERS,
    INVALID,
    MOST_IN_WINDOW,
    STATE_DTYPE,
    UNMATCHED,
    begun_again,
    statistics_of,
    table_image,
)
from implementations.parts.device_trace import Trace
from implementations.parts.started import Started


class _Slot:
    """Room for one piece on its way: staging on the host, buffers on the device, the stream that joins them."""

    def __init__(self, device: Device, most: int) -> None:
        self.staging = tuple(device.pinned(most, dtype) for dtype in COLUMN_DTYPES)
        self.columns: Columns = tuple(device.array(most, dtype) for dtype in COLUMN_DTYPES)
        self.calibrated = device.array(most, np.float32)
        self.stream = device.stream()
        self.arrived = device.event()
        self.computed = device.event()


class _Output:
    """The values of one batch on their way home: page-locked memory, and a mark for each slot that fills it."""

    def __init__(self, device: Device, slots: int, room: int) -> None:
        self.values: Floats = device.pinned(room, np.float32)
        self.home = tuple(device.event() for _ in range(slots))
        self.length = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """Readings that lie on the device, a piece at a time, with their calibrated values."""

    pieces: tuple[tuple[int, Columns, Any], ...]


@dataclass(slots=True)
class _Counts:
    """Where the stream is: pieces since the start, and the number of the next reading in the window, from 1."""

    turn: int = 0
    number: int = 1


class DevicePass(Started, Accelerated):
    """Everything but the kernels and the library that reaches the device: a subclass says which (`_open`).

    Each batch is cut into pieces, each piece takes the next of a few slots, and each slot has a stream: while one
    piece is computed, the next is copied to the device and the one before is copied home. Kernels of one piece wait
    for those of the piece before. The values of a batch come home into one buffer, which the next call hands out
    (an empty batch waits for them); the batch after uses the other buffer. Batches in registered memory are read
    by the device itself, and `process` returns when it has; others are first copied into page-locked memory.

    Parameters
    ----------
    piece_readings
        Most readings a piece.
    slots
        Pieces under way at once.
    """

    approach = Approach.HARDWARE
    threads = "many"
    sum_depends_on_scheduling = True

    def __init__(self, piece_readings: int, slots: int) -> None:
        self._most = piece_readings
        self._slot_count = slots
        self._running = False

    @abstractmethod
    def _open(self) -> Device:
        """Reach the device and make the kernels ready."""

    def start(self, sensors: Sensors, retain: int) -> None:
        """Build the table, allocate everything, let the kernels run once on nothing."""
        self.stop()
        with plain_errors():
            image = table_image(sensors)
            device = self._device = self._open()
            self._job = Job.on(device, image, len(sensors), retain, self._most)
            self._retain = retain
            self._slots = tuple(_Slot(device, self._most) for _ in range(self._slot_count))
            self._state_home: NDArray[np.void] = device.pinned(max(len(sensors), 1), STATE_DTYPE)
            self._counters_home: NDArray[np.uint64] = device.pinned(COUNTERS, np.uint64)
            self._no_rejects: NDArray[np.uint64] = device.pinned(ACCEPTED, np.uint64)
            self._no_rejects[:] = 0
            self._outputs = [_Output(device, self._slot_count, self._most) for _ in range(2)]
            self._counts = _Counts()
            self._registered: list[tuple[int, int]] = []
            self._trace: Trace | None = None
            self._spent: Mapping[str, float] = {}
            self._used_bytes = device.used_bytes()
            self._running = True
            self._compute(self._slots[0], self._slots[0].columns, self._slots[0].calibrated, 0)
            device.synchronize()
            statistics_of(self._state_home[:0], 0, 0)  # compiles it, if nobody has

    def process(self, readings: Readings) -> Floats:
        """Send the batch off and hand back the values of the one before; an empty batch waits for its own."""
        self._demand_started("process")
        owed, free = self._outputs
        with plain_errors():
            self._send(readings, free)
            for mark in owed.home if owed.length else ():
                self._device.wait(mark)
        ready = owed.values[: owed.length]
        owed.length = 0
        self._outputs.reverse()
        return ready

    def _send(self, readings: Readings, output: _Output) -> None:
        device, count = self._device, len(readings)
        if len(output.values) < count:
            output.values = device.pinned(count, np.float32)
        direct = count > 0 and self._is_registered(readings)
        for first in range(0, count, self._most):
            part = readings[first : first + self._most]
            place = self._counts.turn % len(self._slots)
            slot = self._slots[place]
            sources = _columns_of(part) if direct else self._staged(slot, part)
            if self._trace is not None and self._counts.turn:  # else waiting for the link would count as copying
                device.hold(slot.stream, self._newest_slot().arrived)
            self._mark("begin", slot)
            for target, source in zip(slot.columns, sources, strict=True):
                device.put(target, source, slot.stream)
            device.record(slot.arrived, slot.stream)
            self._compute(slot, slot.columns, slot.calibrated, len(part))
            device.get(output.values[first : first + len(part)], slot.calibrated, slot.stream)
            device.record(output.home[place], slot.stream)
            self._mark("home", slot)
        output.length = count
        if direct:  # the caller may overwrite it as soon as we return
            for slot in self._slots:
                device.wait(slot.arrived)

    def _is_registered(self, readings: Readings) -> bool:
        if not self._registered:
            return False
        columns = _columns_of(readings)
        spans = [(column.ctypes.data, column.ctypes.data + column.nbytes) for column in columns]
        return all(column.flags.c_contiguous for column in columns) and all(
            any(low <= begin and end <= high for low, high in self._registered) for begin, end in spans
        )

    def _staged(self, slot: _Slot, part: Readings) -> tuple[NDArray[Any], ...]:
        self._device.wait(slot.arrived)  # what the slot held before
        staged: tuple[NDArray[Any], ...] = tuple(column[: len(part)] for column in slot.staging)
        for target, source in zip(staged, _columns_of(part), strict=True):
            np.copyto(target, source)
        return staged

    def _compute(self, slot: _Slot, columns: Columns, calibrated: Any, length: int) -> None:
        """Queue the kernels for one piece on the slot's stream, behind those of the piece before."""
        counts, device = self._counts, self._device
        if counts.number + length > MOST_IN_WINDOW:
            self._begin_numbers_again()
        self._mark("arrived", slot)
        if counts.turn:
            device.hold(slot.stream, self._newest_slot().computed)
        self._mark("ready", slot)
        device.compute(self._job, columns, calibrated, Piece(length, counts.number, counts.turn), slot.stream)
        device.record(slot.computed, slot.stream)
        self._mark("computed", slot)
        counts.turn += 1
        counts.number += length

    def _begin_numbers_again(self) -> None:
        device, stream = self._device, self._slots[0].stream
        device.synchronize()
        device.get(self._state_home, self._job.state, stream)
        device.synchronize()
        state = begun_again(self._state_home)
        device.put(self._job.state, state, stream)
        device.synchronize()
        self._counts.number = 2

    def close_window(self) -> Statistics:
        """Copy state and counters out behind the last piece, lay down fresh ones, wait for the whole device."""
        self._demand_started("close_window")
        device, job, stream = self._device, self._job, self._slots[0].stream
        with plain_errors():
            device.hold(stream, self._newest_slot().computed)
            device.get(self._state_home, job.state, stream)
            device.get(self._counters_home, job.counters, stream)
            device.copy(job.state, job.fresh, stream)
            device.put(job.counters, self._no_rejects, stream)
            device.synchronize()
        self._counts.number = 1
        rejects = int(self._counters_home[UNMATCHED]), int(self._counters_home[INVALID])
        return statistics_of(self._state_home[: job.sensors], *rejects)

    def _newest_slot(self) -> _Slot:
        return self._slots[(self._counts.turn - 1) % len(self._slots)]

    def history(self) -> History:
        """Wait for the whole device and copy the newest part of the ring, oldest first."""
        self._demand_started("history")
        with plain_errors():
            self._device.synchronize()
            self._device.get(self._counters_home, self._job.counters, self._slots[0].stream)
            self._device.synchronize()
            accepted = int(self._counters_home[ACCEPTED + self._counts.turn % 2])
            count = min(accepted, self._retain)
            if not count:
                return History(np.empty(0, np.uint32), np.empty(0, np.int64), np.empty(0, np.float32))
            room = self._job.room
            there = min(accepted, room)
            oldest = (accepted - count) % room
            columns: list[NDArray[Any]] = [
                self._newest(column, dtype, there, oldest, count)
                for column, dtype in zip(self._job.ring, COLUMN_DTYPES, strict=True)
            ]
            return History(*columns)

    def _newest(self, column: Any, dtype: DTypeLike, there: int, oldest: int, count: int) -> NDArray[Any]:
        """`count` items of a ring column of which `there` are filled, from place `oldest` on, around its end."""
        ring = np.empty(there, dtype)
        self._device.get(ring, column, self._slots[0].stream)
        self._device.synchronize()
        behind = ring[oldest : oldest + count]
        return np.concatenate([behind, ring[: count - len(behind)]])

    def register(self, array: NDArray[Any]) -> None:
        """Page-lock the memory of `array` until `stop`."""
        self._demand_started("register")
        with plain_errors():
            self._device.register(array)
        begin = array.ctypes.data
        self._registered.append((begin, begin + array.nbytes))

    def place(self, readings: Readings) -> Placed:
        """Put readings on the device, cut into pieces."""
        self._demand_started("place")
        device, stream = self._device, self._slots[0].stream
        pieces = []
        with plain_errors():
            for part in readings.batches(self._most):
                columns = tuple(device.array(len(part), dtype) for dtype in COLUMN_DTYPES)
                sources = tuple(np.ascontiguousarray(column) for column in _columns_of(part))
                for target, source in zip(columns, sources, strict=True):
                    device.put(target, source, stream)
                device.synchronize()
                pieces.append((len(part), columns, device.array(len(part), np.float32)))
        return Placed(tuple(pieces))

    def pass_over(self, placed: Placed) -> None:
        """Queue the kernels for placed readings."""
        self._demand_started("pass_over")
        with plain_errors():
            for length, columns, calibrated in placed.pieces:
                slot = self._slots[self._counts.turn % len(self._slots)]
                self._mark("begin", slot)
                self._compute(slot, columns, calibrated, length)
                self._mark("home", slot)

    def values_of(self, placed: Placed) -> Floats:
        """Copy the values of placed readings out."""
        self._demand_started("values_of")
        found = [np.empty(0, np.float32)]
        with plain_errors():
            self._device.synchronize()
            for length, _, calibrated in placed.pieces:
                found.append(np.empty(length, np.float32))
                self._device.get(found[-1], calibrated, self._slots[0].stream)
            self._device.synchronize()
        return np.concatenate(found)

    def synchronize(self) -> None:
        """Wait until the whole device is idle."""
        self._demand_started("synchronize")
        with plain_errors():
            self._device.synchronize()

    def trace(self, *, on: bool) -> Mapping[str, float]:
        """Time every piece by events from now on, or stop doing so."""
        self._demand_started("trace")
        with plain_errors():
            self._device.synchronize()
            if self._trace is not None:
                self._spent = self._trace.spent()
            self._trace = Trace(self._device) if on else None
        return self._spent

    def _mark(self, name: str, slot: _Slot) -> None:
        if self._trace is not None:
            self._trace.mark(name, slot.stream)

    def bandwidths(self) -> Mapping[str, float]:
        """Measure copies within the device and over its link."""
        self._demand_started("bandwidths")
        with plain_errors():
            return device_bandwidth.measure(self._device)

    def stop(self) -> None:
        """Release device and page-locked memory."""
        if self._running:
            self._device.close()
        self._running = False
        held = (
            "_job",
            "_slots",
            "_state_home",
            "_counters_home",
            "_no_rejects",
            "_outputs",
            "_counts",
            "_registered",
            "_trace",
            "_device",
        )
        for name in held:
            self.__dict__.pop(name, None)

    def facts(self) -> Mapping[str, float | int | str]:
        """The longest probe of the table, device memory taken, and times by events where they were asked for."""
        if not self._running:
            return {}
        return {
            "longest_probe": self._job.image.longest_probe,
            "device_bytes": self._used_bytes,
            **self._spent,
        }


def _columns_of(readings: Readings) -> tuple[NDArray[Any], ...]:
    """Ids, times and values, as COLUMN_DTYPES has them."""
    return readings.sensor_id, readings.time, readings.value
