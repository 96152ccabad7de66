"""The input file that workers map, watched by the parent: what became of it is the cause of what became of them."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from harness.units import format_bytes

_REMEDY = "leave the input alone while it is measured"


@dataclass(frozen=True, slots=True)
class InputWatch:
    """A file as it was when a worker was first told of it.

    A mapped file that is cut short kills whoever touches the missing part (SIGBUS), the parent too; one that is
    removed lives on for those who have mapped it, and is gone for the next worker. A look costs about a microsecond.
    """

    path: Path
    before: os.stat_result

    @classmethod
    def of(cls, path: Path) -> Self | None:
        """Begin to watch `path`; None if it is not there, which the worker will say itself."""
        try:
            return cls(path, path.stat())
        except OSError:
            return None

    def change(self) -> str | None:
        """What became of the file, in one line; None if it is as it was."""
        try:
            now = self.path.stat()
        except OSError as error:
            return f"the input {self.path.name} was removed while it was mapped ({error.strerror}); {_REMEDY}"
        before = self.before
        if now.st_ino != before.st_ino or now.st_dev != before.st_dev:
            return f"the input {self.path.name} was replaced by another file while it was mapped; {_REMEDY}"
        if now.st_size != before.st_size:
            how = "cut short" if now.st_size < before.st_size else "appended to"
            sizes = f"{format_bytes(now.st_size)} instead of {format_bytes(before.st_size)}"
            return f"the input {self.path.name} was {how} while it was mapped ({sizes}); {_REMEDY}"
        if now.st_mode != before.st_mode:
            is_read_only = not now.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
            how = "made read-only" if is_read_only else "given other permissions"
            modes = f"{stat.filemode(before.st_mode)} before, {stat.filemode(now.st_mode)} now"
            return f"the input {self.path.name} was {how} while it was mapped ({modes}); {_REMEDY}"
        if now.st_mtime_ns != before.st_mtime_ns:
            return f"the input {self.path.name} was written to while it was mapped; {_REMEDY}"
        if now.st_ctime_ns != before.st_ctime_ns:  # the one date that nobody can put back
            return f"the input {self.path.name} was touched while it was mapped, its date put back or linked; {_REMEDY}"
        return None
