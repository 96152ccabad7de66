"""Small scripts of their own: what must work on any machine, whatever the workload holds.

A scenario plays one or more parts on the same instance; the last part is judged. All are fixed, small (a few hundred
readings), and hold what real streams rarely do: ids at both ends, ids equal in their low bits, times beyond 2**32 and
2**53, values at the edge of validity, doubles, a batch larger than any before.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from harness.contract import MAX_CALIBRATION, MAX_VALUE, RECORD_DTYPE, Sensors

Step = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What is given, and the calls it is given in.

    Parameters
    ----------
    cuts : int64[b + 1]
        Positions at which batches begin.
    steps : tuple of steps
        See :mod:`harness.measure.worker.operations.play`.
    layout : "arrays", "records" or "mixed"
    poison_outputs : bool
        Overwrite each output before the next call.
    """

    sensors: Sensors
    records: NDArray[np.void]
    cuts: NDArray[np.int64]
    retain: int
    steps: tuple[Step, ...]
    layout: str = "arrays"
    poison_outputs: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """A scenario: its name, what must hold, and its parts."""

    name: str
    about: str
    parts: tuple[Part, ...]


def _script(make: Callable[[], tuple[Part, ...]]) -> Script:
    return Script(make.__name__, (make.__doc__ or "").partition("\n")[0], make())


_IDS = np.array(
    [0, 2**32 - 1, 2**31, 2**31 - 1, 1, 65536, 65537, 2**24, 2**24 + 1, 2**24 + 2, 77, 77 + 2**16, 4_000_000_000, 12],
    np.uint32,
)
_UNKNOWN_IDS = np.array([2, 65535, 2**32 - 2, 2**24 + 3, 78, 2**31 + 1], np.uint32)
_TIMES = np.array([0, -1, 2**32, 2**32 + 5, 2**53 + 1, 2**63 - 1, -(2**63), 1_700_000_000_000_000_001], np.int64)
_VALUES = np.array(
    [0.0, -0.0, 1.0, -1.5, 1e-45, -3e-39, 1.1754944e-38, 3.0e10, 16777217.0, MAX_VALUE, -MAX_VALUE, 0.1],
    np.float32,
)
_INVALID_VALUES = np.array(
    [np.nan, np.inf, -np.inf, np.nextafter(np.float32(MAX_VALUE), np.float32(np.inf)), -3.4028235e38], np.float32
)


def table() -> Sensors:
    """Fourteen sensors: both ends of the ids, ids equal in their low bits, calibrations at the limits."""
    gain = np.array([1, -1, 0.5, 2, 1.1, 0, 1e-3, -7.25, 3.3e-5, MAX_CALIBRATION, 1.0, 1e-30, -0.7, 1], np.float32)
    offset = np.array([0, 10, -0.5, 1e-3, -0.0, 5, 100, 0, 1, MAX_CALIBRATION, -1.0, 0, 3e7, -20.5], np.float32)
    return Sensors(_IDS, gain, offset)


def readings(count: int, seed: int, dirt: float = 0.15) -> NDArray[np.void]:
    """`count` records on `table`: a share of `dirt` rejected, every tenth the double of the one before."""
    rng = np.random.default_rng(seed)
    records = np.empty(count, RECORD_DTYPE)
    records["sensor_id"] = rng.choice(_IDS, count)
    records["time"] = np.where(rng.random(count) < 0.5, rng.choice(_TIMES, count), rng.integers(0, 2**62, count))
    plain = (rng.normal(20, 40, count)).astype(np.float32)
    records["value"] = np.where(rng.random(count) < 0.5, rng.choice(_VALUES, count), plain)
    kind = rng.random(count)
    unknown, invalid = kind < dirt / 2, (kind >= dirt / 2) & (kind < dirt)
    records["sensor_id"][unknown] = rng.choice(_UNKNOWN_IDS, int(unknown.sum()))
    records["value"][invalid] = rng.choice(_INVALID_VALUES, int(invalid.sum()))
    records[10::10] = records[9:-1:10]
    return records


