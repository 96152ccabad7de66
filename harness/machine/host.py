"""Reading what a kernel tells about its machine, from / or from a copied tree of another machine.

Every probe goes through a :class:`Host`, so that machines nobody has at hand can be tested from the few files they
were judged by. Nothing here raises: what cannot be read is None.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

_PROGRAM_FOLDERS = ("usr/local/bin", "usr/bin", "usr/local/sbin", "usr/sbin", "bin", "sbin")


@dataclass(frozen=True, slots=True)
class Host:
    """The files of a machine below `root`; the default is the machine this runs on."""

    root: Path = Path("/")

    @property
    def live(self) -> bool:
        """Whether this is the running machine, so that system calls may be asked as well."""
        return self.root == Path("/")

    def path(self, path: str) -> Path:
        """Where `path` (absolute, without regard to the root) lies."""
        return self.root / path.lstrip("/")

    def text(self, path: str) -> str | None:
        """The stripped content of a file; None if it cannot be read."""
        try:
            return self.path(path).read_bytes().decode(errors="replace").strip("\0 \t\r\n")
        except (OSError, ValueError):
            return None

    def number(self, path: str) -> int | None:
        """The whole number a file begins with; None if there is none."""
        return first_number(self.text(path))

    def fields(self, path: str) -> dict[str, str]:
        """The ``name: value`` lines of a file, the first of each name."""
        found: dict[str, str] = {}
        for line in (self.text(path) or "").splitlines():
            name, separator, value = line.partition(":")
            if separator:
                found.setdefault(name.strip(), value.strip())
        return found

    def glob(self, pattern: str) -> list[str]:
        """The paths that match `pattern`, sorted, each as `text` takes it."""
        try:
            return sorted("/" + str(found.relative_to(self.root)) for found in self.root.glob(pattern.lstrip("/")))
        except (OSError, ValueError):
            return []

    def exists(self, path: str) -> bool:
        """Whether there is such a file or folder."""
        try:
            return self.path(path).exists()
        except OSError:
            return False

    def program(self, name: str) -> bool:
        """Whether a program of that name can be started."""
        if self.live:
            return shutil.which(name) is not None
        return any(self.exists(f"{folder}/{name}") for folder in _PROGRAM_FOLDERS)


def first_number(text: str | None) -> int | None:
    """The whole number `text` begins with, or None.

    >>> first_number("32768 kB"), first_number("max 100000"), first_number(None)
    (32768, None, None)
    """
    match = re.match(r"-?\d+", text or "")
    return int(match.group()) if match else None


def size_bytes(text: str | None) -> int | None:
    """Bytes in a size as the kernel writes it: ``32K``, ``24684096 kB``, ``max``.

    >>> size_bytes("32K"), size_bytes("16 kB"), size_bytes("2M"), size_bytes("max")
    (32768, 16384, 2097152, None)
    """
    match = re.match(r"(\d+)\s*([kKmMgG]?)", text or "")
    if match is None:
        return None
    return int(match.group(1)) << {"": 0, "k": 10, "m": 20, "g": 30}[match.group(2).lower()]


def cpu_list(text: str | None) -> tuple[int, ...]:
    """The CPU numbers of a kernel list.

    >>> cpu_list("0-2,8"), cpu_list("")
    ((0, 1, 2, 8), ())
    """
    found: list[int] = []
    for part in (text or "").split(","):
        match = re.fullmatch(r"\s*(\d+)(?:-(\d+))?\s*", part)
        if match:
            first = int(match.group(1))
            found.extend(range(first, int(match.group(2) or first) + 1))
    return tuple(found)
