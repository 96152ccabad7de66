"""What workloads made of a recording share: ids, calibration, sizes, tiling."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from harness.contract import STANDARD_SIZES, Readings, Sensors, Size
from harness.errors import InputError
from workloads.recordings import Calibration, Recording
from workloads.signals import bits, calibration, scattered_ids
from workloads.tiling import Tiling

OWN_SIZE = "recording"
"""Name of the size that a recording has by itself."""


class Recorded(ABC):
    """The methods of a workload over one recording: mix it in before `Workload`.

    Sensor ids are the rank of first appearance put through `scattered_ids`, whatever the file's own ids are. Gain and
    offset come from the user's sensor table, else from the file, else from the seed. Order is the file's order.
    """

    version: ClassVar[int] = 1
    repeats: bool = True
    own_size: ClassVar[str] = OWN_SIZE
    tile: bool = True

    @abstractmethod
    def recording(self) -> Recording:
        """The recording, read once."""

    def calibration(self) -> Calibration | None:
        """The user's sensor table, or the recording's own, or None."""
        return self.recording().calibration

    def size(self, name: str) -> Size:
        """The recording's own size, or a standard one: cut to its first readings, or tiled up to it."""
        recorded = len(self.recording())
        sensors = len(self.sensors(STANDARD_SIZES["tiny"]))
        if name == OWN_SIZE:
            batch = min(max(recorded // 100, 1_000), 100_000)
            return Size(name, recorded, sensors, batch, max(1, recorded // 5))
        standard = STANDARD_SIZES[name]
        readings = standard.readings if self.tile else min(standard.readings, recorded)
        return Size(name, readings, sensors, standard.batch, standard.retain, standard.windows)

    def sensors(self, size: Size) -> Sensors:
        """The sensor table; the same at every size.

        With a calibration of its own it holds that file's sensors in that order, and readings of others are unmatched.
        """
        recording, given = self.recording(), self.calibration()
        count = len(recording.ids)
        if given is None:
            ids = scattered_ids(np.arange(count, dtype=np.uint32))
            return Sensors(ids, *calibration(bits(OWN_SIZE, self.version, "calibration"), count))
        rank = {name: number for number, name in enumerate(recording.names)}
        if not any(name in rank for name in given.names):
            raise InputError(
                f"{given.path}: none of the {count} sensors of {recording.path} is in it; "
                f"expected names such as {recording.names[0]!r}: give the table that belongs to the recording"
            )
        # Sensors that never speak get the ranks behind those that do.
        ranks = [rank.setdefault(name, len(rank)) for name in given.names]
        return Sensors(scattered_ids(np.array(ranks, np.uint32)), given.gain, given.offset)

    def readings(self, size: Size) -> Iterator[Readings]:
        """The readings in the file's order, batch by batch, over again with later times where `size` asks for more."""
        recording = self.recording()
        tiling = Tiling(recording.readings)
        wanted = scattered_ids(np.arange(len(recording.ids), dtype=np.uint32))
        order = None if np.array_equal(wanted, recording.ids) else np.argsort(recording.ids)
        for start in range(0, size.readings, size.batch):
            batch = tiling.part(start, min(start + size.batch, size.readings), size.readings)
            if order is None:
                yield batch
            else:
                place = np.searchsorted(recording.ids, batch.sensor_id, sorter=order)
                yield Readings(wanted[order[place]], batch.time, batch.value)

    def notes(self, size: Size) -> tuple[str, ...]:
        """What was not read of the file; whether it was cut or tiled; readings without a sensor."""
        recording, given = self.recording(), self.calibration()
        recorded = len(recording)
        notes = list(recording.notes)
        if size.readings < recorded:
            notes.append(f"the first {size.readings:,} of {recorded:,} recorded readings")
        if size.readings > recorded:
            shifted = (
                "times shifted" if Tiling(recording.readings).fits(size.readings) else "times repeated as they are"
            )
            notes.append(f"tiled: {recorded:,} recorded readings, {size.readings / recorded:.3g} times over, {shifted}")
        if given is not None and (strangers := set(recording.names) - set(given.names)):
            notes.append(f"{len(strangers):,} of {len(recording.names):,} recorded sensors are not in the sensor table")
        return tuple(notes)
