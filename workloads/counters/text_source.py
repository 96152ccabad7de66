"""Counters in a text file that the kernel writes anew at each read: the file stays open, and is parsed cheaply."""

import os
from collections.abc import Sequence
from pathlib import Path

from workloads.counters.layouts import Entry, Layout
from workloads.counters.source import Counter, Source

_SEPARATORS = bytes.maketrans(b":=/", b"   ")
_CHUNK_BYTES = 1 << 16


class TextSource(Source):
    """One file of ``/proc``, by its layout.

    A sample costs one read, one split into words and one conversion a chosen number. When the words that head the
    rows are no longer those seen at first (a disk came, an interface went), the layout is found anew and the
    counters by name.

    Raises
    ------
    OSError
        If the file cannot be read.
    """

    def __init__(self, name: str, path: Path, layout: Layout) -> None:
        self.name = name
        self._layout = layout
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            text = self._read()
            entries = list({entry.name: entry for entry in self._entries(text)}.values())
        except BaseException:
            self.close()
            raise
        self._use(entries, text.translate(_SEPARATORS).split())
        self.counters: Sequence[Counter] = [Counter(f"{name}/{entry.name}", entry.grows) for entry in entries]
        self._names = [entry.name for entry in entries]

    def select(self, chosen: Sequence[int]) -> None:
        """Give only the counters at these indexes from now on."""
        text = self._read()
        words = text.translate(_SEPARATORS).split()
        self.counters = [self.counters[index] for index in chosen]
        self._names = [self._names[index] for index in chosen]
        self._by_name(text, words)

    def sample(self) -> list[float]:
        """The values now; NaN for a counter whose row has gone."""
        text = self._read()
        words = text.translate(_SEPARATORS).split()
        if len(words) != self._count or any(words[index] != head for index, head in self._heads):
            return self._by_name(text, words)
        return [float(words[index]) for index in self._places]

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _use(self, entries: Sequence[Entry], words: Sequence[bytes]) -> None:
        self._count = len(words)
        self._places = [entry.word for entry in entries]
        self._heads = [(index, words[index]) for index in sorted({entry.head for entry in entries})]

    def _read(self) -> bytes:
        # The kernel hands such a file out in pieces of its own choice, and an empty one at the end.
        pieces, offset = [], 0
        while piece := os.pread(self._descriptor, _CHUNK_BYTES, offset):
            pieces.append(piece)
            offset += len(piece)
        return b"".join(pieces)

    def _entries(self, text: bytes) -> list[Entry]:
        lines, first = [], 0
        for line in text.translate(_SEPARATORS).split(b"\n"):
            words = [word.decode(errors="replace") for word in line.split()]
            if words:
                lines.append((first, words))
            first += len(words)
        return list(self._layout(iter(lines)))

    def _by_name(self, text: bytes, words: Sequence[bytes]) -> list[float]:
        """The values by name, and the layout kept for the next time if every name is there."""
        known = {entry.name: entry for entry in self._entries(text)}
        if all(name in known for name in self._names):
            self._use([known[name] for name in self._names], words)
        else:
            self._count = -1
        return [float(words[known[name].word]) if name in known else float("nan") for name in self._names]
