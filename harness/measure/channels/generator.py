"""A generator in a process of its own, and the source of an open loop that gets its readings through a channel.

Intended arrivals do not travel with the readings: both processes know the schedule, and what is handed back counts
from there by its position. A reading that waits in the channel, or before it, so counts like any that waits.
"""

import multiprocessing
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

import numpy as np

from harness.contract import Channel, Overflow, Readings
from harness.discovery import Entry, load
from harness.errors import ChannelError, MeasurementError
from harness.measure.channels.side import LoadedFirst
from harness.measure.load.generator import POLL_S, Content, Generator, Pace, real_pace
from harness.measure.load.schedule import Schedule
from harness.measure.processes.parent import die_with
from harness.statistics.histogram import Histogram, warm_up
from harness.stream import Stream

CAPACITY = 65_536
_START_S = 60.0
_SLICE_S = 0.05


@dataclass(frozen=True, slots=True)
class Course:
    """What the generator's process is to do.

    Parameters
    ----------
    folder : str
        Of the stream.
    schedule : Schedule
    batch : int
        Most readings put in at once.
    interval_ns : int
        Put in only at multiples of this, or when a batch is full; 0 for at once.
    cpus : sequence of int
        Where it runs; empty for anywhere.
    """

    folder: str
    schedule: Schedule
    batch: int
    interval_ns: int
    cpus: Sequence[int]


def generate(_: object, channel: Channel, course: Course, line: "Connection[Any, Any]") -> None:
    """Put the readings of `course` in as they arrive; when it begins and ends is told over `line`, how it went back."""
    die_with(os.getppid())
    if course.cpus:
        os.sched_setaffinity(0, course.cpus)
    stream = Stream.open(Path(course.folder))
    content = Content(stream, "arrays", min(course.schedule.total, len(stream)))
    warm_up()
    pace = real_pace()
    generator = Generator(course.schedule, content, course.batch, pace, course.interval_ns)
    channel.open_producer()
    line.send("ready")
    began_ns, until_ns = line.recv()
    generator.begin(began_ns, until_ns)
    put_ns = _put_all(channel, generator, pace, until_ns)
    line.send({"slip": generator.slip.to_json(), "rested_ns": generator.rested_ns, "put_ns": put_ns})


def _put_all(channel: Channel, generator: Generator, pace: Pace, until_ns: int) -> int:
    """Put in what arrives until the end, or until the consumer has had enough; the time that went into it."""
    put_ns = 0
    try:
        while (batch := generator.take(1 << 62, owed=False)) is not None:
            asked_ns = pace.now_ns()
            done = channel.put(batch, _SLICE_S)
            while done < len(batch) and pace.now_ns() < until_ns:
                done += channel.put(batch[done:], _SLICE_S)
            put_ns += pace.now_ns() - asked_ns
        channel.close()
    except ChannelError:
        channel.close()
    return put_ns


class Remote:
    """The generator's process and the channel from it; a context manager that leaves neither.

    Raises
    ------
    ChannelError
        If the channel cannot be made.
    MeasurementError
        If the generator does not come up.
    """

    def __init__(self, entry: Entry, course: Course, folder: Path) -> None:
        self._channel: Channel = load(entry)(**entry.parameters)
        self._entry, self._course, self._folder = entry, course, folder

    def __enter__(self) -> Self:
        self._folder.mkdir()
        self._channel.create(self._folder, CAPACITY, Overflow.BLOCK)
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        arguments = (LoadedFirst(self._entry), self._channel, self._course, theirs)
        self._process = context.Process(target=generate, args=arguments, daemon=True)
        self._process.start()
        theirs.close()
        self._channel.open_consumer()
        self._receive(_START_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()
        self._process.join(_SLICE_S)
        self._process.kill()
        self._process.join()
        self._line.close()
        self._channel.destroy()
        self._folder.rmdir()

    def source(self, pace: Pace) -> "ChannelSource":
        """Where the open loop gets its readings."""
        return ChannelSource(self._channel, self._course.batch, pace)

    def begin(self, began_ns: int, until_ns: int) -> None:
        """Tell the generator when its schedule begins, and from when on it puts nothing in any more."""
        self._line.send((began_ns, until_ns))

    def account(self) -> "Account":
        """End the consumer's side and hear how it went with the generator."""
        self._channel.close()
        told: Mapping[str, Any] = self._receive(_START_S)
        return Account(Histogram.from_json(told["slip"]), int(told["rested_ns"]), int(told["put_ns"]))

    def _receive(self, most_s: float) -> Any:
        try:
            if self._line.poll(most_s):
                return self._line.recv()
        except (EOFError, ConnectionError):
            self._process.join()
        code = self._process.exitcode
        how = f"died (exit code {code})" if code is not None else f"did not answer within {most_s:g} s"
        raise MeasurementError(f"the generator's process {how}; see what {self._entry.label} does as a producer")


@dataclass(frozen=True, slots=True)
class Account:
    """How it went with the generator: its own lateness, how long it was idle, how long it put readings in."""

    slip: Histogram
    rested_ns: int
    put_ns: int


class ChannelSource:
    """Readings as they come out of a channel.

    Attributes
    ----------
    given : int
        Readings handed out so far.
    rested_ns, got_ns : int
        Time in calls that found nothing at once, and in the others.
    """

    def __init__(self, channel: Channel, batch: int, pace: Pace) -> None:
        self.given = 0
        self.rested_ns = self.got_ns = 0
        self._channel = channel
        self._batch = batch
        self._now_ns = pace.now_ns
        self._until_ns = np.iinfo(np.int64).max

    def begin(self, until_ns: int) -> None:
        """From `until_ns` on nothing is handed out any more."""
        self._until_ns = until_ns

    def take(self, most: int, *, owed: bool) -> Readings | None:
        """The next readings, 1 to `most`; none after a moment if values are owed and nothing comes; None at the end."""
        most = min(most, self._batch)
        asked_ns = self._now_ns()
        found = self._channel.get(most, 0.0)
        now_ns = self._now_ns()
        if found is not None and not len(found):
            found = self._waited_for(most, owed=owed)
            self.rested_ns += self._now_ns() - asked_ns
        else:
            self.got_ns += now_ns - asked_ns
        if found is None or now_ns >= self._until_ns:
            return None
        self.given += len(found)
        return found

    def _waited_for(self, most: int, *, owed: bool) -> Readings | None:
        """What comes next: a moment from now at the latest if values are owed."""
        if owed:
            return self._channel.get(most, POLL_S)
        while self._now_ns() < self._until_ns:
            found = self._channel.get(most, _SLICE_S)
            if found is None or len(found):
                return found
        return None
