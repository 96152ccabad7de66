r"""The record file: readings as 16-byte records behind a checked header; write, map, read.

Layout, all little-endian::

    0    8  magic                b"SENSREC\n"
    8    4  version              1
    12   4  byte-order mark      0x01020304
    16   8  header bytes         offset of the first record, a multiple of 4096
    24   8  records              count
    32   4  bytes a record       16: sensor_id u4, value f4, time i8
    36   4  CRC-32 of the records
    40   4  metadata bytes       JSON in UTF-8 behind this fixed part: sensor names, source
    44   4  CRC-32 of the fixed part up to here and of the metadata

The records begin at a page boundary, so that a mapping of the file is a mapping of the readings.
"""

import contextlib
import json
import os
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from numpy.typing import NDArray

from harness.contract.data import RECORD_DTYPE, Readings
from harness.errors import InputError

MAGIC = b"SENSREC\n"
VERSION = 1
_ORDER_MARK = 0x01020304
_FIXED = struct.Struct("<8sIIQQIII")
_CRC = struct.Struct("<I")
_SAME_IN_ALL = struct.pack("<8sII", MAGIC, VERSION, _ORDER_MARK)
_PAGE = 4096
_CHECK_BYTES = 1 << 24


@dataclass(frozen=True, slots=True, eq=False)
class RecordFile:
    """A mapped record file.

    Parameters
    ----------
    path : Path
    records : RECORD_DTYPE[n]
        Read-only mapping of the file; pages are read as they are touched.
    metadata : mapping
        What the writer said of the content, for instance ``sensor_names``.
    """

    path: Path
    records: NDArray[np.void]
    metadata: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.records)

    @classmethod
    def open(cls, path: Path, *, check_records: bool = True) -> Self:
        """Map `path`, its header checked, and the checksum of all records too unless told otherwise.

        Raises
        ------
        InputError
            If the file is missing, no record file, of another version or byte order, cut short or damaged.
        """
        header, metadata = _read_header(path)
        header_bytes, count, crc = header
        if count == 0:
            return cls(path, np.empty(0, RECORD_DTYPE), metadata)
        records = np.memmap(path, RECORD_DTYPE, mode="r", offset=header_bytes, shape=(count,))
        if check_records and _crc_of(records) != crc:
            raise InputError(f"{path}: the records do not match their checksum; the file is damaged: record it again")
        return cls(path, records, metadata)


def was_record_file(start: bytes) -> bool:
    """Whether a file that begins with `start`, and not as a record file does, was one before it was damaged.

    So it is if most of the bytes agree that are the same in all of them, line feeds turned into those of another system
    put right. Text never agrees so far.
    """
    agreeing = sum(map(int.__eq__, start.replace(b"\r\n", b"\n"), _SAME_IN_ALL))
    return 2 * agreeing > len(_SAME_IN_ALL)


def _crc_of(records: NDArray[np.void], crc: int = 0) -> int:
    raw = np.ascontiguousarray(records).view(np.uint8)
    for start in range(0, len(raw), _CHECK_BYTES):
        crc = zlib.crc32(raw[start : start + _CHECK_BYTES].data, crc)
    return crc


