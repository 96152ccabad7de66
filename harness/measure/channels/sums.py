"""What a timed consumer's sums must be: the proof of every timed reading, by whoever knows what went in."""

from dataclasses import dataclass

import numpy as np

from harness.contract import Readings

_MODULUS = 1 << 64

Sums = tuple[int, int, int]
"""Readings, the sum of their words, and that of each word times its place; the sums modulo 2**64."""


@dataclass(frozen=True)
class ExpectedSums:
    """Sums over the endless repetition of `content`, in O(1) once the prefix sums are made.

    Examples
    --------
    >>> one = Readings(np.ones(2, np.uint32), np.zeros(2, np.int64), np.zeros(2, np.float32))
    >>> [total >> 32 for total in ExpectedSums(one).until(3)[1:]]
    [3, 3]
    """

    content: Readings

    def __post_init__(self) -> None:
        content = self.content
        words = np.ascontiguousarray(content.time).view(np.uint64)
        words = words ^ (content.sensor_id.astype(np.uint64) << np.uint64(32))
        words ^= np.ascontiguousarray(content.value).view(np.uint32)
        places = np.arange(len(words), dtype=np.uint64)
        object.__setattr__(self, "_plain", np.concatenate(([np.uint64(0)], np.cumsum(words))))
        object.__setattr__(self, "_weighed", np.concatenate(([np.uint64(0)], np.cumsum(words * places))))

    def until(self, end: int) -> Sums:
        """Sums of the first `end` readings."""
        length = len(self.content)
        passes, rest = divmod(end, length)
        a_pass, in_part = self._at("_plain", length), self._at("_plain", rest)
        plain = passes * a_pass + in_part
        weighed = (
            length * a_pass * (passes * (passes - 1) // 2)
            + passes * self._at("_weighed", length)
            + passes * length * in_part
            + self._at("_weighed", rest)
        )
        return end, plain % _MODULUS, weighed % _MODULUS

    def _at(self, name: str, position: int) -> int:
        return int(getattr(self, name)[position])
