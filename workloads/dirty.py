"""Dirty: everything that real streams hold and tidy tests leave out."""

from collections.abc import Iterator

import numpy as np

from harness.contract import MAX_CALIBRATION, MAX_VALUE, Readings, Sensors, Size, Workload
from workloads.faults import Faults
from workloads.signals import Rows, Signals, Words, below

_TINY = 2.0**-149
_CALIBRATIONS = (
    (0.0, 0.0),
    (-0.0, -0.0),
    (1.0, 0.0),
    (-1.0, -0.0),
    (MAX_CALIBRATION, MAX_CALIBRATION),
    (-MAX_CALIBRATION, MAX_CALIBRATION),
    (_TINY, _TINY),
    (1.0, -MAX_VALUE / 2**4),
    (2.0**-126, -_TINY),
    (1e-30, 1e30 / 2**60),
)
"""Legal gains and offsets at the edges: the first rows of the table have them."""


class Dirty(Workload):
    """One reading in six is odd: see `workloads.faults` for the kinds, each of which occurs at every size.

    A twentieth of the sensors never speak, and the first ten rows are calibrated at the edges of what is legal. It
    is hard on branch predictors, and on whatever trusted its input.
    """

    version = 1

    def sensors(self, size: Size) -> Sensors:
        """The sensor table; the first rows hold zeros, subnormals and the largest legal gains and offsets."""
        table = Signals("dirty", self.version, size.sensors).table
        gain, offset = table.gain.copy(), table.offset.copy()
        edges = np.array(_CALIBRATIONS[: len(table)], np.float32).reshape(-1, 2)
        gain[: len(edges)], offset[: len(edges)] = edges[:, 0], edges[:, 1]
        return Sensors(table.id, gain, offset)

    def readings(self, size: Size) -> Iterator[Readings]:
        """The stream, batch by batch."""
        signals = Signals("dirty", self.version, size.sensors)
        speaking = signals.count - signals.count // 20

        def rows(words: Words, first: int) -> Rows:
            return below(words, speaking)

        return signals.readings(size, rows, change=Faults(self.version, size.sensors).change)
