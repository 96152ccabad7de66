"""The store of a run: records appended one by one, each durable before the next begins."""

import os
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from harness.errors import CutOffError, StoreError
from harness.store.encoding import decode, encode
from harness.store.lines import Damage, line_of, parse
from harness.store.lock import FolderLock
from harness.store.whole import sync_folder

Record = Mapping[str, Any]

CELLS_NAME = "cells.jsonl"
MANIFEST_NAME = "run.json"
VERSION = 1
_HEADER_KIND = "sensorbench store"
_HEADER = line_of({"kind": _HEADER_KIND, "version": VERSION})


@dataclass(frozen=True, slots=True)
class Contents:
    """What a store held when it was read.

    Parameters
    ----------
    folder : Path
    all_records : tuple of mappings
        In the order they were appended, the header left out.
    damage : tuple of Damage
        What could not be read; empty for an intact store.
    """

    folder: Path
    all_records: tuple[Record, ...]
    damage: tuple[Damage, ...]

    def records(self, kind: str | None = None) -> Iterator[Record]:
        """The records of `kind`, or all, in the order they were appended."""
        return (record for record in self.all_records if kind is None or record["kind"] == kind)

    def latest(self, kind: str, key: Callable[[Record], Hashable]) -> dict[Hashable, Record]:
        """The last record of `kind` for each value of `key`, in the order the keys first appeared."""
        return {key(record): record for record in self.records(kind)}


def read(folder: Path) -> Contents:
    """Read the store in `folder` without locking or changing anything; also while a run is writing it.

    Raises
    ------
    StoreError
        If there is no store, or it is of another version, or nothing in it is intact.
    """
    contents, _ = _load(folder)
    return contents


def _load(folder: Path) -> tuple[Contents, int]:
    """The contents and the offset up to which the file is worth keeping."""
    path = folder / CELLS_NAME
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise StoreError(
            f"{folder}: holds no run ({CELLS_NAME} is missing); expected a folder made by 'run'"
        ) from error
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from error
    found, damage = parse(content)
    if not found and not _HEADER.startswith(content):
        raise StoreError(f"{path}: holds no intact record; it is damaged beyond repair or no results file")
    if found and found[0].record["kind"] == _HEADER_KIND:
        version = found[0].record.get("version")
        if version != VERSION:
            raise StoreError(
                f"{path}: written in version {version}; expected {VERSION}: read it with the sensorbench that wrote it"
            )
    elif not damage:
        damage = [Damage(0, 0, torn=False)]
    keep = len(content)
    if damage and damage[-1].torn:
        keep = damage[-1].offset
    records = tuple(item.record for item in found if item.record["kind"] != _HEADER_KIND)
    return Contents(folder, records, tuple(damage)), keep


class Store:
    """A run's results, open for appending by this process alone. Make one by `create` or `open`.

    Appending costs one write and one fsync. A failed append takes back what it wrote, so that everything before it
    stays intact and the store can go on once the cause is mended. Use it from one thread, as a context manager, or
    `close` it.
    """

    def __init__(self, folder: Path, descriptor: int, lock: FolderLock, contents: Contents, end: int) -> None:
        self.folder = folder
        self.damage = contents.damage
        self._records = list(contents.all_records)
        self._descriptor = descriptor
        self._lock = lock
        self._end = end

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make `folder` and an empty store in it.

        Raises
        ------
        StoreError
            If it holds a store already, is no folder, or cannot be written.
        """
        return cls._guarded(folder, lambda: cls._create(folder))

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the store in `folder` to go on with it; a torn tail is cut off and listed in `damage`.

        Raises
        ------
        StoreError
            If there is none, another process writes it, or it cannot be read or written.
        """
        return cls._guarded(folder, lambda: cls._open(folder))

    @classmethod
    def _guarded(cls, folder: Path, action: Callable[[], Self]) -> Self:
        try:
            return action()
        except (FileExistsError, NotADirectoryError) as error:
            raise StoreError(f"{folder}: is a file, or lies below one; choose a folder") from error
        except OSError as error:
            raise StoreError(
                f"{folder}: no results can be written there ({error.strerror}); "
                "check the path, its permissions and free space, or choose another folder"
            ) from error

    @classmethod
    def _create(cls, folder: Path) -> Self:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FolderLock(folder)
        path = folder / CELLS_NAME
        descriptor = -1
        try:
            if path.exists():
                raise StoreError(f"{folder}: holds a run already; resume it or choose another folder")
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o666)
            store = cls(folder, descriptor, lock, Contents(folder, (), ()), 0)
            store._write(_HEADER)
            sync_folder(folder)
            sync_folder(folder.absolute().parent)
        except BaseException:
            if descriptor >= 0:
                os.close(descriptor)
                path.unlink(missing_ok=True)
            lock.release()
            raise
        return store

    @classmethod
    def _open(cls, folder: Path) -> Self:
        _load(folder)  # a folder without a store is left as it is, without a lock file
        lock = FolderLock(folder)
        try:
            contents, keep = _load(folder)
            descriptor = os.open(folder / CELLS_NAME, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        except BaseException:
            lock.release()
            raise
        store = cls(folder, descriptor, lock, contents, keep)
        try:
            store._mend()
        except BaseException:
            store.close()
            raise
        return store

    def _mend(self) -> None:
        os.ftruncate(self._descriptor, self._end)
        if self._end == 0:
            self._write(_HEADER)
        elif os.pread(self._descriptor, 1, self._end - 1) != b"\n":
            self._write(b"\n")

    def append(self, record: Record) -> None:
        """Add `record`, a mapping with a text under ``kind``; when this returns, it is on the disk.

        Raises
        ------
        StoreError
            If it is not JSON data, or the folder was removed; nothing of it remains.
        CutOffError
            If it cannot be written, as on a full disk; nothing of it remains, and everything before is intact.
        """
        if not isinstance(record.get("kind"), str) or record["kind"] == _HEADER_KIND:
            raise StoreError(f"a record has the kind {record.get('kind')!r}; expected a text that names its kind")
        if self._descriptor < 0:
            raise StoreError(f"{self.folder}: the store is closed; open it again to append")
        stored: dict[str, Any] = decode(encode(record))
        try:
            self._write(line_of(stored))
        except OSError as error:
            raise CutOffError(
                f"{self.folder / CELLS_NAME}: cannot be written ({error.strerror}); everything before is intact: "
                "make room or mend the folder, then resume"
            ) from error
        self._records.append(stored)

    def _write(self, data: bytes) -> None:
        if os.fstat(self._descriptor).st_nlink == 0:
            raise StoreError(f"{self.folder / CELLS_NAME}: was removed while the run was going on; start a new run")
        if os.fstat(self._descriptor).st_size != self._end:
            os.ftruncate(self._descriptor, self._end)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]
            os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self._end)
            raise
        self._end += len(data)

    def contents(self) -> Contents:
        """Everything the store holds at this moment."""
        return Contents(self.folder, tuple(self._records), self.damage)

    def records(self, kind: str | None = None) -> Iterator[Record]:
        """The records of `kind`, or all, in the order they were appended."""
        return self.contents().records(kind)

    def latest(self, kind: str, key: Callable[[Record], Hashable]) -> dict[Hashable, Record]:
        """The last record of `kind` for each value of `key`, in the order the keys first appeared."""
        return self.contents().latest(kind, key)

    def close(self) -> None:
        """End writing and give the lock back; more than once is harmless."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
