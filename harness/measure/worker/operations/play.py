"""Play a script of calls and hand back copies of all that came, for the checks of the verifier.

Request: `steps`, each a list:

    ["start", retain]      a new instance on the table
    ["restart", retain]    the same instance again, without or after a stop
    ["feed", first, end]   `process` for each of the batches first..end-1
    ["poll"]               `process` with an empty batch
    ["flush"] ["close"] ["history"] ["stop"]
    ["table"]              see whether the sensor table is still as it was given

`layout` is "arrays", "records" (strided), "mixed" (each column with a stride of its own, backwards too) or "mapped"
(views of the mapped file, nothing copied). Input is the stream in `folder`, or the arrays `id`, `gain`, `offset`,
`records` of the request; `cuts` (positions at which batches begin) may replace the stream's. `wait_calls` are the calls
after which the output is watched for a few ms (and, if any are given, the first of each kind); `poison_outputs`
overwrites each writeable output before the next call.

All batches come in one and the same memory, which is overwritten as soon as a call has returned.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import RECORD_DTYPE, Floats, Processor, Readings, Sensors
from harness.contract.data import arrays_of
from harness.measure.processes.clock import now_ns, sleep_s
from harness.measure.processes.messages import Message
from harness.measure.worker.handover import HISTORY, STATISTICS, VALUES, Breach, Handed, take
from harness.measure.worker.host import Host
from harness.stream import Stream

_WATCH_S = 0.003
_POISON = np.array((0xDEADBEEF, -2.5e38, -0x0123456789ABCDEF), RECORD_DTYPE)
_KINDS = {"feed": 0, "poll": 1, "flush": 2, "close": 3, "history": 4}


def run(host: Host, request: Message) -> Message:
    """Play the steps and answer with what came back."""
    player = _Player(host, request)
    for name, *arguments in request.values["steps"]:
        getattr(player, name)(*arguments)
    return player.answer()


class _Buffers:
    """The caller's batch, one memory for all: filled before each call, compared and overwritten after it."""

    def __init__(self, records: NDArray[np.void], layout: str, longest: int) -> None:
        self._records = records
        self._layout = layout
        self._memory = _memory(layout, longest)
        self._batches: dict[int, tuple[dict[str, NDArray[Any]], Readings]] = {}
        self._given = slice(0, 0)

    def fill(self, first: int, end: int) -> Readings:
        """The batch from position `first` to `end`."""
        if self._layout == "mapped":
            return Readings.of_records(self._records[first:end])
        self._given = slice(first, end)
        fields, readings = self._batch(end - first)
        for name, field in fields.items():
            field[:] = self._records[name][self._given]
        return readings

    def _batch(self, length: int) -> tuple[dict[str, NDArray[Any]], Readings]:
        """The first `length` places of the memory; for each length always the same objects."""
        if length not in self._batches:
            fields = {name: field[:length] for name, field in self._memory.items()}
            self._batches[length] = fields, Readings(fields["sensor_id"], fields["time"], fields["value"])
        return self._batches[length]

    def _fields(self) -> dict[str, NDArray[Any]]:
        """The memory of the last batch; nothing where there is none to look after."""
        length = self._given.stop - self._given.start
        return self._batch(length)[0] if length else {}

    def changed(self) -> Breach | None:
        """A breach, if the batch of the last call is no longer as it was given."""
        for name, field in self._fields().items():
            given = self._records[name][self._given]
            bits = f"u{field.itemsize}"
            places = np.flatnonzero(field.view(bits) != given.view(bits))
            if len(places):
                place = places[0]
                return Breach("inputs_unchanged", f"{name}[{place}] = {given[place]!s}", f"{field[place]!s}")
        return None

    def poison(self) -> None:
        """Overwrite the batch of the last call."""
        for name, field in self._fields().items():
            field[:] = _POISON[name]

    def touched(self) -> Breach | None:
        """A breach, if someone has written into the overwritten batch since the call; ends the watch."""
        fields = self._fields()
        self._given = slice(0, 0)
        for name, field in fields.items():
            if not (field == _POISON[name]).all():
                return Breach("inputs_unchanged", f"{name} left alone after the call", "written to after the return")
        return None


def _memory(layout: str, longest: int) -> dict[str, NDArray[Any]]:
    if layout == "records":
        records = np.empty(longest, RECORD_DTYPE)
        return {name: records[name] for name in RECORD_DTYPE.fields or ()}
    if layout == "mixed":
        steps = {"sensor_id": -1, "time": 2, "value": -3}
        return {name: np.empty(longest * abs(step), RECORD_DTYPE[name])[::step] for name, step in steps.items()}
    return {name: np.empty(longest, RECORD_DTYPE[name]) for name in RECORD_DTYPE.fields or ()}


