"""Gather the evidence: drive two fresh workers through the stream, a prefix of it cut otherwise, and the scenarios."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.discovery import Entry
from harness.measure.process import Limits, Reply, Worker
from harness.measure.status import WorkerFailure
from harness.oracle import Oracle
from harness.results import Status
from harness.stream import Stream
from harness.units import format_seconds
from harness.verify.checks.twins import CUT, HASH_SEED
from harness.verify.evidence import Evidence, Run, Scenario, Subject, Twins, Window
from harness.verify.scenarios import SCRIPTS, Script, Step
from harness.verify.transcript import DamagedAnswer, Transcript

Progress = Callable[[str, float], None]
"""Told what is under way and which share of it is done."""

_READINGS_AN_ASK = 2_000_000
_SECONDS_AN_ASK = 1.0
_PREFIX_READINGS = 60_000
_PREFIX_SHARE = 0.1  # of the budget, at most, for each of the two prefix runs (but one window at least)
_WATCHED_CALLS = 6
_START_S = 120.0


@dataclass(slots=True)
class Budget:
    """Seconds that an implementation may take for all of its answers; start-up and our own checking do not count."""

    total_s: float
    spent_s: float = 0.0

    @property
    def left_s(self) -> float:
        """What is left, but never so little that a quick answer could not come."""
        return max(0.5, self.total_s - self.spent_s)


class Player:
    """A worker that is asked to play, within a budget, with answers put into transcripts."""

    def __init__(self, worker: Worker, budget: Budget) -> None:
        self._worker = worker
        self._budget = budget

    def start(self, stream: Stream) -> None:
        """Start on the stream's table, compile, connect; and see whether it is available at all."""
        self._worker.ask("start", {"folder": str(stream.folder)}, deadline_s=max(_START_S, self._budget.left_s))

    def play(
        self,
        transcript: Transcript,
        steps: Sequence[Step],
        request: dict[str, Any],
        arrays: dict[str, NDArray[Any]] | None = None,
        what: str = "",
    ) -> Reply:
        """Have `steps` played and take the answer into `transcript`."""
        began_s = time.monotonic()
        try:
            asked = {**request, "steps": [list(step) for step in steps]}
            reply = self._worker.ask("play", asked, arrays, deadline_s=self._budget.left_s)
            transcript.add(reply)
        except DamagedAnswer as error:
            self._worker.close()
            raise WorkerFailure(Status.FAILED, f"a forged or damaged answer in 'play' ({error})") from error
        except WorkerFailure as failure:
            allowed = f"; all answers together may take {format_seconds(self._budget.total_s)}"
            where = what + (allowed if failure.status is Status.TIMED_OUT else "")
            raise WorkerFailure(failure.status, f"{failure.reason} ({where})") from None
        finally:
            self._budget.spent_s += time.monotonic() - began_s
        return reply

    def give_up(self, reason: str) -> None:
        """End it: it would take too long."""
        self._worker.close()
        raise WorkerFailure(Status.TIMED_OUT, reason)


@dataclass(frozen=True, slots=True)
class Course:
    """How a stream is to be played: its batches and windows, the layout, and the steps around each window.

    Parameters
    ----------
    cuts : int64[b + 1]
    ends : int64[w]
        After how many batches each window closes.
    """

    cuts: NDArray[np.int64]
    ends: NDArray[np.int64]
    layout: str
    flushed: bool
    own_cuts: bool

    def steps(self, first: int, end: int) -> list[Step]:
        """The steps for batches `first` to `end`, with the windows that close among them."""
        found: list[Step] = []
        for close in self.ends[(self.ends > first) & (self.ends <= end)].tolist():
            found.append(("feed", first, close))
            if self.flushed:
                found += [("flush",), ("close",)]
            else:
                found += [("poll",), ("close",), ("history",)]
            first = close
        if first < end:
            found.append(("feed", first, end))
        if end == len(self.cuts) - 1:
            found += [("flush",), ("history",), ("table",)]
        return found