def _cut(*lengths: int) -> NDArray[np.int64]:
    return np.cumsum([0, *lengths]).astype(np.int64)


def _plain_calibration(sensors: Sensors) -> Sensors:
    """The same ids, every value handed back as it came."""
    return Sensors(sensors.id, np.ones(len(sensors), np.float32), np.zeros(len(sensors), np.float32))


def empty_batch() -> tuple[Part, ...]:
    """An empty batch is a poll: before the first reading, between batches, after the last."""
    records = readings(60, 1)
    steps: tuple[Step, ...] = (
        ("start", 100), ("poll",), ("flush",), ("history",), ("close",), ("feed", 0, 1), ("poll",), ("poll",),
        ("feed", 1, 2), ("close",), ("poll",), ("flush",), ("poll",), ("history",),
    )  # fmt: skip
    return (Part(table(), records, _cut(25, 35), 100, steps),)


def single_reading() -> tuple[Part, ...]:
    """A single reading is matched, calibrated, aggregated and retained."""
    records = np.array([(2**32 - 1, 2.5, 2**40)], RECORD_DTYPE)
    steps: tuple[Step, ...] = (("start", 1), ("feed", 0, 1), ("close",), ("flush",), ("history",))
    return (Part(table(), records, _cut(1), 1, steps),)


def batches_of_one() -> tuple[Part, ...]:
    """Batches of one reading, an empty one among them, give what any others give."""
    records = readings(80, 2)
    steps: tuple[Step, ...] = (("start", 30), ("feed", 0, 81), ("close",), ("history",), ("flush",))
    return (Part(table(), records, _cut(*[1] * 40, 0, *[1] * 40), 30, steps),)


def growing_batches() -> tuple[Part, ...]:
    """Each batch larger than any before, then a small one: no buffer is too short, none hands back what is stale."""
    lengths = (3, 17, 120, 1100, 5, 300)
    steps: tuple[Step, ...] = (("start", 400), ("feed", 0, 6), ("flush",), ("close",), ("history",))
    return (Part(table(), readings(sum(lengths), 3), _cut(*lengths), 400, steps),)


def overwritten_outputs() -> tuple[Part, ...]:
    """Outputs do not lean on what earlier outputs held: each is overwritten before the next call."""
    # Nothing may be read back from them, so that only values are asked for: statistics may be drawn from a buffer that
    # was handed out as a view and is now overwritten, which no promise forbids.
    lengths = (50, 50, 20, 50, 1, 49)
    same = readings(50, 4)  # each batch the beginning of the same, so that an output looks as if it were there already
    records = np.concatenate([same[:length] for length in lengths])
    steps: tuple[Step, ...] = (("start", 10), ("feed", 0, 6), ("flush",))
    return (Part(table(), records, _cut(*lengths), 10, steps, poison_outputs=True),)


def empty_table() -> tuple[Part, ...]:
    """Without sensors every reading is unmatched."""
    steps: tuple[Step, ...] = (
        ("start", 10), ("feed", 0, 2), ("close",), ("flush",), ("history",), ("feed", 2, 3), ("flush",), ("close",),
    )  # fmt: skip
    return (Part(Sensors.empty(), readings(50, 5), _cut(20, 20, 10), 10, steps),)


def single_sensor() -> tuple[Part, ...]:
    """A table of one sensor works."""
    only = table()
    sensors = Sensors(only.id[12:13], only.gain[12:13], only.offset[12:13])
    steps: tuple[Step, ...] = (("start", 10), ("feed", 0, 2), ("close",), ("flush",), ("history",))
    return (Part(sensors, readings(60, 6), _cut(30, 30), 10, steps),)


