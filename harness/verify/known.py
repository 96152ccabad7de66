"""Values that an implementation was proved to hand back for a stream: what its timed calls must hand back again."""

import hashlib
import tempfile

import numpy as np

from harness.contract import Floats
from harness.stream import Stream

_known: dict[tuple[str, str], bytes] = {}
_contents: dict[bytes, Floats] = {}


class KnownValues:
    """Gathers the values of one stream while they are proved, in a file that has no name: no worker can look it up."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._values = _nameless(len(stream))

    def add(self, first_position: int, values: Floats) -> None:
        """Take in the values of one window."""
        self._values[first_position : first_position + len(values)] = values

    def keep(self, implementation: str) -> None:
        """They are proved: keep them as those of `implementation`; equal ones are kept once."""
        content = hashlib.sha256(np.fmin(self._values, np.float32(np.inf)).tobytes()).digest()
        _contents.setdefault(content, self._values)
        _known[self._stream.digest, implementation] = content


def values_of(implementation: str, stream: Stream) -> Floats | None:
    """The values proved for `implementation` on `stream`, NaN where rejected; None where nothing was proved."""
    content = _known.get((stream.digest, implementation))
    return None if content is None else _contents[content]


def forget(stream: Stream) -> None:
    """Let go of all that was proved on `stream`."""
    for place in [place for place in _known if place[0] == stream.digest]:
        del _known[place]
    for content in set(_contents) - set(_known.values()):
        del _contents[content]


def _nameless(count: int) -> Floats:
    with tempfile.TemporaryFile() as file:
        file.truncate(max(count, 1) * 4)
        return np.memmap(file, np.float32, "r+", shape=(count,))