class _Player:
    """Calls the processor and gathers what it hands back."""

    def __init__(self, host: Host, request: Message) -> None:
        self._host = host
        values, arrays = request.values, request.arrays
        if "records" in arrays:
            records = arrays["records"].view(RECORD_DTYPE)
            self._sensors = Sensors(arrays["id"], arrays["gain"], arrays["offset"])
            self._pristine: Sensors | None = Sensors(*(arrays[name].copy() for name in ("id", "gain", "offset")))
            self._cuts = arrays["cuts"]
        else:
            stream = host.map_stream(values["folder"])
            records = stream.records
            self._sensors, self._pristine = stream.sensors, None
            self._cuts = arrays.get("cuts", stream.cuts)
        longest = int(np.diff(self._cuts).max(initial=0))
        self._buffers = _Buffers(records, values["layout"], longest)
        self._poison_outputs = bool(values.get("poison_outputs"))
        self._wait_calls = frozenset(values.get("wait_calls", ()))
        self._seen: set[str] = set()
        self._held: Handed | None = None
        self._values: list[Floats] = []
        self._calls: list[tuple[int, int, int]] = []
        self._statistics: list[Handed] = []
        self._histories: list[Handed] = []
        self._breaches: dict[str, tuple[int, Breach]] = {}
        self._process_ns = 0

    @property
    def _processor(self) -> Processor:
        return self._host.running()

    def start(self, retain: int) -> None:
        self._host.start(self._host.make(), self._sensors, retain)

    def restart(self, retain: int) -> None:
        self._host.start(self._processor, self._sensors, retain)

    def stop(self) -> None:
        self._settle()
        self._processor.stop()

    def table(self) -> None:
        self._settle()
        before = self._pristine
        if before is None:
            before = Stream.open(self._host.mapped().folder).sensors
        for name, array in arrays_of(self._sensors).items():
            places = np.flatnonzero(array.view("u4") != getattr(before, name).view("u4"))
            if len(places):
                first = places[0]
                expected = f"{name}[{first}] of the table = {getattr(before, name)[first]!s}"
                self._note(Breach("inputs_unchanged", expected, f"{array[first]!s}"))

    def feed(self, first: int, end: int) -> None:
        cuts = self._cuts[first : end + 1].tolist()
        for begin, finish in pairwise(cuts):
            self._settle()
            readings = self._buffers.fill(begin, finish)
            self._hand_over(readings, finish - begin, "feed")

    def poll(self) -> None:
        self._settle()
        self._hand_over(Readings.empty(), 0, "poll")

    def flush(self) -> None:
        self._call("flush", VALUES, self._processor.flush)

    def close(self) -> None:
        self._statistics.append(self._call("close", STATISTICS, self._processor.close_window))

    def history(self) -> None:
        self._histories.append(self._call("history", HISTORY, self._processor.history))

    def _hand_over(self, readings: Readings, length: int, name: str) -> None:
        process = self._processor.process
        began_ns = now_ns()
        returned = process(readings)
        self._process_ns += now_ns() - began_ns
        self._keep(take(VALUES, returned), name, length)
        self._note(self._buffers.changed())
        self._buffers.poison()

    def _call(self, name: str, kind: str, method: Callable[[], object]) -> Handed:
        self._settle()
        began_ns = now_ns()
        returned = method()
        self._process_ns += now_ns() - began_ns
        handed = take(kind, returned)
        self._keep(handed, name, 0)
        return handed

    def _keep(self, handed: Handed, name: str, given: int) -> None:
        came = 0
        if handed.kind == VALUES:
            self._values.append(handed.copies["values"])
            came = len(self._values[-1])
        first_of_kind = name not in self._seen
        self._seen.add(name)
        self._calls.append((_KINDS[name], given, came))
        for breach in handed.breaches:
            self._note(breach)
        self._held = handed
        if len(self._calls) - 1 in self._wait_calls or (self._wait_calls and first_of_kind):
            sleep_s(_WATCH_S)

    def _settle(self) -> None:
        """Before the next call: what was handed back must still be as it came, and the input left alone."""
        held, self._held = self._held, None
        if held is None:
            return
        self._note(held.changed())
        self._note(self._buffers.touched())
        if self._poison_outputs and held.kind == VALUES and "values" in held.originals:
            output = held.originals["values"]
            if output.flags.writeable:
                output[:] = _POISON["value"]

    def _note(self, breach: Breach | None) -> None:
        if breach is not None:
            self._breaches.setdefault(breach.rule, (len(self._calls) - 1, breach))

    def answer(self) -> Message:
        """All that was gathered, as one message."""
        self._settle()
        arrays: dict[str, NDArray[Any]] = {
            "values": np.concatenate([np.empty(0, np.float32), *self._values]),
            "calls": np.array(self._calls, np.int64).reshape(-1, 3),
        }
        for kind, things in (("statistics", self._statistics), ("history", self._histories)):
            arrays |= _numbered(kind, things)
        breaches = [[call, one.rule, one.expected, one.got] for call, one in self._breaches.values()]
        counts = [handed.counts for handed in self._statistics]
        return Message(
            {
                "breaches": breaches,
                "counts": counts,
                "statistics": len(self._statistics),
                "histories": len(self._histories),
                "called_ns": self._process_ns,
            },
            arrays,
        )


def _numbered(kind: str, things: Sequence[Handed]) -> dict[str, NDArray[Any]]:
    return {f"{kind}{index}.{name}": copy for index, thing in enumerate(things) for name, copy in thing.copies.items()}
