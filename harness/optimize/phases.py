"""What the study claims for: its phases as switches of ``phased``, and who stands for each of its approaches."""

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


@dataclass(frozen=True, slots=True)
class Standing:
    """An implementation that stands for one of the study's approaches, and the load that latency is claimed for."""

    implementation: str
    offered_per_s: float


STANDINGS = (
    Standing("cached", 500_000.0),
    Standing("hash_indexed", 1_200_000.0),
    Standing("ring_buffer", 1_200_000.0),
    Standing("simd", 3_000_000.0),
    Standing("gpu_cupy", 5_000_000.0),
    Standing("gpu_numba", 5_000_000.0),
    Standing("object_pooled", 1_000_000.0),
    Standing("arena", 1_000_000.0),
)
"""The throughput claimed for it is the load; where none is, the one that the study asks for."""


def entry_with(techniques: Iterable[str]) -> Entry:
    """``phased`` with these techniques on and all others off; those that are on by default are not named.

    >>> entry_with(("hash_index", "ring_buffer", "pool", "arena")).label
    'phased[simd=false]'
    """
    entry = find("processors", PROCESSOR)
    on = set(techniques)
    return Entry(entry.kind, entry.name, entry.reference, {name: False for name in TECHNIQUES if name not in on})