def _read_header(path: Path) -> tuple[tuple[int, int, int], dict[str, Any]]:
    try:
        with path.open("rb") as file:
            fixed = file.read(_FIXED.size + _CRC.size)
            if len(fixed) < _FIXED.size + _CRC.size or fixed[:8] != MAGIC:
                raise InputError(f"{path}: not a record file; expected one that 'sensorbench record' has written")
            fields = _FIXED.unpack(fixed[: _FIXED.size])
            _, version, order_mark, header_bytes, count, record_bytes, crc, metadata_bytes = fields
            if order_mark != _ORDER_MARK:
                raise InputError(f"{path}: written in another byte order; expected little-endian: record it again")
            if version != VERSION:
                raise InputError(f"{path}: record file of version {version}; expected {VERSION}: record it again")
            if metadata_bytes > header_bytes or header_bytes > 1 << 32 or record_bytes != RECORD_DTYPE.itemsize:
                raise InputError(f"{path}: the header is damaged: record it again")
            metadata = file.read(metadata_bytes)
            (header_crc,) = _CRC.unpack(fixed[_FIXED.size :])
            if zlib.crc32(metadata, zlib.crc32(fixed[: _FIXED.size])) != header_crc:
                raise InputError(f"{path}: the header does not match its checksum; damaged: record it again")
            expected_bytes = header_bytes + count * record_bytes
            actual_bytes = os.fstat(file.fileno()).st_size
            if actual_bytes != expected_bytes:
                raise InputError(
                    f"{path}: {actual_bytes} bytes; expected {expected_bytes} for its {count} records: "
                    "cut short or still being written; record it again"
                )
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from error
    try:
        decoded = json.loads(metadata.decode()) if metadata else {}
    except ValueError:
        decoded = None
    if not isinstance(decoded, dict):
        raise InputError(f"{path}: the header's metadata are no JSON object in UTF-8: record it again")
    return (header_bytes, count, crc), decoded


def _header(count: int, crc: int, metadata: bytes) -> bytes:
    used = _FIXED.size + _CRC.size + len(metadata)
    header_bytes = -(-used // _PAGE) * _PAGE
    fixed = _FIXED.pack(MAGIC, VERSION, _ORDER_MARK, header_bytes, count, RECORD_DTYPE.itemsize, crc, len(metadata))
    checked = fixed + _CRC.pack(zlib.crc32(metadata, zlib.crc32(fixed))) + metadata
    return checked.ljust(header_bytes, b"\0")


class RecordWriter:
    """Writes a record file batch by batch; the file appears under its name only when it is whole.

    Use as a context manager. Memory is one batch, whatever the length.

    Raises
    ------
    InputError
        If the file cannot be written (folder missing, read-only, disk full).
    """

    def __init__(self, path: Path, metadata: Mapping[str, Any] | None = None) -> None:
        self.path = path
        self.count = 0
        self._metadata = json.dumps(dict(metadata or {})).encode()
        self._crc = 0
        self._partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self._guard(self._begin)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._guard(self._finish)
        else:
            self._abandon()

    def write(self, readings: Readings) -> None:
        """Append a batch."""
        records = readings.to_records()
        self._crc = _crc_of(records, self._crc)
        self.count += len(records)
        self._guard(lambda: self._open_file().write(records.view(np.uint8).data if len(records) else b""))

    def _guard(self, action: Callable[[], object]) -> None:
        try:
            action()
        except BaseException as error:  # also an interrupt: what is not whole goes
            self._abandon()
            if not isinstance(error, OSError):
                raise
            raise InputError(
                f"{self.path}: cannot be written ({error.strerror}); check the folder, its permissions and free space"
            ) from error

    def _open_file(self) -> IO[bytes]:
        if self._file is None:
            raise InputError(f"{self.path}: not open for writing; use RecordWriter as a context manager")
        return self._file

    def _begin(self) -> None:
        descriptor = os.open(self._partial, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600)
        self._file = os.fdopen(descriptor, "w+b")
        self._file.write(_header(0, 0, self._metadata))

    def _finish(self) -> None:
        file = self._open_file()
        file.seek(0)
        file.write(_header(self.count, self._crc, self._metadata))
        file.flush()
        os.fsync(file.fileno())
        file.close()
        self._partial.replace(self.path)

    def _abandon(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            with contextlib.suppress(OSError):
                file.close()
        with contextlib.suppress(OSError):
            self._partial.unlink(missing_ok=True)


def write_records(path: Path, batches: Iterable[Readings], metadata: Mapping[str, Any] | None = None) -> int:
    """Write all `batches` to `path` and return the number of records."""
    with RecordWriter(path, metadata) as writer:
        for batch in batches:
            writer.write(batch)
    return writer.count
