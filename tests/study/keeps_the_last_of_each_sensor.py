"""Its dictionary keeps only the last reading of each sensor."""

import numpy as np

from harness.contract import Floats, Readings
from harness.control import Control

LISTING = "sensor_map = {data.sensor_id: data for data in all_data}"
SEEN_BY = "the verifier"


class KeepsTheLastOfEachSensor(Control):
    """One entry a sensor: what came before it in the batch is gone."""

    def process(self, readings: Readings) -> Floats:
        sensor_map = {sensor_id: index for index, sensor_id in enumerate(readings.sensor_id.tolist())}
        kept = np.array(sorted(sensor_map.values()), np.int64)
        return super().process(Readings(readings.sensor_id[kept], readings.time[kept], readings.value[kept]))
