"""What a run finds out, as frozen data: one :class:`Cell` an implementation, workload and size.

Everything here is plain data for the store and the reports. What was not measured is None, never 0.
``to_builtins`` and ``from_builtins`` turn it into JSON values and back, checking types.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

CellKey = tuple[str, str, str, int]
"""What makes it the same cell again: implementation, workload, requested size, threads."""


class Status(StrEnum):
    """What became of a cell."""

    OK = "ok"
    WRONG = "wrong"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"


class Level(StrEnum):
    """How much effort a run takes."""

    QUICK = "quick"
    DEFAULT = "default"
    RIGOROUS = "rigorous"


@dataclass(frozen=True, slots=True)
class Failure:
    """One check that failed, at its first place.

    `batch` and `position` (of the reading in the stream) are None where they mean nothing.
    """

    check: str
    implementation: str
    workload: str
    batch: int | None
    position: int | None
    expected: str
    got: str
    allowed: str

    def __str__(self) -> str:
        place = [f"batch {self.batch}" if self.batch is not None else ""]
        place.append(f"position {self.position}" if self.position is not None else "")
        where = ", ".join([self.implementation, self.workload, *filter(None, place)])
        return f"{self.check} ({where}): expected {self.expected}, got {self.got}, allowed {self.allowed}"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found: nothing, or the first failures."""

    check: str
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """The proof of a cell: every check with its outcome, and how close the worst value came to its bound.

    Errors are in units in the last place (ULP) of the exact float32 result; `worst_share` is the largest
    error as a share of what is allowed there (1 is the bound itself).
    """

    checks: tuple[CheckResult, ...]
    readings: int
    seconds: float
    worst_error_ulp: float | None = None
    allowed_there_ulp: float | None = None
    worst_share: float | None = None
    timed_calls_checked: int = 0

    @property
    def verified(self) -> bool:
        """Whether all checks were made and none failed."""
        return bool(self.checks) and not any(result.failures for result in self.checks)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """All failures."""
        return tuple(failure for result in self.checks for failure in result.failures)


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the ends of its interval."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SetUp:
    """Seconds from `start` to its return, and from `start` to the first value, in a fresh process."""

    start_s: float
    first_answer_s: float


