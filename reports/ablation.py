"""What an ablation has found out, from the records of a stored run."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.results import Cell, Interval, Latency, from_builtins, to_builtins
from reports.load import Run
from reports.text import BYTES, COUNTS, SECONDS, quantity, span, times

KIND = "ablation"
SIZING_KIND = "ablation_sizing"

NAMES = {
    "hash_index": "hash index",
    "ring_buffer": "ring buffer",
    "pool": "pool",
    "arena": "arena",
    "simd": "SIMD",
}


@dataclass(frozen=True, slots=True)
class Rung:
    """One comparison: a phase or a technique against something else.

    Parameters
    ----------
    study : "ladder", "step", "alone", "without" or "approach"
    on : tuple of str
        The techniques in use.
    cell : Cell
        With the speed-up over what it was paired with.
    gentle : Latency or None
        At half of what the ladder's foot can do.
    """

    study: str
    name: str
    on: tuple[str, ...]
    cell: Cell
    gentle: Latency | None

    @property
    def ratio(self) -> Interval | None:
        """How many times as fast as what it was paired with; None without a proof."""
        return self.cell.speed_up.ratio if self.cell.verified and self.cell.speed_up else None

    @property
    def per_s(self) -> Interval | None:
        """Readings a second; None without a proof."""
        return self.cell.throughput.per_s if self.cell.verified and self.cell.throughput else None

    @property
    def peak_bytes(self) -> int | None:
        """Peak over runtime; None without a proof."""
        return self.cell.memory.peak_bytes if self.cell.verified and self.cell.memory else None

    @property
    def p99_s(self) -> float | None:
        """Service time of a call at the 99th percentile, or the longest of fewer than 100 calls."""
        service = self.cell.service if self.cell.verified else None
        return None if service is None else service.p99_s if service.p99_s is not None else service.max_s


@dataclass(frozen=True, slots=True)
class Technique:
    """What one technique does to the time of a reading.

    Parameters
    ----------
    alone, company : Interval or None
        How many times as fast: added to nothing; added to all others.
    memory_alone, memory_company : float or None
        Peak memory with it over peak memory without it.
    """

    name: str
    alone: Interval | None
    company: Interval | None
    memory_alone: float | None
    memory_company: float | None
    latency_company: float | None

    @property
    def interaction(self) -> Interval | None:
        """How many times more it gains in company than alone; 1 if the others do not matter to it.

        The two are measured apart, so the half-widths of their intervals, as logarithms, add up in quadrature.
        """
        if self.alone is None or self.company is None:
            return None
        ratio = self.company.median / self.alone.median
        below, above = (
            math.hypot(*(math.log(getattr(one, end) / one.median) for one in (self.company, self.alone)))
            for end in ("low", "high")
        )
        return Interval(ratio, ratio * math.exp(-below), ratio * math.exp(above))


@dataclass(frozen=True, slots=True)
class Ladder:
    """All comparisons on one workload at one number of sensors."""

    workload: str
    sensors: int
    size: str
    at_study_rate: bool
    rungs: tuple[Rung, ...]
    steps: tuple[Rung, ...]
    alone: tuple[Rung, ...]
    without: tuple[Rung, ...]
    approaches: tuple[Rung, ...]

    @property
    def all(self) -> tuple[Rung, ...]:
        """Every comparison."""
        return (*self.rungs, *self.steps, *self.alone, *self.without, *self.approaches)

    @property
    def foot(self) -> Rung | None:
        """The rung before anything was done."""
        return next((rung for rung in self.rungs if not rung.on), None)

    @property
    def top(self) -> Rung | None:
        """The rung with the most techniques."""
        return max(self.rungs, key=lambda rung: len(rung.on), default=None)

    def rung(self, name: str) -> Rung | None:
        """The rung of that name."""
        return next((rung for rung in self.rungs if rung.name == name), None)

    def step(self, name: str) -> Interval | None:
        """How many times as fast as the rung below; the first step is over the foot."""
        found = next((step for step in self.steps if step.name == name), None)
        if found is not None:
            return found.ratio
        first = self.rungs[1] if len(self.rungs) > 1 else None
        return first.ratio if first is not None and first.name == name else None

    def techniques(self) -> tuple[Technique, ...]:
        """Each technique alone and in company, as far as both were measured."""
        alone = {rung.name: rung for rung in self.alone}
        without = {rung.name: rung for rung in self.without}
        foot, top = self.foot, self.top
        return tuple(
            Technique(
                name,
                alone[name].ratio if name in alone else None,
                _inverse(without[name].ratio) if name in without else None,
                _share(alone.get(name), foot),
                _share(top, without.get(name)),
                _share(top, without.get(name), "p99_s"),
            )
            for name in dict.fromkeys([*alone, *without])
        )


def ladders(run: Run) -> tuple[Ladder, ...]:
    """The ladders of `run`, in the order they were measured; of a comparison made twice the newer."""
    study_rate = {
        size["name"]
        for record in run.records.get(SIZING_KIND, ())
        if record.get("aim_per_s")
        for size in record["sizes"][:1]
    }
    groups: dict[tuple[str, int, str], dict[tuple[str, str], Rung]] = {}
    for record in run.records.get(KIND, ()):
        key = (record["workload"], record["sensors"], record["size"])
        groups.setdefault(key, {})[record["study"], record["name"]] = _rung(record)
    found = []
    for (workload, sensors, size), rungs in groups.items():
        by = {name: tuple(rung for rung in rungs.values() if rung.study == name) for name in _STUDIES}
        rungs_in_order = tuple(sorted(by["ladder"], key=lambda rung: len(rung.on)))
        at_study_rate = size in study_rate
        others = (by[name] for name in _STUDIES[1:])
        found.append(Ladder(workload, sensors, size, at_study_rate, rungs_in_order, *others))
    return tuple(found)


_STUDIES = ("ladder", "step", "alone", "without", "approach")


def _rung(record: Any) -> Rung:
    gentle = record.get("gentle_latency")
    return Rung(
        record["study"],
        record["name"],
        tuple(record["on"]),
        from_builtins(record["cell"], Cell),
        from_builtins(gentle, Latency) if gentle else None,
    )


def _inverse(ratio: Interval | None) -> Interval | None:
    return None if ratio is None else Interval(1 / ratio.median, 1 / ratio.high, 1 / ratio.low)


def _share(with_it: Rung | None, without_it: Rung | None, what: str = "peak_bytes") -> float | None:
    if with_it is None or without_it is None:
        return None
    over, under = getattr(with_it, what), getattr(without_it, what)
    return over / under if over is not None and under else None


def ladders_json(found: Iterable[Ladder]) -> Any:
    """The ladders as JSON values."""
    return [
        {
            **to_builtins(ladder),
            "techniques": [
                {**to_builtins(technique), "interaction": to_builtins(technique.interaction)}
                for technique in ladder.techniques()
            ],
        }
        for ladder in found
    ]


def shown_ratio(ratio: Interval | None) -> str:
    """A ratio with its interval as one text.

    >>> shown_ratio(Interval(11.9, 11.2, 12.6))
    '11.9× (11.2–12.6)'
    """
    return "" if ratio is None else f"{times(ratio.median)} ({span(ratio.low, ratio.high)})"


def effects_text(ladder: Ladder) -> Iterable[tuple[str, Sequence[str], list[list[str]]]]:
    """Title, columns and rows of plain tables: the ladder, then the techniques if they were measured."""
    rows = []
    for rung in ladder.rungs:
        latency = rung.cell.latency
        rows.append(
            [
                rung.name,
                quantity(COUNTS, rung.per_s.median) + "/s" if rung.per_s else rung.cell.reason or rung.cell.status,
                shown_ratio(rung.ratio),
                shown_ratio(ladder.step(rung.name)),
                quantity(BYTES, rung.peak_bytes) if rung.peak_bytes is not None else "",
                quantity(SECONDS, rung.p99_s) if rung.p99_s is not None else "",
                _latency(rung.gentle),
                _latency(latency),
            ]
        )
    columns = (
        "phase",
        "throughput",
        "over before",
        "over the one below",
        "peak memory",
        "p99 of a call",
        "latency p99, half of before's load",
        "latency p99 at 1 M/s",
    )
    yield f"{ladder.workload}, {ladder.sensors:,} sensors", columns, rows
    if ladder.approaches:
        yield (
            "each approach",
            ("implementation", "approach", "throughput", "over before", "peak memory", "latency p99"),
            [_approach_text(rung) for rung in ladder.approaches],
        )
    if ladder.alone or ladder.without:
        yield (
            "each technique",
            ("technique", "alone", "in company", "interaction", "memory alone", "memory in company", "p99 in company"),
            [
                [
                    NAMES.get(one.name, one.name),
                    shown_ratio(one.alone),
                    shown_ratio(one.company),
                    shown_ratio(one.interaction),
                    *(times(value) if value is not None else "" for value in (one.memory_alone, one.memory_company)),
                    times(one.latency_company) if one.latency_company is not None else "",
                ]
                for one in ladder.techniques()
            ],
        )


def _approach_text(rung: Rung) -> list[str]:
    load = f" at {quantity(COUNTS, rung.cell.latency.offered_per_s)}/s" if rung.cell.latency else ""
    return [
        rung.name,
        rung.cell.approach or "",
        quantity(COUNTS, rung.per_s.median) + "/s" if rung.per_s else rung.cell.reason or rung.cell.status,
        shown_ratio(rung.ratio),
        quantity(BYTES, rung.peak_bytes) if rung.peak_bytes is not None else "",
        f"{_latency(rung.cell.latency)}{load}",
    ]


def _latency(latency: Latency | None) -> str:
    if latency is None or latency.p99_s is None:
        return ""
    if not latency.valid:
        return "not valid"
    if not latency.kept_up:
        return "did not keep up"
    return quantity(SECONDS, latency.p99_s)
