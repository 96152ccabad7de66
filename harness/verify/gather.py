"""Gather the evidence: drive two fresh workers through the stream, a prefix of it cut otherwise, and the scenarios."""

import random
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace

import numpy as np

from harness.discovery import Entry
from harness.measure.processes.handle import Limits, Worker
from harness.measure.processes.status import WorkerFailure
from harness.oracle import Oracle
from harness.results import Status
from harness.stream import Stream
from harness.verify.checks.twins import CUT, HASH_SEED
from harness.verify.course import Course
from harness.verify.evidence import Evidence, Run, Scenario, Subject, Twins
from harness.verify.player import Budget, Player
from harness.verify.scenarios import SCRIPTS, Script, Step
from harness.verify.transcript import Transcript

Progress = Callable[[str, float], None]
"""Told what is under way and which share of it is done."""

_READINGS_AN_ASK = 2_000_000
_SECONDS_AN_ASK = 1.0
_PREFIX_READINGS = 60_000
_PREFIX_SHARE = 0.1  # of the budget, at most, for each of the two prefix runs (but one window at least)
_WATCHED_CALLS = 6
_CERTAINLY_BEYOND = 2.0
"""Budgets that one ask has to foretell to end the proof there: on a loud machine an ask may take twice its time."""


def gather(
    entry: Entry, stream: Stream, limits: Limits, budget_s: float, progress: Progress = lambda *_: None
) -> Iterator[Evidence]:
    """Yield evidence piece by piece, as soon as each is whole.

    Raises
    ------
    WorkerFailure
        If the implementation cannot run here, crashes, hangs, takes longer than `budget_s`, or has a rate at which it
        would take more than twice that.
    """
    others = replace(
        limits, hash_seed=limits.hash_seed + 1, padding_bytes=limits.padding_bytes + 16, soiled_memory=True
    )
    worker, other = Worker(entry, limits), Worker(entry, others)
    worker.spawn()
    try:
        other.spawn()  # so that both import side by side
        worker.load()
        if worker.described["unavailable"]:
            raise WorkerFailure(Status.UNAVAILABLE, str(worker.described["unavailable"]))
        gatherer = _Gatherer(Subject(entry.label, stream.workload), stream, Budget(budget_s), progress)
        course = Course.of(stream, str(worker.described["input_layout"]))
        first = yield from gatherer.whole(worker, course)
        prefix = course.part(gatherer.prefix_windows())
        yield from gatherer.cut_otherwise(worker, first, prefix)
        yield from gatherer.scenarios(worker)
        worker.stop()
        other.load()
        yield from gatherer.other_process(other, first, prefix, bool(worker.described["sum_depends_on_scheduling"]))
        other.stop()
    finally:
        worker.close()
        other.close()


