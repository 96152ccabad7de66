"""A recording in memory or mapped: its readings, its sensors' names, and their calibration if it holds one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats, Readings
from harness.errors import InputError
from workloads.signals import scattered_ids


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Gain and offset of sensors by name.

    Parameters
    ----------
    path : Path
        Where it was read, for messages.
    names : tuple of str
        Unique, in the order of the file.
    gain, offset : float32[len(names)]
    """

    path: Path
    names: tuple[str, ...]
    gain: Floats
    offset: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """The readings of a file in the file's order.

    Parameters
    ----------
    path : Path
    readings : Readings
        With the ids that the file gives, or those of `scattered_ids` where it gives names; perhaps strided and mapped.
    ids : uint32[S]
        The ids that occur, by rank of first appearance.
    names : tuple of str
        The sensors' names, by the same rank.
    calibration : Calibration or None
        What the file itself says of gain and offset.
    about : mapping
        What else the file says of itself.
    notes : tuple of str
        What was left out or changed when the file was read: a line each.
    """

    path: Path
    readings: Readings
    ids: NDArray[np.uint32]
    names: tuple[str, ...]
    calibration: Calibration | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.readings)


class Collector:
    """Gathers the readings of a file block by block and ranks its sensors by first appearance."""

    def __init__(self) -> None:
        self._ranks: dict[str, int] = {}
        self._blocks: list[tuple[NDArray[np.uint32], NDArray[np.int64], Floats]] = []

    def add(self, names: Sequence[str], codes: NDArray[np.int64], time: NDArray[np.int64], value: Floats) -> None:
        """Append readings of the sensors `names[codes]`; `names` in order of first appearance in the block."""
        known = self._ranks
        ranks = np.array([known.setdefault(name, len(known)) for name in names], np.uint32)
        if len(codes):
            self._blocks.append((ranks[codes], time, value))

    @property
    def names(self) -> Collection[str]:
        """The sensors, in order of first appearance."""
        return self._ranks.keys()

    def recording(self, path: Path, notes: tuple[str, ...] = ()) -> Recording:
        """All that was added.

        Raises
        ------
        InputError
            If that is nothing.
        """
        if not self._blocks:
            raise InputError(f"{path}: holds no reading; expected one at least below the column names")
        ranks, time, value = (np.concatenate([block[part] for block in self._blocks]) for part in range(3))
        self._blocks.clear()
        ids = scattered_ids(np.arange(len(self._ranks), dtype=np.uint32))
        return Recording(path, Readings(ids[ranks], time, value), ids, tuple(self._ranks), notes=notes)
