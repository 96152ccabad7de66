"""Small files that are replaced whole: a reader sees the old text or the new one, never a part."""

import contextlib
import os
import time
import uuid
from pathlib import Path
from typing import Any

from harness.errors import StoreError
from harness.store.encoding import decode, encode

_STALE_S = 60.0


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, text: str) -> None:
    """Replace `path` by `text` in UTF-8: temporary file, fsync, rename, fsync of the folder.

    Raises
    ------
    StoreError
        If it cannot be written; what was there before is still there.
    """
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}.partial")
    try:
        _sweep(path)
        try:
            with partial.open("x", encoding="utf-8", errors="backslashreplace", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written ({error.strerror}); check the folder, its permissions and free space"
        ) from error


def _sweep(path: Path) -> None:
    """Remove what writers of `path` that were killed have left, but nothing that could still be written."""
    for partial in path.parent.iterdir():
        is_ours = partial.name.startswith(f".{path.name}.") and partial.name.endswith(".partial")
        with contextlib.suppress(FileNotFoundError):
            if is_ours and time.time() - partial.stat().st_mtime > _STALE_S:
                partial.unlink()


def write_json(path: Path, value: object) -> None:
    """Replace `path` by `value` as indented JSON; raises StoreError as `encode` and `write_whole` do."""
    write_whole(path, encode(value, indent=1) + "\n")


def read_json(path: Path) -> Any:
    """The value that `path` holds; raises StoreError if it is missing, unreadable or not JSON."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from error
    try:
        return decode(content)
    except StoreError as error:
        raise StoreError(f"{path}: {error}") from error
