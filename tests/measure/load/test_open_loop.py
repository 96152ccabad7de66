"""The open loop on a clock that stands still unless something takes time: every latency is known exactly."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from harness.contract import Floats, History, Processor, Readings, Sensors, Size, Statistics
from harness.contract.processor import Approach
from harness.discovery import workload
from harness.errors import ContractError, MeasurementError
from harness.measure.load.audit import Audit, UnderLoad
from harness.measure.load.generator import Content, Generator, Pace
from harness.measure.load.objective import Objective
from harness.measure.load.open_loop import drive
from harness.measure.load.recorder import Recorder
from harness.measure.load.schedule import Schedule, schedule_of
from harness.measure.load.stretch import Stretch, stretch_of
from harness.measure.processes.handle import Reply
from harness.measure.speed.audited import audited_of
from harness.measure.worker.operations.latency import answer_of
from harness.stream import Stream, write_stream
from harness.verify import check_under_load

SIZE = Size("own", 200_000, 100, 10_000, 1_000)
US, MS = 1_000, 1_000_000
BUCKET = 1 + 1 / 128
"""A percentile is at most so much too high."""


@dataclass
class Clock:
    """Time that passes only where somebody spends it; `look_ns` at every look."""

    ns: int = 0
    look_ns: int = 0
    late_ns: int = 0
    cpu_ns: int = 0
    others_work_ns: int = 0

    def now(self) -> int:
        self.ns += self.look_ns
        return self.ns

    def until(self, moment_ns: int) -> int:
        self.ns = max(self.ns, moment_ns + self.late_ns)
        return self.ns

    def rest(self, seconds: float) -> None:
        if seconds:
            self.ns += round(seconds * 1e9) + 50 * US + self.late_ns
            self.cpu_ns += self.others_work_ns

    @property
    def pace(self) -> Pace:
        return Pace(self.now, self.until, self.rest, lambda: self.cpu_ns)


@dataclass
class Worker(Processor):
    """Takes `cost_ns` a call and `reading_ns` a reading, as `cost` says; keeps what it owes for `delay_ns`."""

    approach = Approach.YOURS

    clock: Clock
    cost: Callable[[int, int], int]
    delay_ns: int = 0
    close_ns: int = 0
    calls: list[int] = field(default_factory=list)
    owed: list[tuple[int, int]] = field(default_factory=list)
    windows: int = 0

    def start(self, sensors: Sensors, retain: int) -> None:
        pass

    def process(self, readings: Readings) -> Floats:
        began_ns = self.clock.ns
        self.clock.ns += self.cost(began_ns, len(readings)) if len(readings) else 0
        if len(readings):
            self.calls.append(self.clock.ns - began_ns)
            self.owed.append((self.clock.ns + self.delay_ns, len(readings)))
        ready = 0
        while self.owed and self.owed[0][0] <= self.clock.ns:
            ready += self.owed.pop(0)[1]
        return np.zeros(ready, np.float32)

    def flush(self) -> Floats:
        rest = sum(count for _, count in self.owed)
        self.owed.clear()
        return np.zeros(rest, np.float32)

    def close_window(self) -> Statistics:
        self.windows += 1
        self.clock.ns += self.close_ns
        empty = np.empty(0, np.float32)
        return Statistics(np.empty(0, np.int64), np.empty(0), empty, empty, empty, 0, 0)

    def history(self) -> History:
        raise NotImplementedError

    def stop(self) -> None:
        pass


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    _, steady = workload("steady")
    return write_stream(steady, "steady", SIZE, tmp_path_factory.mktemp("stream"))


def run(
    stream: Stream,
    clock: Clock,
    processor: Processor,
    offered_per_s: float,
    seconds: float,
    *,
    arrivals: str = "steady",
    interval_ns: int = 0,
    objective: Objective | None = None,
    grace_s: float = 2.0,
) -> Stretch:
    """One stretch of load, as the parent sees it."""
    schedule = schedule_of(workload(arrivals)[1], SIZE, offered_per_s, seconds)
    content = Content(stream, "arrays", len(stream))
    generator = Generator(schedule, content, SIZE.batch, clock.pace, interval_ns)
    recorder = Recorder(schedule, seconds)
    generator.begin(0, round((seconds + grace_s) * 1e9))
    most = objective.most_backlog(schedule) if objective else None
    driven = drive(processor, generator, content, recorder, clock.pace, 0, round((seconds + grace_s) * 1e9), most)
    missing = recorder.close(driven.ended_ns)
    message = answer_of(recorder, driven, generator.slip, generator.rested_ns, missing, {})
    reply = Reply(message.values, message.arrays, 0, 0, 0)
    return stretch_of(reply, offered_per_s, seconds, schedule.total, SIZE.batch)


def test_each_reading_waits_exactly_as_long_as_its_call_takes(stream: Stream) -> None:
    clock = Clock()
    found = run(stream, clock, Worker(clock, lambda *_: 10 * US), 1_000.0, 4.0)
    assert found.readings == 4_000
    assert found.max_s == pytest.approx(10e-6, rel=1e-12)
    assert 10e-6 <= (found.p50_s or 0) <= 10e-6 * BUCKET
    assert found.p999_s is None, "of 4,000 readings no 99.9th percentile is quoted"
    assert found.slip_max_s == 0
    assert found.kept_up
    assert found.valid


def test_a_stall_of_200_ms_shows_at_a_million_a_second_and_would_be_hidden_in_a_closed_loop(stream: Stream) -> None:
    """2% of all readings come during the stall; from the shortest wait to the longest of them, 1% is half of it."""
    stalled: list[int] = []

    def cost(now_ns: int, _: int) -> int:
        if now_ns > 5_000 * MS and not stalled:
            stalled.append(now_ns)
            return 200 * MS
        return MS

    clock = Clock()
    processor = Worker(clock, cost)
    found = run(stream, clock, processor, 1e6, 10.0)
    assert stalled
    assert 0.100 <= (found.p99_s or 0) <= 0.125
    assert (found.p50_s or 0) <= 0.0021
    assert 0.2 <= (found.max_s or 0) <= 0.203
    assert found.kept_up, "it catches up"
    assert found.valid
    assert max(found.lines["backlog"]) > 190_000
    assert float(np.percentile(processor.calls, 99)) == MS, "calls one after another hide it: one in thousands"


@pytest.mark.parametrize("arrivals", ["steady", "skewed", "bursty"])
def test_bursts_wait_for_the_calls_before_them(stream: Stream, arrivals: str) -> None:
    """Against a simulation that goes reading by reading."""
    clock = Clock()
    processor = Worker(clock, lambda _, count: 20 * US + 2 * US * count)
    found = run(stream, clock, processor, 200_000.0, 0.5, arrivals=arrivals)
    schedule = schedule_of(workload(arrivals)[1], SIZE, 200_000.0, 0.5)
    at = [schedule.arrival_ns(position) for position in range(schedule.total)]
    latencies, now, given = [], 0, 0
    while given < len(at):
        now = max(now, at[given])
        end = given
        window = (given // 20_000 + 1) * 20_000
        while end < min(len(at), given + SIZE.batch, window) and at[end] <= now:
            end += 1
        now += 20 * US + 2 * US * (end - given)
        latencies += [now - moment for moment in at[given:end]]
        given = end
    exact = np.sort(latencies)
    assert found.max_s == pytest.approx(exact[-1] / 1e9, rel=1e-12)
    for percent, got in ((50, found.p50_s), (99, found.p99_s), (99.9, found.p999_s)):
        nearest = exact[int(np.ceil(percent / 100 * len(exact))) - 1] / 1e9
        assert nearest <= (got or 0) <= nearest * BUCKET


def test_closing_a_window_counts_against_what_comes_meanwhile(stream: Stream) -> None:
    clock = Clock()
    processor = Worker(clock, lambda *_: 100 * US, close_ns=30 * MS)
    found = run(stream, clock, processor, 100_000.0, 2.0)
    assert processor.windows == 200_000 // 20_000
    assert found.max_s == pytest.approx(0.0301, abs=0.001)
    assert (found.p50_s or 1) < 0.0003, "a reading during no closing waits for a call or two"
    assert (found.p99_s or 0) > 0.025


def test_what_is_owed_is_asked_for_every_tenth_of_a_millisecond(stream: Stream) -> None:
    clock = Clock()
    found = run(stream, clock, Worker(clock, lambda *_: 0, delay_ns=5 * MS), 1_000.0, 4.0)
    assert (found.p50_s or 0) >= 0.005
    assert (found.max_s or 1) <= 0.0051 * BUCKET
    assert found.valid
    assert (found.slip_max_s or 0) <= 60e-6


def test_micro_batches_wait_for_their_turn_and_no_longer(stream: Stream) -> None:
    clock = Clock()
    found = run(stream, clock, Worker(clock, lambda *_: 0), 10_000.0, 4.0, interval_ns=100 * MS)
    assert 0.049 <= (found.p50_s or 0) <= 0.052
    assert 0.098 <= (found.p99_s or 0) <= 0.100
    assert (found.max_s or 1) <= 0.1
    assert found.kept_up
    assert found.slip_max_s == 0, "a micro-batch is not the generator's lateness"


def test_full_micro_batches_do_not_wait(stream: Stream) -> None:
    clock = Clock()
    found = run(stream, clock, Worker(clock, lambda *_: 0), 1e6, 2.0, interval_ns=100 * MS)
    assert (found.max_s or 1) <= 0.0101, "10,000 readings come in 10 ms"


@pytest.mark.parametrize("delay_ns", [0, 3 * MS])
def test_a_late_generator_is_found_out_idle_or_asking(stream: Stream, delay_ns: int) -> None:
    clock = Clock(late_ns=5 * MS)
    found = run(stream, clock, Worker(clock, lambda *_: 0, delay_ns=delay_ns), 1_000.0, 4.0)
    assert not found.valid
    assert "late at p99.9" in (found.invalid or "")
    assert (found.slip_p999_s or 0) >= 0.0049


def test_what_the_implementations_own_threads_work_is_not_the_generators_lateness(stream: Stream) -> None:
    clock = Clock(late_ns=5 * MS, others_work_ns=5 * MS)
    found = run(stream, clock, Worker(clock, lambda *_: 0, delay_ns=10_000 * MS), 1_000.0, 4.0, grace_s=0.1)
    slow_start = 0.006  # only the first wait is for a reading, with nothing owed
    assert (found.slip_p999_s or 0) <= slow_start
    assert found.max_s is not None


def test_a_driver_that_is_itself_too_slow_says_so(stream: Stream) -> None:
    """Calls of 2 us would do 5 M/s in batches of 10; with the driver's own looks at the clock it is half of that."""
    size = 10
    clock = Clock(look_ns=US)
    schedule = Schedule(np.arange(20_000, dtype=np.int64) * 250, 20_000 * 250, 400_000)
    content = Content(stream, "arrays", len(stream))
    generator = Generator(schedule, content, size, clock.pace)
    recorder = Recorder(schedule, 0.1)
    generator.begin(0, 200 * MS)
    processor = Worker(clock, lambda *_: US)
    driven = drive(processor, generator, content, recorder, clock.pace, 0, 200 * MS)
    message = answer_of(recorder, driven, generator.slip, generator.rested_ns, recorder.close(driven.ended_ns), {})
    found = stretch_of(Reply(message.values, message.arrays, 0, 0, 0), 4e6, 0.1, 400_000, size)
    assert not found.kept_up
    assert "the generator cannot keep 4.00M/s" in (found.invalid or "")
    assert found.own_share > 0.5