class _Gatherer:
    """What the runs on one stream have in common."""

    def __init__(self, subject: Subject, stream: Stream, budget: Budget, progress: Progress) -> None:
        self._subject = subject
        self._stream = stream
        self._oracle = oracle_for(stream)
        self._budget = budget
        self._progress = progress

    def whole(self, worker: Worker, course: Course) -> Generator[Evidence, None, Run]:
        """Play the whole stream in asks of about a second, yielding windows as they close; return the run."""
        player, transcript = Player(worker, self._budget), self._transcript(self._stream.workload)
        player.start(self._stream)
        chosen = random.Random(self._stream.digest)
        done, at_once, yielded, total = 0, 1, 0, len(self._stream)
        while done < course.batches:
            end = min(course.batches, done + at_once)
            watched = sorted({0, *(chosen.randrange(end - done) for _ in range(_WATCHED_CALLS))})
            request = {"folder": str(self._stream.folder), "layout": course.layout, "wait_calls": watched}
            spent_s = self._budget.spent_s
            what = f"batches {done} to {end} of {course.batches}"
            player.play(transcript, course.steps(done, end), request, what=what)
            took_s, given = self._budget.spent_s - spent_s, int(course.cuts[end] - course.cuts[done])
            left = total - int(course.cuts[end])
            # From this ask alone, and never from the first: that one may have compiled.
            expected_s = self._budget.spent_s + took_s / given * left
            if done and expected_s > _CERTAINLY_BEYOND * self._budget.total_s:
                player.give_up(expected_s, total)
            fresh = transcript.windows(flushed=True, first=yielded)
            yielded += len(fresh)
            yield from fresh
            self._progress("stream", 1 - left / total)
            batch_s, batch = took_s / (end - done), given / (end - done)
            at_once = max(1, int(min(_SECONDS_AN_ASK / max(batch_s, 1e-9), _READINGS_AN_ASK / batch)))
            done = end
        run = transcript.run(flushed=True)
        yield run
        yield from run.histories
        return run

    def prefix_windows(self) -> int:
        """How many windows the runs over a prefix take, now that it is known what they cost: one at least."""
        readings = self._stream.cuts[self._stream.window_ends]
        seconds = readings / len(self._stream) * self._budget.spent_s
        fitting = (readings <= _PREFIX_READINGS) & (seconds <= _PREFIX_SHARE * self._budget.total_s)
        return max(1, int(np.count_nonzero(fitting)))

    def cut_otherwise(self, worker: Worker, first: Run, prefix: Course) -> Iterator[Evidence]:
        """Play the prefix in other batches."""
        self._progress("another cut", 0.0)
        run = self._prefix(Player(worker, self._budget), prefix.cut_otherwise(self._stream.digest), "cut otherwise")
        yield from _pieces(run)
        yield Twins(CUT, first, run, sums_bit_for_bit=False)

    def other_process(self, worker: Worker, first: Run, prefix: Course, sums_are_free: bool) -> Iterator[Evidence]:
        """Play the prefix in the other process."""
        self._progress("another process", 0.0)
        player = Player(worker, self._budget)
        player.start(self._stream)
        run = self._prefix(player, prefix, "another hash seed and soiled memory")
        yield from _pieces(run)
        yield Twins(HASH_SEED, first, run, sums_bit_for_bit=not sums_are_free)

    def scenarios(self, worker: Worker) -> Iterator[Evidence]:
        """Play every scenario."""
        player = Player(worker, self._budget)
        for index, script in enumerate(SCRIPTS):
            self._progress("scenarios", index / len(SCRIPTS))
            yield Scenario(script.name, self._scenario(player, script))

    def _prefix(self, player: Player, course: Course, how: str) -> Run:
        transcript = self._transcript(f"{self._stream.workload}, {how}")
        request = {
            "folder": str(self._stream.folder),
            "layout": course.layout,
            "wait_calls": [0, 1, 3, course.batches // 2],
        }
        steps: list[Step] = [("start", self._stream.size.retain), *course.steps(0, course.batches)]
        player.play(transcript, steps, request, {"cuts": course.cuts} if course.own_cuts else None, what=how)
        return transcript.run(course.flushed)

    def _scenario(self, player: Player, script: Script) -> Run:
        named = replace(self._subject, workload=f"scenario {script.name}")
        for part in script.parts:
            sensors = part.sensors
            transcript = Transcript(named, Oracle(sensors), part.records, part.retain)
            arrays = {
                "id": sensors.id,
                "gain": sensors.gain,
                "offset": sensors.offset,
                "records": part.records.view("V16"),
                "cuts": part.cuts,
            }
            request = {"layout": part.layout, "poison_outputs": part.poison_outputs}
            steps = (*part.steps, ("table",))
            player.play(transcript, steps, request, arrays, what=f"scenario {script.name}")
        return transcript.run(flushed=False)

    def _transcript(self, workload: str) -> Transcript:
        subject = replace(self._subject, workload=workload)
        return Transcript(subject, self._oracle, self._stream.records, self._stream.size.retain)


def _pieces(run: Run) -> Iterator[Evidence]:
    yield run
    yield from run.windows
    yield from run.histories


_known: dict[str, Oracle] = {}


def oracle_for(stream: Stream) -> Oracle:
    """The oracle of a stream's table; that of the stream asked for last is kept."""
    if stream.digest not in _known:
        _known.clear()
        _known[stream.digest] = Oracle(stream.sensors)
    return _known[stream.digest]