def gather(
    entry: Entry, stream: Stream, limits: Limits, budget_s: float, progress: Progress = lambda *_: None
) -> Iterator[Evidence]:
    """Yield evidence piece by piece, as soon as each is whole.

    Raises
    ------
    WorkerFailure
        If the implementation cannot run here, crashes, hangs, or would take longer than `budget_s`.
    """
    subject = Subject(entry.label, stream.workload)
    oracle = oracle_for(stream)
    budget = Budget(budget_s)
    reseeded = replace(
        limits, hash_seed=limits.hash_seed + 1, padding_bytes=limits.padding_bytes + 16, soiled_memory=True
    )
    worker, other = Worker(entry, limits), Worker(entry, reseeded)
    worker.spawn()
    try:
        other.spawn()  # so that both import side by side
        worker.load()
        if worker.described["unavailable"]:
            raise WorkerFailure(Status.UNAVAILABLE, str(worker.described["unavailable"]))
        layout = "mapped" if worker.described["input_layout"] == "records" else "arrays"
        main = Course(stream.cuts, stream.window_ends, layout, flushed=True, own_cuts=False)
        player = Player(worker, budget)
        player.start(stream)
        transcript = Transcript(subject, oracle, stream.records, stream.size.retain)
        yield from _windows(player, transcript, stream, main, budget, progress)
        first = transcript.run(flushed=True)
        yield first
        yield from first.histories
        prefix = _prefix(stream, budget)
        yield from _recut(player, first, stream, subject, oracle, main, prefix, progress)
        yield from _scenarios(player, subject, progress)
        worker.stop()
        other.load()
        bit_for_bit = not worker.described["sum_depends_on_scheduling"]
        yield from _reseeded(Player(other, budget), first, stream, subject, oracle, main, prefix, bit_for_bit)
        other.stop()
    finally:
        worker.close()
        other.close()


def _windows(
    player: Player, transcript: Transcript, stream: Stream, course: Course, budget: Budget, progress: Progress
) -> Iterator[Window]:
    """Play the whole stream in asks of about a second, yielding windows as they close."""
    batches = len(course.cuts) - 1
    done, at_once, yielded = 0, 1, 0
    chosen = random.Random(stream.digest)
    while done < batches:
        end = min(batches, done + at_once)
        watched = sorted({0, *(chosen.randrange(max(1, end - done)) for _ in range(_WATCHED_CALLS))})
        request = {"folder": str(stream.folder), "layout": course.layout, "wait_calls": watched}
        before_s = budget.spent_s
        player.play(transcript, course.steps(done, end), request, what=f"batches {done} to {end} of {batches}")
        took_s = budget.spent_s - before_s
        given, total = int(course.cuts[end]), len(stream)
        per_batch = (given - int(course.cuts[done])) / (end - done)
        # From this ask alone: the first call of all may have compiled.
        expected_s = budget.spent_s + took_s / (given - int(course.cuts[done])) * (total - given)
        if done and expected_s > 2 * budget.total_s:
            player.give_up(
                f"would take about {format_seconds(expected_s)} for {total} readings; "
                f"{format_seconds(budget.total_s)} are allowed"
            )
        fresh = transcript.windows(flushed=True, first=yielded)
        yielded += len(fresh)
        yield from fresh
        progress("stream", given / total)
        quick = _SECONDS_AN_ASK / max(took_s / (end - done), 1e-9)
        at_once = max(1, int(min(quick, _READINGS_AN_ASK / per_batch)))
        done = end


def _prefix(stream: Stream, budget: Budget) -> int:
    """How many windows the two runs over a prefix take: one at least."""
    readings = stream.cuts[stream.window_ends]
    seconds = readings / len(stream) * budget.spent_s
    fitting = (readings <= _PREFIX_READINGS) & (seconds <= _PREFIX_SHARE * budget.total_s)
    return max(1, int(np.count_nonzero(fitting)))


def _part(main: Course, windows: int) -> Course:
    """The course over the first `windows` windows."""
    batches = int(main.ends[windows - 1])
    return replace(main, cuts=main.cuts[: batches + 1], ends=main.ends[:windows])


