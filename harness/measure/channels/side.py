"""A side of a channel in a process of its own: it attaches, then does what it is asked, one request at a time."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import RECORD_DTYPE, Channel, Readings
from harness.discovery import Entry, load
from harness.errors import ChannelError
from harness.measure.channels.tagged import tagged_records
from harness.measure.processes.parent import die_with

PRODUCER, CONSUMER = "producer", "consumer"
_POISON = 0xA5

Answer = dict[str, Any]


class LoadedFirst:
    """Goes to a started process ahead of a channel and loads its class there, which a loose file's would lack."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    def __reduce__(self) -> tuple[Any, ...]:
        """As the loading itself."""
        return load, (self._entry,)


@dataclass(slots=True)
class Side:
    """What a request works on: the channel, open, and whose readings the producer puts in."""

    channel: Channel
    seed: int
    kept: dict[str, Any] = field(default_factory=dict)


def serve(_: object, channel: Channel, role: str, seed: int, line: "Connection[Any, Any]") -> None:
    """Open the channel in `role`, answer how that went, then answer requests until the line ends.

    A request is the name of a function of :data:`VERBS` and its keyword arguments; what it raises is answered too.
    """
    die_with(os.getppid())
    side = Side(channel, seed)
    opening: Callable[[], None] = channel.open_producer if role == PRODUCER else channel.open_consumer
    answer = attempted(opening)
    while True:
        line.send(answer)
        try:
            verb, keywords = line.recv()
        except EOFError:
            return
        answer = attempted(VERBS[verb], side, **keywords)


def attempted(call: Callable[..., Answer | None], *arguments: object, **keywords: Any) -> Answer:
    """The answer of `call`, or what it has raised as ``error``."""
    try:
        return call(*arguments, **keywords) or {}
    except Exception as error:
        return {"error": described(error)}


def described(error: Exception) -> dict[str, str]:
    """Kind and text of an error."""
    return {"kind": type(error).__name__, "text": " ".join(str(error).split())[:1000]}


def put(
    side: Side,
    *,
    first: int,
    count: int | None,
    lengths: Sequence[int],
    timeout_s: float | None = None,
    strided: bool = False,
    once: bool = False,
    close: bool = False,
) -> Answer:
    """Put in the readings from index `first` on in batches of `lengths`, again and again; without `count` for ever.

    Every batch lies in one and the same memory, which is overwritten as soon as ``put`` has returned. A batch that
    went in only in part is gone on with, unless `once`: then it ends. With `close` this side ends afterwards. Answers
    how many went in by each call, what the channel says of itself, and the ChannelError that ended it, if one did.
    """
    memory = np.empty(max(lengths), RECORD_DTYPE)
    columns = tuple(np.empty(max(lengths), dtype) for dtype in (np.uint32, np.int64, np.float32))
    went_in: list[int] = []
    error: dict[str, str] | None = None
    began_s = time.monotonic()
    done = 0
    for length in cycle(lengths):
        if count is not None and done >= count:
            break
        length = length if count is None else min(length, count - done)
        batch = _filled(tagged_records(side.seed, first + done, first + done + length), memory, columns, strided)
        try:
            accepted = side.channel.put(batch, timeout_s)
        except ChannelError as raised:
            error = described(raised)
            break
        finally:
            for array in (memory, *columns):
                array.view(np.uint8)[:] = _POISON
        went_in.append(int(accepted))
        done += int(accepted)
        if once and accepted < length:
            break
    answer: Answer = {"went_in": np.array(went_in, np.int64), "done": done, "elapsed_s": time.monotonic() - began_s}
    answer |= {"error": error} if error else {}
    if close:
        side.channel.close()
    return answer | _told(side)


def _filled(
    records: NDArray[np.void], memory: NDArray[np.void], columns: tuple[NDArray[Any], ...], strided: bool
) -> Readings:
    """`records` as a batch in the caller's own memory: strided views of it, or columns."""
    length = len(records)
    if strided:
        memory[:length] = records
        return Readings.of_records(memory[:length])
    for column, name in zip(columns, ("sensor_id", "time", "value"), strict=True):
        column[:length] = records[name]
    sensor_id, reading_time, value = (column[:length] for column in columns)
    return Readings(sensor_id, reading_time, value)