@dataclass(frozen=True, slots=True)
class Throughput:
    """Readings a second: geometric mean over the fresh processes, of each the median, with its 95% interval.

    `samples` were taken by turns in `pairs` pairs. `sample_process` numbers the fresh process that each of
    `sample_ns_per_reading` is of: a baseline's process may have stayed for several pairs.
    `steady` is None where there were too few samples to say; where it is False, `trend` says what still trended.
    """

    per_s: Interval
    samples: int
    pairs: int
    readings_per_sample: int
    windows_per_sample: int
    warm_up_s: float
    warm_up_calls: int
    history_full: bool
    steady: bool | None
    sample_ns_per_reading: tuple[float, ...] = ()
    start_s: float | None = None
    roofline_share: float | None = None
    working_set_bytes: int | None = None
    fits: str | None = None
    sample_process: tuple[int, ...] = ()
    trend: str | None = None

    @property
    def ns_by_process(self) -> tuple[tuple[float, ...], ...]:
        """Time per reading of the samples of each fresh process; empty where they cannot be told apart.

        Stores of before `sample_process` hold the samples pair after pair, equally many of each: there a pair counts
        as a process.
        """
        times = self.sample_ns_per_reading
        if len(self.sample_process) == len(times):
            owners = self.sample_process
        elif not self.sample_process and self.pairs > 0 and len(times) % self.pairs == 0:
            owners = tuple(index * self.pairs // len(times) for index in range(len(times)))
        else:
            return ()
        groups: dict[int, list[float]] = {}
        for owner, time in zip(owners, times, strict=True):
            groups.setdefault(owner, []).append(time)
        return tuple(map(tuple, groups.values()))


@dataclass(frozen=True, slots=True)
class SpeedUp:
    """How much faster than the baseline, from the same pairs.

    `effects` are the natural logarithms of (time of this one / time of the baseline), one a pair.
    `verdict` is faster, slower, same, inconclusive, or None where the level gives none.
    `detectable` is the smallest difference (as a share) that these pairs could have shown; None without a verdict.
    """

    ratio: Interval
    baseline: str
    effects: tuple[float, ...]
    confidence: float
    verdict: str | None
    detectable: float | None
    level: Level


@dataclass(frozen=True, slots=True)
class Service:
    """Closed-loop service time of single calls: seconds at percentiles."""

    batch: int
    calls: int
    p50_s: float
    p99_s: float | None
    max_s: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes: runtime, peak over it, history()'s copy, retained after a collection; None where not measurable."""

    runtime_bytes: int | None = None
    peak_bytes: int | None = None
    history_bytes: int | None = None
    retained_bytes: int | None = None
    allocations_per_batch: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Latency:
    """Open-loop latency from intended arrival to hand-back, seconds."""

    offered_per_s: float
    p50_s: float | None
    p99_s: float | None
    p999_s: float | None
    max_s: float | None
    kept_up: bool
    valid: bool = True
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Capacity:
    """The highest sustainable offered load at an SLO; None where no load that was tried is sustainable."""

    per_s: float | None
    slo_percentile: float
    slo_s: float
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cell:
    """All that is known of one implementation on one workload at one size."""

    implementation: str
    workload: str
    size: str
    requested_size: str
    workload_digest: str | None
    threads: int
    status: Status
    reason: str | None
    proof: Proof | None = None
    set_up: SetUp | None = None
    throughput: Throughput | None = None
    speed_up: SpeedUp | None = None
    service: Service | None = None
    memory: Memory | None = None
    latency: Latency | None = None
    capacity: Capacity | None = None
    approach: str | None = None
    is_real: bool = False
    notes: tuple[str, ...] = ()
    facts: Mapping[str, float | int | str] = field(default_factory=dict)
    counters: Mapping[str, Any] = field(default_factory=dict)
    """The processor's counters: `per_reading` by name, what is `missing` and why, whether `whole` (all threads)."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    account_s: Mapping[str, float] = field(default_factory=dict)
    """Where the time of making it went; empty for one that was only proved, and then put under load."""

    @property
    def verified(self) -> bool:
        """Whether its outputs were proved right on this very workload."""
        return self.status is Status.OK and self.proof is not None and self.proof.verified

    @property
    def key(self) -> CellKey:
        """What makes it the same cell again."""
        return (self.implementation, self.workload, self.requested_size, self.threads)


@dataclass(frozen=True, slots=True)
class Carried:
    """Readings a second through a channel in batches of one length, from `put` in one process to read in another.

    `checked` readings of the timed samples were compared, by a sum over every bit and its place, with what was put in.
    """

    batch: int
    per_s: Interval
    samples: int
    pairs: int
    checked: int
    speed_up: SpeedUp | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """Seconds from when a batch was to be put in until the consumer had it, at a rate far below what is possible."""

    batch: int
    offered_per_s: float
    count: int
    p50_s: float
    p99_s: float | None
    p999_s: float | None
    max_s: float
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChannelResult:
    """All that is known of one channel; `cpus` are those of the producer and the consumer."""

    channel: str
    status: Status
    reason: str | None
    proof: Proof | None = None
    approach: str | None = None
    survives: bool = False
    overflows: tuple[str, ...] = ()
    capacity: int | None = None
    cpus: tuple[int, ...] = ()
    carried: tuple[Carried, ...] = ()
    hand_over: HandOver | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def verified(self) -> bool:
        """Whether it was proved to carry readings as the contract asks."""
        return self.status is Status.OK and self.proof is not None and self.proof.verified


def to_builtins(data: object) -> Any:
    """`data` as JSON values (dict, list, str, int, float, bool, None)."""
    return msgspec.to_builtins(data)


def from_builtins(values: object, kind: type[T]) -> T:
    """JSON values as an instance of `kind`; raises ``msgspec.ValidationError`` on anything that does not fit."""
    return msgspec.convert(values, kind)
