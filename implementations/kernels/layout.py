"""Where what the loops know of a sensor lies: its entry, which is constant, and its record, which is written.

Joined, both lie on one cache line at the sensor's place, so that a reading touches one line and not two. Apart,
entries lie at the places and records in the order of the sensors: half the memory, entries that threads share, and a
window that is handed out from one end to the other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.contract import Sensors
from implementations.kernels.pages import zeroed_pages
from implementations.kernels.plan import ENTRY_BYTES, ENTRY_DTYPE, WORD_BYTES
from implementations.kernels.tables import Table
from implementations.kernels.vectors import LANES
from implementations.kernels.window import RECORD_BYTES, WINDOW_DTYPE, clear, new_records

_LINE_BYTES = 64
MOST_JOINED = 300_000
"""Sensors up to which windows of several parts are joined: of more, bringing them together costs more than it saves."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Entries and records of all sensors.

    Parameters
    ----------
    entries : ENTRY_DTYPE[places]
        Of a stride that is a power of two; those without a sensor hold an id that leads elsewhere, so that nothing
        ever matches them.
    records : WINDOW_DTYPE[at least S + 16]
        The open window; of any stride.
    first_reject
        Index of the first of sixteen records for rejected readings, one a lane.
    order : uint32[S] or None
        Words from the first record to each sensor's; None if they lie in the order of the sensors.
    """

    entries: NDArray[np.void]
    records: NDArray[np.void]
    first_reject: int
    order: NDArray[np.uint32] | None = None

    @property
    def bytes(self) -> int:
        """Memory that readings touch, cache lines counted whole."""
        if self.order is None:
            return self.entries.nbytes + self.records.nbytes
        return len(self.records) * _LINE_BYTES

    def as_planned(self) -> dict[str, int]:
        """What a plan says of it."""
        entry_words = self.entries.strides[0] // WORD_BYTES
        record_words = self.records.strides[0] // WORD_BYTES
        return {
            "table": self.entries.ctypes.data,
            "entry_words": entry_words,
            "half_to_words": 16 - (entry_words.bit_length() - 1),
            "records": self.records.ctypes.data,
            "record_words": record_words,
            "order": 0 if self.order is None else self.order.ctypes.data,
            "record_count": self.first_reject,
            "rejects": self.first_reject * record_words,
        }


def joined(sensors: Sensors, table: Table, parts: int = 1, *, huge: bool) -> list[Layout]:
    """Layouts of `parts` windows with entry and record of each sensor on one cache line: 64 bytes a place and part."""
    order = table.places * np.uint32(_LINE_BYTES // WORD_BYTES)
    layouts = []
    for _ in range(parts):
        lines = zeroed_pages((table.span + LANES) * _LINE_BYTES, huge=huge).reshape(-1, _LINE_BYTES)
        entries = lines[: table.span, :ENTRY_BYTES].view(ENTRY_DTYPE)[:, 0]
        records = lines[:, _LINE_BYTES - RECORD_BYTES :].view(WINDOW_DTYPE)[:, 0]
        clear(records)
        _fill(entries, sensors, table, order)
        layouts.append(Layout(entries, records, table.span, order))
    return layouts


def apart(sensors: Sensors, table: Table, parts: int = 1, *, padded: bool = True, huge: bool) -> list[Layout]:
    """Layouts of `parts` windows that share their entries: 16 bytes a place, 32 a sensor and part.

    Padded, each window lies on cache lines of its own; else the records of one sensor lie side by side.
    """
    entries = zeroed_pages(table.span * ENTRY_BYTES, huge=huge).view(ENTRY_DTYPE)
    records = new_records(len(sensors), parts, padded=padded, huge=huge)
    record_words = records.strides[1] // WORD_BYTES
    _fill(entries, sensors, table, np.arange(len(sensors), dtype=np.uint32) * np.uint32(record_words))
    return [Layout(entries, records[part], len(sensors)) for part in range(parts)]


def layouts_for(sensors: Sensors, table: Table, parts: int, *, padded: bool, huge: bool) -> list[Layout]:
    """Those of `parts` windows that are fastest together; not `padded`, they lie interleaved, and so apart."""
    if padded and len(sensors) <= MOST_JOINED:
        return joined(sensors, table, parts, huge=huge)
    return apart(sensors, table, parts, padded=padded, huge=huge)


def _fill(entries: NDArray[np.void], sensors: Sensors, table: Table, words: NDArray[np.uint32]) -> None:
    """Write the entries of all sensors; `words` lead to their records."""
    entries["id"] = sensors.id[0] if len(sensors) else 0
    for name, column in (("id", sensors.id), ("record", words), ("gain", sensors.gain), ("offset", sensors.offset)):
        entries[name][table.places] = column