def _other_cuts(part: Course, seed: str) -> Course:
    """The same windows cut otherwise: first a few tiny batches, then from a third to twice the size."""
    chosen = random.Random(seed)
    cuts, ends = [0], []
    usual = max(1, int(np.diff(part.cuts).max()))
    tiny = [1, 2, 3, 1, 5, 8, 13, 64]
    for close in part.cuts[part.ends].tolist():
        while cuts[-1] < close:
            length = tiny.pop() if tiny and chosen.random() < 0.7 else chosen.randint(max(1, usual // 3), 2 * usual)
            cuts.append(min(close, cuts[-1] + length))
        ends.append(len(cuts) - 1)
    layout = "arrays" if part.layout == "mapped" else "records"
    return Course(np.array(cuts, np.int64), np.array(ends, np.int64), layout, flushed=False, own_cuts=True)


def _played(player: Player, transcript: Transcript, stream: Stream, course: Course, what: str) -> Run:
    request = {"folder": str(stream.folder), "layout": course.layout, "wait_calls": [0, 1, 3, len(course.cuts) // 2]}
    steps: list[Step] = [("start", stream.size.retain), *course.steps(0, len(course.cuts) - 1)]
    player.play(transcript, steps, request, {"cuts": course.cuts} if course.own_cuts else None, what)
    return transcript.run(course.flushed)


def _recut(
    player: Player,
    first: Run,
    stream: Stream,
    subject: Subject,
    oracle: Oracle,
    main: Course,
    windows: int,
    progress: Progress,
) -> Iterator[Evidence]:
    progress("another cut", 0.0)
    named = replace(subject, workload=f"{subject.workload}, cut otherwise")
    transcript = Transcript(named, oracle, stream.records, stream.size.retain)
    run = _played(player, transcript, stream, _other_cuts(_part(main, windows), stream.digest), "another cut")
    yield from _pieces(run)
    yield Twins(CUT, first, run, sums_bit_for_bit=False)


def _reseeded(
    player: Player,
    first: Run,
    stream: Stream,
    subject: Subject,
    oracle: Oracle,
    main: Course,
    windows: int,
    bit_for_bit: bool,
) -> Iterator[Evidence]:
    player.start(stream)
    named = replace(subject, workload=f"{subject.workload}, another hash seed and soiled memory")
    transcript = Transcript(named, oracle, stream.records, stream.size.retain)
    run = _played(player, transcript, stream, _part(main, windows), "another hash seed")
    yield from _pieces(run)
    yield Twins(HASH_SEED, first, run, bit_for_bit)


def _pieces(run: Run) -> Iterator[Evidence]:
    yield run
    yield from run.windows
    yield from run.histories


def _scenarios(player: Player, subject: Subject, progress: Progress) -> Iterator[Scenario]:
    for index, script in enumerate(SCRIPTS):
        progress("scenarios", index / len(SCRIPTS))
        yield Scenario(script.name, _scenario(player, subject, script))


def _scenario(player: Player, subject: Subject, script: Script) -> Run:
    for part in script.parts:
        named = replace(subject, workload=f"scenario {script.name}")
        transcript = Transcript(named, Oracle(part.sensors), part.records, part.retain)
        sensors = part.sensors
        arrays = {
            "id": sensors.id,
            "gain": sensors.gain,
            "offset": sensors.offset,
            "records": part.records.view("V16"),
            "cuts": part.cuts,
        }
        request = {"layout": part.layout, "poison_outputs": part.poison_outputs}
        player.play(transcript, (*part.steps, ("table",)), request, arrays, what=f"scenario {script.name}")
    return transcript.run(flushed=False)


_known: dict[str, Oracle] = {}


def oracle_for(stream: Stream) -> Oracle:
    """The oracle of a stream's table; that of the stream asked for last is kept."""
    if stream.digest not in _known:
        _known.clear()
        _known[stream.digest] = Oracle(stream.sensors)
    return _known[stream.digest]
