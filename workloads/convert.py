"""Any recording to a record file, which is mapped instead of parsed from then on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.contract import Readings
from harness.errors import UsageError
from harness.records import RecordWriter
from workloads.recorded import OWN_SIZE
from workloads.recordings import Hints
from workloads.recordings.hints import PLACES, option_of
from workloads.recordings.record_file import CALIBRATION, NAMES, NOTES, calibration_metadata
from workloads.replay import Replay

_YEAR_NS = 365 * 86_400 * 10**9
_IN_1970 = (
    "all times lie in 1970, so that their unit was probably misread: "
    f"of epoch numbers say it with {option_of('time_unit')} {', '.join(PLACES)}"
)


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion wrote: counts, the earliest and the latest time in ns, and what a reader must know."""

    readings: int
    sensors: int
    earliest_ns: int
    latest_ns: int
    notes: tuple[str, ...]


def convert(
    path: Path,
    out: Path,
    sensors_path: Path | None = None,
    progress: Callable[[float], None] = lambda _: None,
    hints: Hints | None = None,
) -> Converted:
    """Write the recording `path` to the record file `out`, names and calibration with it.

    It replays as `path` does, reading for reading. `progress` is told the part that is done; `hints` name columns and
    the unit of times that `path` does not tell itself.

    Raises
    ------
    InputError
        If `path` or `sensors_path` cannot be read, or `out` cannot be written.
    UsageError
        If `out` is `path`.
    """
    if out.exists() and path.exists() and out.samefile(path):
        raise UsageError(f"{out} is the file to convert; choose another name for the record file")
    replay = Replay(path, sensors_path, progress=lambda part: progress(0.9 * part), hints=hints)
    size = replay.size(OWN_SIZE)
    table, recording, calibration = replay.sensors(size), replay.recording(), replay.calibration()
    metadata: dict[str, Any] = {"source": path.name, **recording.about, NAMES: list(recording.names)}
    if recording.notes:
        metadata[NOTES] = list(recording.notes)
    if calibration is not None:
        metadata[CALIBRATION] = calibration_metadata(calibration)
    with RecordWriter(out, metadata) as writer:
        for batch in replay.readings(size):
            writer.write(batch)
            progress(0.9 + 0.1 * writer.count / size.readings)
    earliest, latest = _extent(recording.readings)
    notes = replay.notes(size)
    if earliest >= 0 and latest < _YEAR_NS and (hints is None or hints.time_unit is None):
        notes += (_IN_1970,)
    return Converted(size.readings, len(table), earliest, latest, notes)


def _extent(readings: Readings) -> tuple[int, int]:
    return int(readings.time.min()), int(readings.time.max())
