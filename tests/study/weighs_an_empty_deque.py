"""It weighs its buffer by __sizeof__ of a deque, which counts no element."""

from collections import deque
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats, History, Sensors
from harness.control import Control

LISTING = "self.ring_buffer.__sizeof__() / 1024**2"
SEEN_BY = "the memory pass"


class WeighsAnEmptyDeque(Control):
    """Right in what it answers, wrong in what it says of its memory."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        self.ring_buffer: deque[tuple[int, int, float]] = deque(maxlen=retain)

    def retain(self, sensor_id: NDArray[np.uint32], time: NDArray[np.int64], calibrated: Floats) -> None:
        self.ring_buffer.extend(zip(sensor_id.tolist(), time.tolist(), calibrated.tolist(), strict=True))

    def history(self) -> History:
        columns = list(zip(*self.ring_buffer, strict=True)) or [(), (), ()]
        return History(np.array(columns[0], "u4"), np.array(columns[1], "i8"), np.array(columns[2], "f4"))

    def facts(self) -> Mapping[str, float | int | str]:
        return {"said_bytes": self.ring_buffer.__sizeof__()}
