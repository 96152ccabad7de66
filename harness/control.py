"""The honest control: the job as plainly as it can be done right; what the saboteurs are made from."""

import numpy as np
from numpy.typing import NDArray

from harness.contract import MAX_VALUE, Floats, History, Processor, Readings, Sensors, Statistics
from harness.contract.processor import Approach


class Control(Processor):
    """A dict for the rows, NumPy for the rest, nothing deferred.

    Saboteurs override one of its small steps: `rows_of`, `is_valid`, `calibrate`, `hand_back`, `add_up`, `retain`.
    """

    approach = Approach.BEFORE

    def start(self, sensors: Sensors, retain: int) -> None:
        """Build the dict and empty everything."""
        self.sensors = sensors
        self.retained = retain
        self.row_of = {sensor_id: row for row, sensor_id in enumerate(sensors.id.tolist())}
        self.kept = (np.empty(0, np.uint32), np.empty(0, np.int64), np.empty(0, np.float32))
        self.open_window()

    def open_window(self) -> None:
        """Begin a window."""
        size = len(self.sensors)
        self.count, self.sum = np.zeros(size, np.int64), np.zeros(size)
        self.minimum, self.maximum, self.last = (np.full(size, np.nan, np.float32) for _ in range(3))
        self.unmatched = self.invalid = 0

    def rows_of(self, readings: Readings) -> NDArray[np.int64]:
        """Row of each reading, -1 where there is no such sensor."""
        get = self.row_of.get
        return np.array([get(sensor_id, -1) for sensor_id in readings.sensor_id.tolist()], np.int64)

    def is_valid(self, value: Floats) -> NDArray[np.bool_]:
        """Which values count."""
        return np.abs(value) <= np.float32(MAX_VALUE)

    def calibrate(self, value: Floats, gain: Floats, offset: Floats) -> Floats:
        """Return value * gain + offset."""
        return value * gain + offset

    def hand_back(self, calibrated: Floats) -> Floats:
        """What `process` returns of the calibrated values."""
        return calibrated

    def process(self, readings: Readings) -> Floats:
        """Match, check, calibrate, aggregate, retain."""
        rows = self.rows_of(readings)
        matched = rows >= 0
        accepted = matched & self.is_valid(readings.value)
        self.unmatched += int(np.count_nonzero(~matched))
        self.invalid += int(np.count_nonzero(matched & ~accepted))
        calibrated = np.full(len(readings), np.nan, np.float32)
        rows = rows[accepted]
        with np.errstate(under="ignore"):
            calibrated[accepted] = self.calibrate(
                readings.value[accepted], self.sensors.gain[rows], self.sensors.offset[rows]
            )
        self.add_up(rows, calibrated[accepted])
        self.retain(readings.sensor_id[accepted], readings.time[accepted], calibrated[accepted])
        return self.hand_back(calibrated)

    def add_up(self, rows: NDArray[np.int64], calibrated: Floats) -> None:
        """Bring accepted readings into the statistics of the open window."""
        np.add.at(self.count, rows, 1)
        np.add.at(self.sum, rows, calibrated.astype(np.float64))
        np.fmin.at(self.minimum, rows, calibrated)
        np.fmax.at(self.maximum, rows, calibrated)
        self.last[rows] = calibrated  # of a repeated row the last assignment stays

    def retain(
        self,
        sensor_id: NDArray[np.uint32],
        time: NDArray[np.int64],
        calibrated: Floats,
    ) -> None:
        """Keep accepted readings, the newest `retained` of them."""
        kept_id, kept_time, kept_value = self.kept
        joined_id, joined_time = np.concatenate((kept_id, sensor_id)), np.concatenate((kept_time, time))
        joined_value = np.concatenate((kept_value, calibrated))
        first = max(0, len(joined_id) - self.retained)
        self.kept = (joined_id[first:], joined_time[first:], joined_value[first:])

    def close_window(self) -> Statistics:
        """Statistics of the open window; opens the next."""
        statistics = Statistics(
            self.count, self.sum, self.minimum, self.maximum, self.last, self.unmatched, self.invalid
        )
        self.open_window()
        return statistics

    def history(self) -> History:
        """The retained readings."""
        return History(*self.kept)
