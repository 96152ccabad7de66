"""Tables as tests make them, and what they must read as, worked out the plain way."""

import csv
import gzip
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from harness.contract import Readings
from harness.records import write_records
from workloads.recordings import Recording
from workloads.recordings.form import RESERVED

Row = tuple[int, str, float]
"""Time in ns, sensor, value (NaN for a blank in long form)."""


def _plain(name: str) -> bool:
    return name.strip() == name and name.lower() not in RESERVED


# Above 1e17 a number is nanoseconds, so epoch numbers of these times are read as such.
times_ns = st.integers(2 * 10**17, 2**63 - 1)
names: st.SearchStrategy[str] = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12
).filter(_plain)
values = st.floats(allow_nan=False, width=64)
rows = st.lists(st.tuples(times_ns, names, st.one_of(st.just(math.nan), values)), min_size=1, max_size=40)


@dataclass(frozen=True)
class Expected:
    """What a recording must hold, sensors by name in order of appearance."""

    names: list[str]
    time: list[int]
    sensor: list[str]
    value: list[float]

    @classmethod
    def of(cls, given: Iterable[Row]) -> "Expected":
        time, sensor, value = zip(*given, strict=True)
        return cls(list(dict.fromkeys(sensor)), list(time), list(sensor), list(value))

    def check(self, recording: Recording) -> None:
        assert list(recording.names) == self.names
        assert recording.readings.time.tolist() == self.time
        by_id = dict(zip(recording.ids.tolist(), recording.names, strict=True))
        assert [by_id[identity] for identity in recording.readings.sensor_id.tolist()] == self.sensor
        with np.errstate(over="ignore"):
            wanted = np.array(self.value, np.float64).astype(np.float32)
        np.testing.assert_array_equal(recording.readings.value, wanted)
        signs = np.signbit(recording.readings.value) == np.signbit(wanted)
        assert (signs | np.isnan(wanted)).all()


def write_csv(path: Path, header: Sequence[str], body: Iterable[Sequence[str]], delimiter: str = ",") -> Path:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([header, *body])
    return path


def text_of(value: float) -> str:
    return "" if math.isnan(value) else repr(value)


def write_parquet(path: Path, columns: dict[str, object]) -> Path:
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table(columns), path)
    return path


def write_record_file(path: Path, given: Sequence[Row]) -> Path:
    """With ids and metadata of the test's own making."""
    order = list(dict.fromkeys(name for _, name, _ in given))
    ids = np.array([4_000_000_000 - 7 * order.index(name) for _, name, _ in given], np.uint32)
    time = np.array([time for time, _, _ in given], np.int64)
    with np.errstate(over="ignore"):
        value = np.array([value for _, _, value in given]).astype(np.float32)
    write_records(path, Readings(ids, time, value).batches(7), {"sensor_names": order})
    return path
