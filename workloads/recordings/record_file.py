"""The project's own record file as a recording: mapped, not read."""

from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from harness.contract import Readings
from harness.errors import InputError
from harness.records import RecordFile
from workloads.recordings.recording import Calibration, Recording

NAMES, CALIBRATION, NOTES = "sensor_names", "calibration", "notes"
"""Keys of the metadata: names by rank of first appearance; names, gains and offsets; what a conversion left out."""

_AT_ONCE = 1 << 20


def read_record_file(path: Path) -> Recording:
    """Map a record file, its checksums checked.

    Raises
    ------
    InputError
        If it is damaged, holds no reading, or its metadata do not fit its readings.
    """
    mapped = RecordFile.open(path)
    if not len(mapped):
        raise InputError(f"{path}: holds no reading; expected one at least: record it again")
    readings = Readings.of_records(mapped.records)
    ids = ids_by_appearance(readings.sensor_id)
    about: dict[str, Any] = dict(mapped.metadata) if isinstance(mapped.metadata, dict) else {}
    names = about.pop(NAMES, None)
    if names is None:
        names = [str(identity) for identity in ids.tolist()]
    if not _are_names(names) or len(names) != len(ids):
        given = f"{len(names)} sensors" if isinstance(names, list) else "no list of sensors"
        raise InputError(f"{path}: the header names {given}; expected {len(ids)} unique names: record it again")
    calibration = about.pop(CALIBRATION, None)
    read = None if calibration is None else _calibration(path, calibration)
    notes = tuple(about.pop(NOTES)) if _are_texts(about.get(NOTES)) else ()
    return Recording(path, readings, ids, tuple(names), read, about, notes)


def ids_by_appearance(sensor_id: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Each of the ids once, in the order in which they first appear."""
    known = np.empty(0, np.uint32)
    for start in range(0, len(sensor_id), _AT_ONCE):
        found, position = np.unique(sensor_id[start : start + _AT_ONCE], return_index=True)
        fresh = ~np.isin(found, known)
        known = np.concatenate([known, found[fresh][np.argsort(position[fresh])]])
    return known


def _are_texts(texts: object) -> TypeGuard[list[str]]:
    return isinstance(texts, list) and all(isinstance(text, str) for text in texts)


def _are_names(names: object) -> bool:
    return _are_texts(names) and len(set(names)) == len(names)


def calibration_metadata(calibration: Calibration) -> dict[str, list[Any]]:
    """`calibration` as JSON values; float32 survives the way through float64 text unchanged."""
    return {
        "sensor": list(calibration.names),
        "gain": calibration.gain.astype(np.float64).tolist(),
        "offset": calibration.offset.astype(np.float64).tolist(),
    }


def _calibration(path: Path, given: Any) -> Calibration:
    try:
        names = given["sensor"]
        gain, offset = (np.array(given[key], np.float32) for key in ("gain", "offset"))
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise InputError(f"{path}: the calibration in the header is damaged: record it again") from error
    if not _are_names(names) or gain.shape != (len(names),) or offset.shape != gain.shape:
        raise InputError(f"{path}: the calibration in the header does not fit together: record it again")
    return Calibration(path, tuple(names), gain, offset)
