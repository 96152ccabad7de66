"""The study's phases as choices of techniques, which are switches of ``phased``."""

from collections.abc import Iterable
from dataclasses import dataclass

from harness.discovery import Entry, find

TECHNIQUES = ("hash_index", "ring_buffer", "pool", "arena", "simd")
"""The switches in the order in which the study takes them up."""

PROCESSOR = "phased"


@dataclass(frozen=True, slots=True)
class Phase:
    """A step of the study's plan: its name, and all techniques in use by then."""

    name: str
    techniques: tuple[str, ...]


PHASES = (
    Phase("before", ()),
    Phase("phase 1", TECHNIQUES[:2]),
    Phase("phase 2", TECHNIQUES[:4]),
    Phase("phase 3", TECHNIQUES),
)


def entry_with(techniques: Iterable[str]) -> Entry:
    """``phased`` with these techniques on and all others off; those that are on by default are not named.

    >>> entry_with(("hash_index", "ring_buffer", "pool", "arena")).label
    'phased[simd=false]'
    """
    entry = find("processors", PROCESSOR)
    on = set(techniques)
    return Entry(entry.kind, entry.name, entry.reference, {name: False for name in TECHNIQUES if name not in on})
