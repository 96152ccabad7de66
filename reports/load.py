"""A stored run as frozen data: manifest, cells, other records, and what of it is damaged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from harness.errors import StoreError
from harness.results import Cell, CellKey, ChannelResult, Level, from_builtins
from harness.store import CELLS_NAME, MANIFEST_NAME, Record, read, read_json

_KNOWN: dict[str, type[Cell | ChannelResult]] = {"cell": Cell, "channel": ChannelResult}
"""Kinds of records that are read whole, or are damage."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it lies in its folder.

    Parameters
    ----------
    cells
        The newest of each cell, in the order they were first measured.
    records
        All other records by kind.
    damage
        What could not be read, one line each.
    """

    id: str
    manifest: Mapping[str, Any]
    cells: tuple[Cell, ...]
    records: Mapping[str, tuple[Record, ...]]
    damage: tuple[str, ...] = ()

    @property
    def level(self) -> Level | None:
        """How much effort the run took."""
        level = self.manifest.get("level")
        return Level(level) if level in set(Level) else None

    @property
    def started(self) -> str | None:
        """When it began, as ISO 8601."""
        started = self.manifest.get("started")
        return started if isinstance(started, str) else None

    @property
    def sessions(self) -> tuple[Mapping[str, Any], ...]:
        """When it was begun and gone on with, and with which code; empty where that was not written down yet."""
        found = self.manifest.get("sessions")
        return tuple(item for item in found if isinstance(item, Mapping)) if isinstance(found, list | tuple) else ()

    @property
    def environment(self) -> Mapping[str, Any]:
        """The machine and its software."""
        return self._mapping("environment")

    @property
    def account_s(self) -> Mapping[str, Any]:
        """Where the run's time went."""
        return self._mapping("account")

    @property
    def unstable(self) -> tuple[str, ...]:
        """What makes this machine's numbers doubtful, one line each."""
        found = self.manifest.get("unstable")
        return tuple(map(_line, found)) if isinstance(found, list | tuple) else ()

    @property
    def noise(self) -> Mapping[str, Any]:
        """What identical code differed by here; empty if it was not measured."""
        return self._mapping("noise")

    @property
    def is_planned(self) -> bool:
        """Whether 'sensorbench run' made it, which goes on with it if it was cut off."""
        return is_planned(self.manifest)

    def _mapping(self, name: str) -> Mapping[str, Any]:
        found = self.manifest.get(name)
        return found if isinstance(found, Mapping) else {}


def load(folder: Path) -> Run:
    """Read the run in `folder`, also one that is damaged or still going on.

    Raises
    ------
    StoreError
        If there is no run, or nothing of it can be read.
    """
    if not folder.is_dir():
        state = "is not a folder" if folder.exists() else "does not exist"
        raise StoreError(f"{folder}: {state}; expected the folder of a run, made by 'sensorbench run'")
    stored = read(folder)
    damage = [f"{CELLS_NAME}, {item}" for item in stored.damage]
    manifest = _manifest(folder, damage)
    cells: dict[CellKey, Cell] = {}
    records: dict[str, list[Record]] = {}
    for position, record in enumerate(stored.records(), 1):
        kind = record["kind"]
        try:
            known = from_builtins(record, _KNOWN[kind]) if kind in _KNOWN else None
        except msgspec.ValidationError as error:
            damage.append(f"{CELLS_NAME}, record {position}: not a {kind} as this version knows it ({error}); left out")
            continue
        if isinstance(known, Cell):
            cells[known.key] = known
        else:
            records.setdefault(kind, []).append(record)
    others = {kind: tuple(found) for kind, found in records.items()}
    name = manifest.get("run")
    return Run(name if isinstance(name, str) else folder.name, manifest, tuple(cells.values()), others, tuple(damage))


def is_planned(manifest: Mapping[str, Any]) -> bool:
    """Whether it is of a run: other commands keep a plan too, but nothing that they compare with."""
    plan = manifest.get("plan")
    return isinstance(plan, Mapping) and bool(plan.get("baselines"))


def newest(results: Path, wanted: Callable[[Run], bool] | None = None) -> Path:
    """The run in `results` that began last, of those that are `wanted`.

    Raises
    ------
    StoreError
        If there is none.
    """
    folders = [path.parent for path in results.glob(f"*/{CELLS_NAME}")] if results.is_dir() else []
    for folder in sorted(folders, key=lambda folder: (_began(folder), folder.name), reverse=True):
        if wanted is None or _is(wanted, folder):
            return folder
    raise StoreError(f"{results}: holds no run; make one with 'sensorbench run --quick' or name a run's folder")


def _is(wanted: Callable[[Run], bool], folder: Path) -> bool:
    try:
        return wanted(load(folder))
    except StoreError:
        return False


def _began(folder: Path) -> str:
    try:
        started = read_json(folder / MANIFEST_NAME).get("started")
    except (StoreError, AttributeError):
        return ""
    return started if isinstance(started, str) else ""


def _manifest(folder: Path, damage: list[str]) -> Mapping[str, Any]:
    try:
        manifest = read_json(folder / MANIFEST_NAME)
    except StoreError as error:
        damage.append(f"{MANIFEST_NAME}: level, environment and plan are lost ({str(error).rpartition(': ')[2]})")
        return {}
    if not isinstance(manifest, Mapping):
        damage.append(f"{MANIFEST_NAME}: holds no mapping; level, environment and plan are lost")
        return {}
    if lost := [name for name in ("level", "environment", "plan") if manifest.get(name) is None]:
        damage.append(f"{MANIFEST_NAME}: lost are {', '.join(lost)}")
    return manifest


def _line(found: object) -> str:
    """A finding as one line, whether it was stored as a text or as its parts."""
    if isinstance(found, Mapping):
        parts = (found.get(name) for name in ("name", "state", "effect", "remedy"))
        return ": ".join(str(part) for part in parts if part)
    return str(found)