def test_an_implementation_that_is_too_slow_is_not_excused(stream: Stream) -> None:
    clock = Clock(look_ns=100)
    found = run(stream, clock, Worker(clock, lambda _, count: 10 * US * count), 1e6, 1.1, grace_s=0.5)
    assert found.valid
    assert found.kept_up is False
    assert found.missing > 800_000
    assert (found.max_s or 0) >= 1.0
    assert found.standing is not None
    assert found.standing.slope_per_s == pytest.approx(900_000, rel=0.05)


@dataclass
class Batcher(Worker):
    """Hands back only every `period_ns`, and then at most `most` readings; its calls take no time."""

    period_ns: int = 0
    most: int = 1 << 62
    due_ns: int = 0
    collected: int = 0

    def process(self, readings: Readings) -> Floats:
        self.collected += len(readings)
        ready = 0
        if self.clock.ns >= self.due_ns:
            self.due_ns += self.period_ns
            ready = min(self.collected, self.most)
            self.collected -= ready
        return np.zeros(ready, np.float32)

    def flush(self) -> Floats:
        rest, self.collected = self.collected, 0
        return np.zeros(rest, np.float32)


def batcher(clock: Clock, period_s: float, phase: float, most: float = 1e18) -> Batcher:
    """One whose first batch is due after a share of its period."""
    period_ns = round(period_s * 1e9)
    return Batcher(clock, lambda *_: 0, period_ns=period_ns, most=int(most), due_ns=round(phase * period_ns))