def get(
    side: Side,
    *,
    most: Sequence[int],
    count: int | None = None,
    timeout_s: float | None = 0.2,
    empties: int | None = None,
    hold_s: float = 0.0,
    hold_calls: int = 0,
    patience_s: float = 8.0,
) -> Answer:
    """Get at most `most` readings, again and again, until `count` have come, `empties` calls found none, or the end.

    It also ends when nothing has come for `patience_s`. What comes is copied at once and looked at again before the
    next call; in each of the first `hold_calls` calls it is held for `hold_s` in between. Answers the copies, where
    each call's lie and what `position` said, how long each call took, where something held has changed (-1 where
    not), whether the end came, and the ChannelError, if one did.
    """
    parts: list[NDArray[np.void]] = []
    calls: list[tuple[int, int, int, int, int]] = []
    form, error, ended, got, empty = "", None, False, 0, 0
    began_s = last_s = time.monotonic()
    for asked in cycle(most):
        if (count is not None and got >= count) or (empties is not None and empty >= empties):
            break
        if time.monotonic() - last_s > patience_s:
            break
        asked = asked if count is None else min(asked, count - got)
        called_ns = time.monotonic_ns()
        try:
            found = side.channel.get(asked, timeout_s)
        except ChannelError as raised:
            error = described(raised)
            break
        took_ns = time.monotonic_ns() - called_ns
        if found is None:
            ended = True
            break
        form = form or _breach_of_form(found)
        if form:
            break
        copy = found.to_records()
        if hold_s and len(calls) < hold_calls:
            time.sleep(hold_s)
        again = found.to_records()
        changed = np.flatnonzero(copy.view("V16") != again.view("V16"))
        calls.append((asked, len(copy), side.channel.position(), took_ns, int(changed[0]) if len(changed) else -1))
        parts.append(copy)
        got += len(copy)
        empty += not len(copy)
        last_s = time.monotonic() if len(copy) else last_s
    answer: Answer = {
        "records": np.concatenate(parts) if parts else np.empty(0, RECORD_DTYPE),
        "calls": np.array(calls, np.int64).reshape(len(calls), 5),
        "form": form,
        "ended": ended,
        "elapsed_s": time.monotonic() - began_s,
    }
    return {**answer, **({"error": error} if error else {})}


def _breach_of_form(found: object) -> str:
    """What is wrong with the form of something handed out; nothing if nothing is."""
    if type(found) is not Readings:
        return type(found).__name__
    for name, dtype in (("sensor_id", np.uint32), ("time", np.int64), ("value", np.float32)):
        array = getattr(found, name)
        if type(array) is not np.ndarray or array.dtype != dtype or array.ndim != 1 or len(array) != len(found.time):
            return f"{name} as {getattr(array, 'dtype', type(array).__name__)} of shape {np.shape(array)}"
    return ""


def close(side: Side) -> Answer:
    """End this side; answers what it said of itself before."""
    answer = _told(side)
    side.channel.close()
    return answer


def told(side: Side) -> Answer:
    """What the channel says of itself."""
    return _told(side)


def _told(side: Side) -> Answer:
    return {"position": int(side.channel.position()), "dropped": int(side.channel.dropped())}


def pin(side: Side, *, cpus: Sequence[int]) -> Answer:
    """Run on `cpus` from now on."""
    os.sched_setaffinity(0, cpus)
    return {}


def _timed(name: str) -> Callable[..., Answer]:
    """A verb of :mod:`harness.measure.channels.timed`, which is imported only where a clock runs."""

    def run(side: Side, **keywords: Any) -> Answer:
        from harness.measure.channels import timed

        answer: Answer = getattr(timed, name)(side, **keywords)
        return answer

    return run


VERBS: Mapping[str, Callable[..., Answer]] = {
    "put": put,
    "get": get,
    "close": close,
    "told": told,
    "pin": pin,
    **{name: _timed(name) for name in ("stage", "begin", "pour", "drain", "offer", "receive")},
}
