"""The plan of a run: which implementations on which workloads at which sizes, with how much effort."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.contract.parameters import Value
from harness.discovery import Entry
from harness.results import Level, from_builtins, to_builtins

DEFAULT_BASELINES = ("naive", "hash_indexed", "sorted_indexed")
"""The baseline is the first of these that can do the size."""


DEFAULT_PASSES = ("throughput", "memory", "latency")
"""What is measured unless more is asked for."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An implementation as the plan keeps it: enough to load it again on resume."""

    name: str
    reference: str
    parameters: Mapping[str, Value] = field(default_factory=dict)

    @classmethod
    def of(cls, entry: Entry) -> "Subject":
        """The subject that `entry` is."""
        return cls(entry.name, entry.reference, dict(entry.parameters))

    @property
    def entry(self) -> Entry:
        """The entry to load it by."""
        return Entry("processors", self.name, self.reference, dict(self.parameters))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run was asked for; everything that resuming it needs.

    Parameters
    ----------
    subjects : tuple of Subject
    named : tuple of str
        Labels of those the user named: only these change the exit code when they are unavailable.
    workloads : tuple of str
        As the user wrote them.
    size : str or None
        Requested size; None lets each workload choose.
    baselines : tuple of str
        Labels in order of preference; empty for none.
    passes : tuple of str
        Which measurements to make: throughput, memory, latency, capacity.
    """

    subjects: tuple[Subject, ...]
    named: tuple[str, ...]
    workloads: tuple[str, ...]
    size: str | None
    level: Level
    baselines: tuple[str, ...]
    threads: int = 1
    seed: int = 0
    memory_budget_bytes: int | None = None
    sensors_path: str | None = None
    passes: tuple[str, ...] = DEFAULT_PASSES

    def to_builtins(self) -> object:
        """As JSON values."""
        return to_builtins(self)

    @classmethod
    def from_builtins(cls, values: object) -> "Plan":
        """From JSON values."""
        return from_builtins(values, cls)