def many_sensors() -> tuple[Part, ...]:
    """Rows beyond 65,535 are rows like any others."""
    count = 66_000
    ids = (np.arange(count, dtype=np.uint64) * 2_654_435_761 % 2**32).astype(np.uint32)
    sensors = Sensors(ids, np.linspace(0.5, 2, count, dtype=np.float32), np.linspace(-9, 9, count, dtype=np.float32))
    records = readings(40, 20, dirt=0.0)
    # The last rows, and in front of them those that are equal to them in their low 16 bits.
    records["sensor_id"] = ids[np.r_[count - 65_536 - 20 : count - 65_536, count - 20 : count]]
    steps: tuple[Step, ...] = (("start", 30), ("feed", 0, 2), ("flush",), ("close",), ("history",))
    return (Part(sensors, records, _cut(15, 25), 30, steps),)


def retain_0() -> tuple[Part, ...]:
    """With retain = 0 the history is empty and all else as ever."""
    steps: tuple[Step, ...] = (("start", 0), ("history",), ("feed", 0, 2), ("close",), ("history",), ("flush",))
    return (Part(table(), readings(60, 7), _cut(30, 30), 0, steps),)


def retain_1() -> tuple[Part, ...]:
    """With retain = 1 the newest accepted reading is kept."""
    steps: tuple[Step, ...] = (("start", 1), ("feed", 0, 1), ("history",), ("feed", 1, 2), ("flush",), ("history",))
    return (Part(table(), readings(60, 8), _cut(30, 30), 1, steps),)


def history_never_full() -> tuple[Part, ...]:
    """A history longer than the stream holds all accepted readings."""
    steps: tuple[Step, ...] = (("start", 5000), ("feed", 0, 2), ("history",), ("feed", 2, 3), ("flush",), ("history",))
    return (Part(table(), readings(90, 9), _cut(30, 30, 30), 5000, steps),)


def history_goes_around() -> tuple[Part, ...]:
    """A history asked for again and again, shorter and longer than a batch, is always the newest, oldest first."""
    steps: tuple[Step, ...] = (
        ("start", 37), ("feed", 0, 1), ("history",), ("feed", 1, 2), ("history",), ("feed", 2, 5), ("history",),
        ("history",), ("feed", 5, 6), ("flush",), ("history",), ("close",),
    )  # fmt: skip
    return (Part(table(), readings(250, 10), _cut(30, 40, 10, 90, 41, 39), 37, steps),)


def window_closed_twice() -> tuple[Part, ...]:
    """A window without readings has empty statistics, and the stream goes on after it."""
    steps: tuple[Step, ...] = (
        ("start", 20), ("close",), ("feed", 0, 1), ("close",), ("close",), ("feed", 1, 2), ("close",), ("flush",),
        ("history",),
    )  # fmt: skip
    return (Part(table(), readings(60, 11), _cut(30, 30), 20, steps),)


def all_rejected() -> tuple[Part, ...]:
    """A batch of which nothing is accepted gives NaN, counts, and no more."""
    records = readings(40, 12)
    records["sensor_id"][:20] = _UNKNOWN_IDS[0]
    records["value"][:40:2] = np.nan
    records["value"][20:] = np.inf
    steps: tuple[Step, ...] = (("start", 20), ("feed", 0, 2), ("flush",), ("close",), ("history",))
    return (Part(table(), records, _cut(20, 20), 20, steps),)


def rejected_in_stretches() -> tuple[Part, ...]:
    """However much of a batch is rejected, and where, the history is the newest, oldest first."""
    length, batches = 8_192, 4
    records = readings(length * batches, 21, dirt=0.0)
    rng = np.random.default_rng(5)
    for batch in records.reshape(batches, length):
        first, end = np.sort(rng.integers(0, length, 2))
        batch["value"][first:end] = np.nan
    steps: tuple[Step, ...] = (
        ("start", 6_000),
        *(step for batch in range(batches) for step in (("feed", batch, batch + 1), ("history",))),
        ("flush",),
        ("close",),
    )
    return (Part(table(), records, _cut(*[length] * batches), 6_000, steps),)


