"""The open loop: hand over what has arrived, take what is ready, close windows where they end, never await an answer.

It runs inside the worker. A reading is done when the count of values handed back passes its position, so nothing an
implementation says about itself is needed.
"""

from dataclasses import dataclass
from typing import Protocol

from harness.contract import Processor, Readings
from harness.measure.load.audit import Audit
from harness.measure.load.generator import Pace
from harness.measure.load.recorder import Recorder
from harness.measure.speed.audited import counted
from harness.measure.speed.folds import Folding


class Source(Protocol):
    """Where readings come from as they arrive: a generator in this process, or a channel from another."""

    given: int

    def take(self, most: int, *, owed: bool) -> Readings | None:
        """The next readings, 1 to `most`; none if values are owed and nothing comes for a moment; None at the end."""


class Windows(Protocol):
    """Where windows end."""

    def window_end(self, position: int) -> int:
        """Where the window ends that holds the reading at `position`."""


@dataclass(frozen=True, slots=True)
class Driven:
    """How a loop went.

    Parameters
    ----------
    called_ns
        Time within the processor's calls.
    ended_ns
        When it ended, from the beginning.
    overloaded
        Whether it ended early, because too many readings were waiting.
    """

    called_ns: int
    ended_ns: int
    overloaded: bool


def drive(
    processor: Processor,
    source: Source,
    windows: Windows,
    recorder: Recorder,
    pace: Pace,
    began_ns: int,
    until_ns: int,
    most_backlog: int | None = None,
    audit: Audit | None = None,
    folding: Folding | None = None,
) -> Driven:
    """Run until everything was handed over and back, or the clock shows `until_ns`.

    Ends early once more than `most_backlog` readings, handed over or not, are waiting: overload, beyond doubt.
    `audit` gets what is handed back of its window, `folding` all values.
    """
    process, clock, rest_s = processor.process, pace.now_ns, pace.rest_s
    handed_back = recorder.handed_back
    window_end = windows.window_end(0)
    called_ns = 0
    while True:
        given = source.given
        batch = source.take(window_end - given, owed=recorder.done < given)
        if batch is None:
            break
        asked_ns = clock()
        values = process(batch)
        now_ns = clock()
        called_ns += now_ns - asked_ns
        done, given = recorder.done, source.given
        handed_back(counted(values), given, now_ns - began_ns)
        if folding is not None:
            folding.add(values)
        if audit is not None and done < audit.end:
            audit.values(done, values)
        if given == window_end:
            asked_ns = clock()
            statistics = processor.close_window()
            now_ns = clock()
            called_ns += now_ns - asked_ns
            if audit is not None and given == audit.end:
                audit.close(statistics)
            window_end = windows.window_end(given)
        if recorder.done < given:
            if now_ns >= until_ns:
                break
            rest_s(0)  # lets the implementation's own threads have the interpreter
        if most_backlog is not None and recorder.waiting(now_ns - began_ns) > most_backlog:
            return Driven(called_ns, clock() - began_ns, overloaded=True)
    asked_ns = clock()
    recorder.end_lines(asked_ns - began_ns)
    values = processor.flush()
    now_ns = clock()
    done = recorder.done
    handed_back(counted(values), source.given, now_ns - began_ns)
    if folding is not None:
        folding.add(values)
    if audit is not None:
        audit.values(done, values)
    return Driven(called_ns + now_ns - asked_ns, clock() - began_ns, overloaded=False)
