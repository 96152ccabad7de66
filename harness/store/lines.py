r"""One record a line, each with its own checksum: made and found again, also among damage.

A line is ``crc32 length json\n``: the checksum of the JSON as eight hexadecimal digits, its bytes as a decimal
number, the JSON in ASCII. JSON holds no raw line feed, and quotes inside its texts are escaped, so that no intact
record can be found inside another one.
"""

import re
import zlib
from dataclasses import dataclass
from typing import Any

from harness.errors import StoreError
from harness.store.encoding import decode, encode

_HEAD = re.compile(rb"([0-9a-f]{8}) (0|[1-9][0-9]{0,11}) (?=\{)")


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of a store that are no intact record.

    Parameters
    ----------
    offset, length_bytes : int
        Where in the file; a missing line feed is a damage of 0 bytes.
    torn : bool
        Whether it is a tail without a line feed: an append that was cut off, or is going on at this moment.
    """

    offset: int
    length_bytes: int
    torn: bool

    def __str__(self) -> str:
        what = "the last record was cut off, or is being written" if self.torn else "no intact record"
        return f"bytes {self.offset} to {self.offset + self.length_bytes}: {what}; everything else is kept"


@dataclass(frozen=True, slots=True)
class Found:
    """An intact record and the offset just behind its JSON."""

    record: dict[str, Any]
    end: int


def line_of(record: dict[str, Any]) -> bytes:
    """`record` as one checked line, its line feed included."""
    text = encode(record).encode("ascii")
    return b"%08x %d %s\n" % (zlib.crc32(text), len(text), text)


def parse(content: bytes) -> tuple[list[Found], list[Damage]]:
    """All intact records of `content` in file order, and everything around them that is none.

    O(bytes), unless whole heads are forged in numbers; damage costs only the records it touches.
    """
    found: list[Found] = []
    damage: list[Damage] = []
    intact_to = position = 0
    while (head := _HEAD.search(content, position)) is not None:
        record = _record_at(content, head)
        if record is None:
            position = head.start() + 1
            continue
        _note_gap(damage, content, intact_to, head.start())
        found.append(record)
        intact_to = position = record.end + content.startswith(b"\n", record.end)
    _note_gap(damage, content, intact_to, len(content))
    if found and found[-1].end == len(content):
        damage.append(Damage(len(content), 0, torn=True))
    return found, damage


def _note_gap(damage: list[Damage], content: bytes, start: int, end: int) -> None:
    if end > start:
        torn = end == len(content) and not content.endswith(b"\n")
        damage.append(Damage(start, end - start, torn))


def _record_at(content: bytes, head: re.Match[bytes]) -> Found | None:
    start, end = head.end(), head.end() + int(head.group(2))
    if end > len(content) or content[end - 1 : end] != b"}" or content.find(b"\n", start, end) >= 0:
        return None  # cheap, so that junk that looks like heads does not cost a checksum each
    text = content[start:end]
    if zlib.crc32(text) != int(head.group(1), 16):
        return None
    try:
        record = decode(text)
    except StoreError:
        return None
    if not isinstance(record, dict) or not isinstance(record.get("kind"), str):
        return None
    return Found(record, end)
