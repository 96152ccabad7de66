"""A workload at a size, written out once: what every worker maps and every check refers to."""

import contextlib
import hashlib
import json
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from harness.contract import MAX_VALUE, Readings, Sensors, Size, Workload
from harness.errors import ContractError, InputError, SensorbenchError
from harness.records import RecordFile, RecordWriter

_RECORDS, _SENSORS, _CUTS, _ABOUT = "readings.rec", "sensors.npy", "cuts.npy", "stream.json"
_SENSOR_DTYPE = np.dtype([("id", "<u4"), ("gain", "<f4"), ("offset", "<f4")])
_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """The readings of a workload at a size as a mapped file, with their batches and windows.

    Parameters
    ----------
    folder : Path
    workload : str
        Its name, with the file for a replay.
    size : Size
        The true counts of this stream.
    digest : str
        SHA-256 of version, sensors, readings and batches.
    sensors : Sensors
    records : RECORD_DTYPE[n]
        Read-only mapping.
    cuts : int64[b + 1]
        Position at which each batch begins; the last entry is n.
    window_ends : int64[w]
        After how many batches each window closes; the last entry is b.
    """

    folder: Path
    workload: str
    size: Size
    digest: str
    repeats: bool
    notes: tuple[str, ...]
    sensors: Sensors
    records: NDArray[np.void]
    cuts: NDArray[np.int64]
    window_ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.records)

    def positions_of_window(self, window: int) -> tuple[int, int]:
        """First position and end position of the readings of `window`."""
        first_batch = int(self.window_ends[window - 1]) if window else 0
        return int(self.cuts[first_batch]), int(self.cuts[self.window_ends[window]])

    def batches(self) -> Iterator[Readings]:
        """All batches as contiguous copies, in order."""
        for first, end in zip(self.cuts[:-1], self.cuts[1:], strict=True):
            part = self.records[first:end]
            yield Readings(part["sensor_id"].copy(), part["time"].copy(), part["value"].copy())

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Map a stream that `write_stream` has written (its checksum was taken then and is not checked again)."""
        about = json.loads((folder / _ABOUT).read_text())
        table = np.load(folder / _SENSORS, allow_pickle=False)
        cuts = np.load(folder / _CUTS, allow_pickle=False)
        size = Size(**about["size"])
        return cls(
            folder=folder,
            workload=about["workload"],
            size=size,
            digest=about["digest"],
            repeats=about["repeats"],
            notes=tuple(about["notes"]),
            sensors=Sensors(*(np.ascontiguousarray(table[name]) for name in ("id", "gain", "offset"))),
            records=RecordFile.open(folder / _RECORDS, check_records=False).records,
            cuts=cuts,
            window_ends=window_ends(len(cuts) - 1, size.windows),
        )


def records_path(folder: Path) -> Path:
    """The mapped record file of the stream in `folder`."""
    return folder / _RECORDS


def pieces_of(array: NDArray[_T], first: int, count: int) -> list[NDArray[_T]]:
    """Views of `count` elements of `array` from `first` on, around its end as often as needed."""
    pieces = []
    first %= len(array)
    while count > 0:
        pieces.append(array[first : first + count])
        count -= len(pieces[-1])
        first = 0
    return pieces


def readings_to_fill(stream: Stream) -> int:
    """How many readings, passing over the stream from its start, leave `retain` accepted ones retained.

    0 for a stream without an accepted reading, which can never fill anything.
    """
    known = np.isin(stream.records["sensor_id"], stream.sensors.id)
    accepted = np.cumsum(known & (np.abs(stream.records["value"]) <= MAX_VALUE))
    total, wanted = int(accepted[-1]), stream.size.retain
    if total == 0 or wanted == 0:
        return 0
    passes, rest = divmod(wanted, total)
    return passes * len(stream) + (int(np.searchsorted(accepted, rest)) + 1 if rest else 0)


def window_ends(batches: int, windows: int) -> NDArray[np.int64]:
    """After how many batches each window closes: as even as can be, none empty, int64[min(batches, windows)]."""
    count = max(1, min(batches, windows))
    return np.array([(index + 1) * batches // count for index in range(count)], np.int64)


@contextlib.contextmanager
def blamed_on(workload: str) -> Iterator[None]:
    """What a workload raises as an InputError that names it, and the line; deliberate errors as they are."""
    try:
        yield
    except ContractError as error:
        raise InputError(f"workload {workload}: {error}") from error
    except (SensorbenchError, OSError):
        raise
    except (Exception, SystemExit) as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        raise InputError(f"workload {workload}: {type(error).__name__} at {where}: {error}; mend it") from error


def _batches(workload: Workload, size: Size, name: str) -> Iterator[Readings]:
    with blamed_on(name):  # not for what is done with a batch: that is raised where it is done
        yield from workload.readings(size)


def write_stream(
    workload: Workload,
    name: str,
    size: Size,
    folder: Path,
    progress: Callable[[int], None] = lambda _: None,
) -> Stream:
    """Write `workload` at `size` into `folder` (made if missing) and map it.

    `progress` is told the number of readings written so far.

    Raises
    ------
    InputError
        If the workload has no reading or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with blamed_on(name):
            sensors = workload.sensors(size)
        table = np.empty(len(sensors), _SENSOR_DTYPE)
        table["id"], table["gain"], table["offset"] = sensors.id, sensors.gain, sensors.offset
        digest = hashlib.sha256(f"{name} version {workload.version}".encode())
        digest.update(table.tobytes())
        lengths = []
        with RecordWriter(folder / _RECORDS, {"workload": name}) as writer:
            for batch in _batches(workload, size, name):
                if len(batch):
                    writer.write(batch)
                    digest.update(batch.to_records().view(np.uint8).data)
                    lengths.append(len(batch))
                    progress(writer.count)
        if not lengths:
            raise InputError(f"workload {name} at size {size.name} holds no reading; expected one at least")
        cuts = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
        digest.update(cuts.tobytes())
        true_size = Size(size.name, int(cuts[-1]), len(sensors), max(lengths), size.retain, size.windows)
        np.save(folder / _SENSORS, table, allow_pickle=False)
        np.save(folder / _CUTS, cuts, allow_pickle=False)
        about = {
            "workload": name,
            "size": asdict(true_size),
            "digest": digest.hexdigest(),
            "repeats": bool(workload.repeats),
            "notes": list(workload.notes(size)),
        }
        (folder / _ABOUT).write_text(json.dumps(about))
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); choose a folder with free space") from error
    return Stream.open(folder)
