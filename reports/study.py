"""The case study's figures, read from data/study.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

_PATH = Path(__file__).parent / "data" / "study.toml"


@dataclass(frozen=True, slots=True)
class Problem:
    """What was wanted and what there was."""

    wanted_per_s: float
    reached_per_s: float
    memory_used_bytes: float
    memory_installed_bytes: float
    latency_s: float
    wanted_latency_s: float


@dataclass(frozen=True, slots=True)
class Marks:
    """The study's marks out of ten; depth was given to one approach only."""

    feasibility: float
    effect: float
    risk: float
    depth: float | None = None


@dataclass(frozen=True, slots=True)
class ClaimedApproach:
    """One of the five thoughts; `says` holds what was claimed in words."""

    name: str
    approach: str
    latency_s: float
    marks: Marks
    score: float
    speed_up: float | None = None
    per_s: float | None = None
    memory_before_bytes: float | None = None
    memory_bytes: float | None = None
    allocation_speed_up: float | None = None
    says: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Variant:
    """An approach on one kind of hardware: "scalar", "simd" or "gpu"."""

    name: str
    approach: str
    kind: str
    per_s: float


@dataclass(frozen=True, slots=True)
class ClaimedPhase:
    """One row of the study's results; `adds` is what the plan said the phase would multiply."""

    name: str
    per_s: float
    memory_bytes: float
    latency_s: float
    takes: str | None = None
    adds: float | None = None


@dataclass(frozen=True, slots=True)
class Goals:
    """What was claimed to be met: shares of the aims, and of what was before."""

    throughput_share: float
    memory_limit_bytes: float
    memory_cut: float
    latency_cut: float
    speed_up: float
    caching_alone: float


@dataclass(frozen=True, slots=True)
class Settings:
    """Numbers in the study's ideas and listing that are choices, not claims."""

    micro_batch_s: float
    batch: int
    buffer_readings: int
    pool_buffers: int
    pool_buffer_values: int


@dataclass(frozen=True, slots=True)
class Study:
    """Everything the study says in figures."""

    problem: Problem
    approach: tuple[ClaimedApproach, ...]
    variant: tuple[Variant, ...]
    phase: tuple[ClaimedPhase, ...]
    goals: Goals
    settings: Settings


@cache
def study() -> Study:
    """The figures.

    >>> len(study().approach), study().problem.wanted_per_s
    (5, 1000000.0)
    """
    values: dict[str, Any] = tomllib.loads(_PATH.read_text(encoding="utf-8"))
    return msgspec.convert(values, Study)
