"""Keeps the ids and times of the history as views of the caller's batch, which is overwritten after the call."""

import numpy as np

from harness.contract import Floats, History, Readings, Sensors
from harness.control import Control

EXPECTED = ("verify", "wrong", "history_ids_exact")


class KeepsViewsOfItsInput(Control):
    """Zero copies, one too few."""

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        self.batches: list[tuple[Readings, Floats]] = []

    def process(self, readings: Readings) -> Floats:
        calibrated = super().process(readings)
        self.batches.append((readings, calibrated))
        return calibrated

    def history(self) -> History:
        ids, times, values = [np.empty(0, np.uint32)], [np.empty(0, np.int64)], [np.empty(0, np.float32)]
        for readings, calibrated in self.batches:
            accepted = ~np.isnan(calibrated)
            ids.append(readings.sensor_id[accepted])
            times.append(readings.time[accepted])
            values.append(calibrated[accepted])
        joined = (np.concatenate(ids), np.concatenate(times), np.concatenate(values))
        first = max(0, len(joined[0]) - self.retained)
        return History(joined[0][first:], joined[1][first:], joined[2][first:])
