"""Measure a case as `sensorbench run` measures a cell: pairs of fresh processes by turns, timed calls checked."""

import os
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cases import Case

from harness.contract import Size
from harness.discovery import Entry, find
from harness.discovery import workload as find_workload
from harness.measure.machine.roofline import roofline
from harness.measure.processes.handle import Limits
from harness.measure.speed.effort import EFFORTS, Effort
from harness.measure.speed.throughput import Account, Duel, Taken, cpus_for, set_up_of, speed_up_of, throughput_of
from harness.results import Level
from harness.stream import Stream, readings_to_fill, write_stream
from harness.verify import check_samples

QUICK, FULL = EFFORTS[Level.QUICK], EFFORTS[Level.DEFAULT]
_SEED = 6


@dataclass(frozen=True, slots=True)
class Figure:
    """What came of a case.

    Parameters
    ----------
    ratio, low, high
        How many times as fast the candidate is, with its interval.
    candidate_per_s, baseline_per_s
        Readings a second, geometric means over the processes of each one's median.
    roofline_share
        Of what copying allows at the footprint, on as many threads.
    first_answer_s
        From the candidate's `start` to its first answer, the compiled loops on disk: median over the processes.
    pairs, audits
        Pairs of processes, and timed windows of both that were checked reading by reading, all of them right.
    """

    ratio: float
    low: float
    high: float
    candidate_per_s: float
    baseline_per_s: float
    roofline_share: float
    first_answer_s: float
    pairs: int
    audits: int

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def measure(case: Case, effort: Effort, folder: Path, say: Callable[[str], None]) -> Figure:
    """Take pairs of the case until the effort is satisfied; a wrong answer ends it with an exception."""
    stream = _stream(case, folder)
    candidate, baseline = find("processors", case.candidate), find("processors", case.baseline)
    taken = (Taken(), Taken())
    duel = Duel(
        stream,
        readings_to_fill(stream),
        effort,
        Limits(threads=case.threads),
        1,
        _check,
        random.Random(_SEED),
    )
    cpus = cpus_for("many" if case.threads > 1 else "one", case.threads)
    versus = duel.versus(
        baseline,
        candidate,
        cpus,
        taken,
        Account(),
        lambda done, expected: say(f"{case.title}: {case.candidate} against {case.baseline}, {done} of {expected}"),
    )
    speed_up = speed_up_of(versus, case.baseline, 1, effort)
    assert speed_up is not None
    per_s = throughput_of(taken[1]).per_s.median
    staged = 2 * throughput_of(taken[1]).readings_per_sample
    roof = roofline(staged, case.sensors, case.retain, case.threads)
    return Figure(
        ratio=speed_up.ratio.median,
        low=speed_up.ratio.low,
        high=speed_up.ratio.high,
        candidate_per_s=per_s,
        baseline_per_s=throughput_of(taken[0]).per_s.median,
        roofline_share=roof.share(per_s),
        first_answer_s=set_up_of(taken[1]).first_answer_s,
        pairs=taken[1].pairs,
        audits=taken[0].audits + taken[1].audits,
    )


def _stream(case: Case, folder: Path) -> Stream:
    size = Size("speed", 3 * case.window, case.sensors, case.batch, case.retain, windows=3)
    label, workload = find_workload(case.workload)
    where = folder / f"{case.workload}-{case.sensors}-{case.batch}-{case.window}"
    return Stream.open(where) if where.exists() else write_stream(workload, label, size, where)


def _check(entry: Entry, samples: Any, stream: Stream) -> Any:
    return check_samples(entry.label, stream, samples, random.Random())


def machine() -> dict[str, Any]:
    """What the figures belong to."""
    from harness.machine.fingerprint import fingerprint

    found = fingerprint().as_dict()
    return {"cpu": found["cpu"]["model"], "cpus": os.cpu_count()}
