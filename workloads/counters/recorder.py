"""Records this computer's counters into a record file, at a rate that is kept and measured."""

import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from harness.contract import RECORD_DTYPE, Readings
from harness.errors import InputError, MeasurementError, UsageError
from harness.records import write_records
from workloads.counters.source import Source
from workloads.counters.survey import MOST_SENSORS, Survey, survey
from workloads.recordings.record_file import NAMES, ids_by_appearance
from workloads.signals import scattered_ids

MOST_RATE_PER_S = 10_000
MOST_SECONDS = 86_400

_BATCH = 1 << 16
_PROGRESS_NS = 100_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a recording came to; stored with it.

    Parameters
    ----------
    asked_per_s, achieved_per_s : float
        Samples of every sensor a second, as asked for and as they came.
    seconds : float
    rounds, missed_rounds : int
        Samples taken, and those whose time had passed before the one before was done.
    readings, sensors : int
    left_out : tuple of str
        Sources that were too slow for the rate.
    """

    asked_per_s: float
    achieved_per_s: float
    seconds: float
    rounds: int
    missed_rounds: int
    readings: int
    sensors: int
    left_out: tuple[str, ...]


def record_telemetry(
    path: Path,
    seconds: float,
    rate_per_s: float = 100.0,
    progress: Callable[[float, int], None] | None = None,
    most_sensors: int = MOST_SENSORS,
    keep_interrupted: bool = False,
) -> Outcome:
    """Record the counters of this computer to `path` for `seconds`, each `rate_per_s` times a second.

    Parameters
    ----------
    progress
        Told the seconds that have passed and the readings so far, ten times a second.
    keep_interrupted
        Whether Ctrl-C still writes what was recorded, before it is passed on.

    Raises
    ------
    UsageError
        If the duration or the rate makes no sense.
    MeasurementError
        If this system has no counters to read.
    InputError
        If the file cannot be written.
    """
    if not 0 < seconds <= MOST_SECONDS:
        raise UsageError(f"{seconds:g} seconds of telemetry; expected more than 0 and at most {MOST_SECONDS} (a day)")
    if not 1 <= rate_per_s <= MOST_RATE_PER_S:
        raise UsageError(f"a rate of {rate_per_s:g} samples a second; expected 1 to {MOST_RATE_PER_S}: 100 is usual")
    found = survey(1 / rate_per_s, most_sensors)
    try:
        if not found.sources:
            raise MeasurementError("this system shows no counters; expected /proc, or psutil: install psutil")
        with tempfile.TemporaryFile(dir=path.parent) as spool:
            return _record(path, found, seconds, rate_per_s, spool, progress, keep_interrupted)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); choose a folder with free space") from error
    finally:
        found.close()


def _record(
    path: Path,
    found: Survey,
    seconds: float,
    rate_per_s: float,
    spool: IO[bytes],
    progress: Callable[[float, int], None] | None,
    keep_interrupted: bool,
) -> Outcome:
    rounds = Rounds(found.sources, rate_per_s)
    interrupt: KeyboardInterrupt | None = None
    try:
        for records in rounds.records(seconds, progress):
            spool.write(records.data)
    except KeyboardInterrupt as error:
        if not keep_interrupted or not rounds.readings:
            raise
        interrupt = error
    spool.flush()
    records = np.memmap(spool, RECORD_DTYPE, mode="r", shape=(rounds.readings,))
    appeared = ids_by_appearance(records["sensor_id"])
    result = Outcome(
        asked_per_s=rate_per_s,
        achieved_per_s=rounds.taken / rounds.elapsed_s,
        seconds=rounds.elapsed_s,
        rounds=rounds.taken,
        missed_rounds=rounds.missed,
        readings=rounds.readings,
        sensors=len(appeared),
        left_out=found.left_out,
    )
    names = dict(zip(rounds.ids.tolist(), rounds.names, strict=True))
    metadata = {
        NAMES: [names[identity] for identity in appeared.tolist()],
        "source": "telemetry",
        "system": f"{platform.system()} {platform.machine()}",
        "counters": "levels as they are; what only grows, as its growth since the recording began",
        "telemetry": asdict(result),
    }
    write_records(path, Readings.of_records(records).batches(_BATCH), metadata)
    if interrupt is not None:
        raise interrupt
    return result


class Rounds:
    """Samples of all sources at even times; a round whose time has passed is left out and counted, never made up.

    Attributes
    ----------
    taken, missed, readings : int
        So far.
    elapsed_s : float
        From the first round to the end of the period of the last.
    """

    def __init__(self, sources: tuple[Source, ...], rate_per_s: float) -> None:
        self._sources = sources
        self._period_ns = round(1e9 / rate_per_s)
        self.names = [counter.name for source in sources for counter in source.counters]
        self.ids = scattered_ids(np.arange(len(self.names), dtype=np.uint32))
        self._grows = np.array([counter.grows for source in sources for counter in source.counters])
        self._base: NDArray[np.float64] | None = None
        self.taken = self.missed = self.readings = 0
        self.elapsed_s = 0.0

    def records(self, seconds: float, progress: Callable[[float, int], None] | None) -> Iterator[NDArray[np.void]]:
        """The records of each round, in an array that the next round overwrites, until `seconds` have passed."""
        buffer = np.empty(len(self.names), RECORD_DTYPE)
        wanted = max(1, round(seconds * 1e9 / self._period_ns))
        started = time.perf_counter_ns()
        number = told_ns = 0
        while number < wanted:
            wait_ns = started + number * self._period_ns - time.perf_counter_ns()
            if wait_ns > 0:
                time.sleep(wait_ns / 1e9)
            records = self._round(buffer)
            yield records
            # Counted once they are kept: an interrupt before this line loses the round, not the count.
            passed_ns = time.perf_counter_ns() - started
            due = max(number + 1, passed_ns // self._period_ns)
            self.elapsed_s = max(passed_ns, min(due, wanted) * self._period_ns) / 1e9
            self.taken += 1
            self.readings += len(records)
            self.missed += min(due, wanted) - number - 1
            number = due
            if progress is not None and passed_ns - told_ns >= _PROGRESS_NS:
                told_ns = passed_ns
                progress(passed_ns / 1e9, self.readings)

    def _round(self, buffer: NDArray[np.void]) -> NDArray[np.void]:
        values = np.empty(len(self.names))
        first = 0
        for source in self._sources:
            end = first + len(source.counters)
            try:
                values[first:end] = source.sample()
            except OSError:
                values[first:end] = np.nan
            buffer["time"][first:end] = time.time_ns()
            first = end
        if self._base is None:
            self._base = np.where(self._grows, values, 0.0)
        buffer["sensor_id"] = self.ids
        # A counter that was not there at first grows from where it is first seen.
        unseen = np.isnan(self._base) & ~np.isnan(values)
        self._base[unseen] = values[unseen]
        buffer["value"] = values - self._base
        missing = np.isnan(values)
        return buffer[~missing] if missing.any() else buffer