@pytest.mark.parametrize("phase", [0.0, 0.3, 0.77])
@pytest.mark.parametrize(("period_s", "seconds"), [(0.02, 0.5), (0.045, 0.5), (0.1, 1.2), (0.24, 3.0), (0.5, 6.0)])
def test_a_batcher_that_empties_its_queue_keeps_up_however_long_its_period(
    stream: Stream, period_s: float, seconds: float, phase: float
) -> None:
    clock = Clock()
    found = run(stream, clock, batcher(clock, period_s, phase), 2_000.0, seconds)
    assert found.kept_up
    assert found.valid
    assert found.gap_s == pytest.approx(period_s, abs=0.001)
    assert found.standing is not None
    assert found.standing.slope_upper_per_s <= 2.0, "its queue stands at no reading or one"


@pytest.mark.parametrize("phase", [0.0, 0.3, 0.77])
@pytest.mark.parametrize(("period_s", "seconds"), [(0.02, 0.5), (0.1, 1.2), (0.24, 3.0), (0.5, 6.0)])
def test_a_batcher_that_falls_behind_by_2_percent_is_found_out_however_long_its_period(
    stream: Stream, period_s: float, seconds: float, phase: float
) -> None:
    """What it cannot do is not forgiven because it is flushed out at the end."""
    clock = Clock()
    found = run(stream, clock, batcher(clock, period_s, phase, most=0.98 * 20_000 * period_s), 20_000.0, seconds)
    assert found.missing == 0
    assert found.kept_up is False
    assert found.valid
    assert found.standing is not None
    assert found.standing.slope_per_s == pytest.approx(400, rel=0.15)


