"""Whether what an implementation retains after many windows is what it was to retain, however much that is."""

import numpy as np

from harness.contract import History
from harness.measure.speed.feed import window_at
from harness.oracle import readings_at
from harness.results import Failure
from harness.stream import Stream
from harness.verify.checks import history as history_checks
from harness.verify.checks import values as value_checks
from harness.verify.evidence import Finding, Retained, Subject, Window
from harness.verify.gather import oracle_for


def check_history(implementation: str, stream: Stream, windows: int, retain: int, history: History) -> list[Failure]:
    """Compare `history` with the newest `retain` accepted readings of the first `windows` windows of a feed.

    Ids, times and order are exact; each value is within the bound of float32 arithmetic. Goes from the newest window
    back, one at a time, so that it needs little memory; stops at the first window with a failure.
    """
    subject, oracle = Subject(implementation, f"{stream.workload}, {retain:,} retained"), oracle_for(stream)
    end, missing = len(history), retain
    for index in reversed(range(windows)):
        window = window_at(stream, index)
        readings = readings_at(stream, window.first_position, window.readings)
        places = np.flatnonzero(oracle.answer(readings).accepted)[-missing:] if missing else np.empty(0, np.intp)
        if not len(places):
            continue
        readings = readings[int(places[0]) :]
        part = slice(max(0, end - len(places)), end)
        piece = History(history.sensor_id[part], history.time[part], history.calibrated[part])
        values = np.full(len(readings), np.nan, np.float32)
        values[places[len(places) - len(piece) :] - places[0]] = piece.calibrated
        retained = Retained(subject, oracle, readings, values, len(places), piece)
        given = Window(subject, oracle, readings, values, None, first_position=window.first_position)
        found = [failure for check in history_checks.CHECKS for failure in check.failures((retained,))]
        found += [failure for check in value_checks.CHECKS for failure in check.failures((given,))]
        if found:
            return found
        end -= len(places)
        missing -= len(places)
    if end:
        more = Finding(f"{len(history) - end} readings", f"{len(history)} readings")
        return [subject.failure(history_checks.history_counted.name, more)]
    return []