def doubled_readings() -> tuple[Part, ...]:
    """A reading that comes twice, or a hundred times, is that many readings."""
    records = np.repeat(readings(8, 13, dirt=0.0), [1, 2, 5, 100, 1, 1, 3, 2])
    steps: tuple[Step, ...] = (("start", 60), ("feed", 0, 3), ("flush",), ("close",), ("history",))
    return (Part(table(), records, _cut(4, 60, len(records) - 64), 60, steps),)


def awkward_readings() -> tuple[Part, ...]:
    """Any id, any time, any value: both ends of the ids, times beyond 2**53, zeros' signs, subnormals, the limits."""
    steps: tuple[Step, ...] = (
        ("start", 300), ("feed", 0, 2), ("close",), ("history",), ("feed", 2, 4), ("flush",), ("close",), ("history",),
    )  # fmt: skip
    return (Part(table(), readings(800, 14), _cut(200, 200, 150, 250), 300, steps, layout="records"),)


def strides_of_all_kinds() -> tuple[Part, ...]:
    """Columns may lie in memory in any way, each in another: backwards, with gaps."""
    steps: tuple[Step, ...] = (("start", 120), ("feed", 0, 4), ("close",), ("flush",), ("history",))
    return (Part(table(), readings(500, 22), _cut(200, 1, 99, 200), 120, steps, layout="mixed"),)


def one_sensor_over_and_over() -> tuple[Part, ...]:
    """More than 65,536 readings of one sensor in a window are as many."""
    length = 33_000
    records = readings(2 * length, 23, dirt=0.0)
    records["sensor_id"] = _IDS[3]
    steps: tuple[Step, ...] = (("start", 50), ("feed", 0, 2), ("flush",), ("close",), ("history",))
    return (Part(table(), records, _cut(length, length), 50, steps),)


def exact_calibration() -> tuple[Part, ...]:
    """With gain 1 and offset 0 each value is handed back as it came, to the last subnormal."""
    steps: tuple[Step, ...] = (("start", 50), ("feed", 0, 2), ("flush",), ("close",), ("history",))
    return (Part(_plain_calibration(table()), readings(200, 15), _cut(100, 100), 50, steps),)


def second_start() -> tuple[Part, ...]:
    """A second start, in the middle of everything and on another table, begins afresh."""
    first = Part(table(), readings(120, 16), _cut(50, 70), 64, (("start", 64), ("feed", 0, 2)))
    other = table()
    turned = Sensors(other.id[:8:-1].copy(), other.gain[2:7].copy(), other.offset[1:6].copy())
    steps: tuple[Step, ...] = (
        ("restart", 20), ("history",), ("feed", 0, 1), ("close",), ("feed", 1, 2), ("flush",), ("close",), ("history",),
    )  # fmt: skip
    return (first, Part(turned, readings(90, 17), _cut(60, 30), 20, steps))


def start_after_stop() -> tuple[Part, ...]:
    """A start after a stop begins afresh."""
    first = Part(table(), readings(70, 18), _cut(70), 30, (("start", 30), ("feed", 0, 1), ("stop",)))
    steps: tuple[Step, ...] = (("restart", 40), ("feed", 0, 1), ("close",), ("flush",), ("history",))
    return (first, replace(first, records=readings(80, 19), cuts=_cut(80), retain=40, steps=steps))


SCRIPTS: tuple[Script, ...] = tuple(
    _script(make)
    for make in (
        empty_batch,
        single_reading,
        batches_of_one,
        growing_batches,
        overwritten_outputs,
        empty_table,
        single_sensor,
        many_sensors,
        retain_0,
        retain_1,
        history_never_full,
        history_goes_around,
        window_closed_twice,
        all_rejected,
        rejected_in_stretches,
        doubled_readings,
        awkward_readings,
        strides_of_all_kinds,
        one_sensor_over_and_over,
        exact_calibration,
        second_start,
        start_after_stop,
    )
)
