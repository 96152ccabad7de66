"""From a worker's answers to evidence: the calls of one run put in order, and cut into windows and histories."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats, History, Readings, Statistics
from harness.errors import ContractError
from harness.measure.processes.handle import Reply
from harness.oracle import Oracle
from harness.verify.evidence import CLOSE, FEED, HISTORY, Breach, Retained, Run, Subject, Window, statistics_of

_STATISTICS = {"count": "i8", "sum": "f8", "minimum": "f4", "maximum": "f4", "last": "f4"}
_HISTORY = {"sensor_id": "u4", "time": "i8", "calibrated": "f4"}


class DamagedAnswer(Exception):  # noqa: N818
    """An answer to `play` that no worker of ours gives."""


@dataclass(slots=True, eq=False)
class Transcript:
    """What one run has been given and has handed back so far.

    Parameters
    ----------
    subject, oracle
    records : RECORD_DTYPE[n]
        What it is fed from, from its first reading on.
    retain : int
    """

    subject: Subject
    oracle: Oracle
    records: NDArray[np.void]
    retain: int
    _calls: list[NDArray[np.int64]] = field(default_factory=list)
    _values: list[Floats] = field(default_factory=list)
    _statistics: list[Statistics] = field(default_factory=list)
    _histories: list[History] = field(default_factory=list)
    _breaches: list[Breach] = field(default_factory=list)

    def add(self, reply: Reply) -> None:
        """Take in one answer.

        Raises
        ------
        DamagedAnswer
            If it does not hold what it must.
        """
        try:
            self._add(reply.values, reply.arrays)
        except (KeyError, TypeError, ValueError, IndexError, ContractError) as error:
            raise DamagedAnswer(str(error)) from error

    def _add(self, values: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
        before = sum(map(len, self._calls))
        calls = _taken(arrays, "calls", "i8", 2)
        handed_back = _taken(arrays, "values", "f4")
        if calls.shape[1] != 3 or (calls < 0).any() or int(calls[:, 2].sum()) != len(handed_back):
            raise ValueError("calls and values do not fit")
        kinds = calls[:, 0].tolist()
        if (kinds.count(CLOSE), kinds.count(HISTORY)) != (int(values["statistics"]), int(values["histories"])):
            raise ValueError("calls and what they handed back do not fit")
        self._calls.append(calls)
        self._values.append(handed_back)
        for index, (unmatched, invalid) in enumerate(values["counts"]):
            named = {name: _taken(arrays, f"statistics{index}.{name}", kind) for name, kind in _STATISTICS.items()}
            self._statistics.append(statistics_of(named, int(unmatched), int(invalid)))
        for index in range(int(values["histories"])):
            named = {name: _taken(arrays, f"history{index}.{name}", kind) for name, kind in _HISTORY.items()}
            self._histories.append(History(named["sensor_id"], named["time"], named["calibrated"]))
        for call, rule, expected, got in values["breaches"]:
            self._breaches.append(Breach(before + int(call), str(rule), str(expected), str(got)))

    @property
    def calls(self) -> NDArray[np.int64]:
        """All calls so far: int64[c, 3]."""
        return np.concatenate([np.empty((0, 3), np.int64), *self._calls])

    @property
    def values(self) -> Floats:
        """All values so far."""
        return np.concatenate([np.empty(0, np.float32), *self._values])

    def windows(self, flushed: bool, first: int = 0, open_too: bool = False) -> list[Window]:
        """The windows closed so far, from the one numbered `first` on.

        `flushed` says that each was flushed before it was closed: its values are then those handed back within it,
        else those at its positions. `open_too` adds what came after the last close, as a window without statistics.
        """
        calls, values = self.calls, self.values
        ends = np.flatnonzero(calls[:, 0] == CLOSE)
        given, handed = np.cumsum(calls[:, 1]), np.cumsum(calls[:, 2])
        feeds = calls[:, 0] == FEED
        if open_too and feeds[ends[-1] + 1 if len(ends) else 0 :].any():
            ends = np.append(ends, len(calls) - 1)
        found = []
        for index in range(first, len(ends)):
            begin, end = (int(ends[index - 1]) + 1 if index else 0), int(ends[index])
            low, high = (int(given[begin - 1]) if begin else 0), int(given[end])
            low_value, high_value = ((int(handed[begin - 1]) if begin else 0), int(handed[end]))
            within = slice(begin, end + 1)
            found.append(
                Window(
                    self.subject,
                    self.oracle,
                    Readings.of_records(self.records[low:high]),
                    values[low_value:high_value] if flushed else values[low:high],
                    self._statistics[index] if index < len(self._statistics) else None,
                    first_position=low,
                    first_batch=int(np.count_nonzero(feeds[:begin])),
                    batch_ends=np.cumsum(calls[within, 1][feeds[within]]),
                )
            )
        return found

    def run(self, flushed: bool) -> Run:
        """The whole run, when it is over."""
        calls, values = self.calls, self.values
        given = np.cumsum(calls[:, 1])[calls[:, 0] == HISTORY].tolist()
        histories = tuple(
            Retained(
                self.subject,
                self.oracle,
                Readings.of_records(self.records[:count]),
                values[:count],
                self.retain,
                history,
            )
            for count, history in zip(given, self._histories, strict=True)
        )
        return Run(
            self.subject, calls, tuple(self._breaches), tuple(self.windows(flushed, open_too=True)), histories, values
        )


def _taken(arrays: Mapping[str, NDArray[Any]], name: str, kind: str, dimensions: int = 1) -> NDArray[Any]:
    array = arrays[name]
    if array.dtype != np.dtype(kind) or array.ndim != dimensions:
        raise ValueError(f"{name} is {array.dtype} of {array.ndim} dimensions")
    return array