@pytest.mark.parametrize("most", [1e18, 1_960])
def test_less_than_ten_periods_are_too_short_to_tell_and_nobody_is_blamed(stream: Stream, most: float) -> None:
    clock = Clock()
    found = run(stream, clock, batcher(clock, 0.1, 0.9, most), 20_000.0, 0.5)
    assert found.kept_up is None
    assert found.standing is None
    assert found.valid
    assert found.unclear == (
        "too short to tell whether the backlog grows: values came back up to 100 ms apart; give it 1.20 s or more"
    )
    again = run(stream, clock := Clock(), batcher(clock, 0.1, 0.9, most), 20_000.0, found.enough_s)
    assert again.kept_up is (most > 1_960)


def test_what_an_implementation_holds_back_is_not_the_drivers_fault(stream: Stream) -> None:
    """The driver never rests, for its own looks at the clock take long, but it hands over whatever has arrived."""
    clock = Clock(look_ns=20 * US)
    found = run(stream, clock, batcher(clock, 0.1, 0.0, most=3_600), 40_000.0, 1.5)
    assert found.kept_up is False
    assert found.own_share > 0.5
    assert found.invalid is None


def test_no_hope_ends_it_early_and_what_was_still_to_come_counts_nowhere(stream: Stream) -> None:
    clock = Clock()
    worker = Worker(clock, lambda _, count: 10 * US * count)
    found = run(stream, clock, worker, 1e6, 10.0, objective=Objective(99.0, 0.1))
    assert found.overloaded
    assert not found.kept_up
    assert clock.ns < 1_500 * MS
    assert (found.p99_s or 0) >= 0.1
    assert found.lines["sample_s"][-1] < 1.5
    assert len(found.lines["sample_s"]) == len(found.lines["backlog"])


def test_more_values_than_readings_are_refused(stream: Stream) -> None:
    class Generous(Worker):
        def process(self, readings: Readings) -> Floats:
            return np.zeros(len(readings) + 1, np.float32)

    clock = Clock()
    with pytest.raises(ContractError, match="handed back 2 values of 1"):
        run(stream, clock, Generous(clock, lambda *_: 0), 1_000.0, 1.0)


@pytest.mark.parametrize("delay_ns", [0, 7 * MS])
def test_one_window_under_load_is_handed_to_the_checker(stream: Stream, delay_ns: int) -> None:
    from harness.control import Control

    class Late(Control):
        """Right, and hands every value back one call later."""

        def start(self, sensors: Sensors, retain: int) -> None:
            super().start(sensors, retain)
            self.late: list[Floats] = []

        def process(self, readings: Readings) -> Floats:
            clock.ns += MS
            self.late.append(super().process(readings))
            return self.late.pop(0) if len(self.late) > 1 or not delay_ns else np.empty(0, np.float32)

        def flush(self) -> Floats:
            rest, self.late = self.late, []
            return np.concatenate([*rest, super().flush()])

    from harness.discovery import Entry

    clock = Clock()
    processor = Late()
    processor.start(stream.sensors, SIZE.retain)
    content = Content(stream, "arrays", len(stream))
    schedule = schedule_of(workload("steady")[1], SIZE, 1e6, 0.3)
    generator, recorder = Generator(schedule, content, SIZE.batch, clock.pace), Recorder(schedule, 0.3)
    audit = Audit(*content.window(250_000))
    assert (audit.first, audit.end) == (240_000, 260_000)
    generator.begin(0, 2_000 * MS)
    drive(processor, generator, content, recorder, clock.pace, 0, 2_000 * MS, audit=audit)
    audited = audited_of(*audit.as_answer())
    assert audited is not None
    entry = Entry("processors", "late", "module:nothing")
    assert check_under_load(entry, UnderLoad(300_000, 0, audited), stream) == ([], 20_000)
    audited["values"][7_000] += 1
    (failure, *_), _ = check_under_load(entry, UnderLoad(300_000, 0, audited), stream)
    assert failure.check == "values_calibrated"
    assert failure.position == 47_000


@pytest.mark.parametrize(("offered", "seconds"), [(0.1, 1.0), (1e12, 1.0), (1e6, 1e-9)])
def test_loads_that_cannot_be_are_refused(offered: float, seconds: float) -> None:
    with pytest.raises(MeasurementError, match="readings"):
        schedule_of(workload("steady")[1], SIZE, offered, seconds)
