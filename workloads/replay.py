"""Replay: a recorded file of the user's, as CSV, Parquet or record file."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from harness.contract import Workload
from workloads.recorded import Recorded
from workloads.recordings import Calibration, Hints, Recording, read_recording
from workloads.recordings.calibration_file import read_calibration


class Replay(Recorded, Workload):
    """The readings of a file in its order: long form (time, sensor, value) or wide (a column a sensor).

    Parameters
    ----------
    path
        CSV (plain or gzipped), Parquet, or a record file.
    sensors_path
        A CSV file with the columns sensor, gain and offset; without it they are seeded.
    tile
        Whether a size larger than the recording repeats it; else that size ends with the recording.
    progress
        Told the part of the file that is read.
    hints
        Which columns the file has, and the unit of its times, where it does not say so itself.
    """

    version = 1

    def __init__(
        self,
        path: Path,
        sensors_path: Path | None = None,
        tile: bool = True,
        progress: Callable[[float], None] = lambda _: None,
        hints: Hints | None = None,
    ) -> None:
        self.path = Path(path)
        self.sensors_path = None if sensors_path is None else Path(sensors_path)
        self.tile = tile
        self._progress = progress
        self._hints = hints

    def recording(self) -> Recording:
        """The recording, read once."""
        return self._recording

    def calibration(self) -> Calibration | None:
        """The user's sensor table, else the file's own, else None."""
        return self._given if self._given is not None else self._recording.calibration

    @cached_property
    def _recording(self) -> Recording:
        return read_recording(self.path, self._progress, self._hints)

    @cached_property
    def _given(self) -> Calibration | None:
        return None if self.sensors_path is None else read_calibration(self.sensors_path)
