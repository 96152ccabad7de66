"""The counters: what the kernel hands out, what it refuses, and how its answers are read."""

import errno
import mmap
import os
import struct
import sys
import threading
import time
from pathlib import Path

import pytest

from harness.machine.host import Host
from harness.machine.perf_events import EVENTS, Unavailable, attributes, availability, explain, open_event
from harness.measure.speed.counters import GROUPS, Count, Counters, Counts, counted, parse_group, scaled

linux = pytest.mark.skipif(sys.platform != "linux", reason="perf_event_open(2) is Linux's own")
_BY_NAME = {event.name: event for event in EVENTS}


def _raw(*words: int) -> bytes:
    return struct.pack(f"={len(words)}Q", *words)


def test_a_group_is_read_in_order() -> None:
    found = parse_group(_raw(2, 1000, 1000, 7, 9), ["cycles", "instructions"])
    assert found == {"cycles": Count(7.0), "instructions": Count(9.0)}


def test_a_group_that_took_turns_is_scaled() -> None:
    found = parse_group(_raw(1, 1000, 250, 100), ["cycles"])["cycles"]
    assert found == Count(400.0, 0.25)


@pytest.mark.parametrize(
    "raw", [b"", _raw(1), _raw(1, 5, 5), _raw(2, 5, 5, 1), _raw(3, 5, 5, 1, 2, 3), _raw(1, 5, 5, 1)[:-1]]
)
def test_an_incomplete_group_counts_nothing(raw: bytes) -> None:
    found = parse_group(raw, ["cycles", "instructions"])
    assert set(found) == {"cycles", "instructions"}
    assert all(isinstance(count, Unavailable) for count in found.values())


def test_a_counter_that_never_ran_is_not_zero() -> None:
    assert isinstance(scaled(0, 1000, 0), Unavailable)
    assert isinstance(scaled(5, 1_000_000, 1), Unavailable)
    assert scaled(5, 1000, 1001) == Count(5.0, 1.0)


def test_attributes_follow_the_kernel_s_layout() -> None:
    raw = attributes(_BY_NAME["l1d_misses"])
    kind, size, config, _, _, read_format, flags = struct.unpack_from("=IIQQQQQ", raw)
    assert (kind, size, len(raw)) == (3, 112, 112)
    assert config == 0x10000
    assert read_format == 0b1011
    assert flags == 1 | 1 << 5 | 1 << 6
    assert struct.unpack_from("=IIQQQQQ", attributes(_BY_NAME["l1d_misses"], leads=False))[6] == flags & ~1
    software = struct.unpack_from("=IIQQQQQ", attributes(_BY_NAME["context_switches"]))
    assert (software[0], software[2]) == (1, 3)
    assert not software[6] & 1 << 5


def test_every_event_is_in_one_group() -> None:
    named = [name for group in GROUPS for name in group]
    assert sorted(named) == sorted(_BY_NAME)


@pytest.mark.parametrize(
    ("code", "files", "reason", "remedy"),
    [
        (errno.EACCES, {"/proc/sys/kernel/perf_event_paranoid": "4"}, "perf_event_paranoid is 4", "paranoid=2"),
        (errno.EPERM, {"/proc/sys/kernel/perf_event_paranoid": "1"}, "forbidden here", "PERFMON"),
        (errno.ENOENT, {"/proc/cpuinfo": "flags: sse hypervisor"}, "hypervisor offers no", "virtual PMU"),
        (errno.ENOENT, {"/proc/cpuinfo": "flags: sse"}, "processor has no such counter", "another processor"),
        (errno.ENOSYS, {}, "without performance events", "CONFIG_PERF_EVENTS"),
        (errno.EMFILE, {}, "no file descriptor", "ulimit"),
        (errno.EBUSY, {}, "taken", "perf"),
        (errno.EIO, {}, os.strerror(errno.EIO), ""),
    ],
)
def test_refusals_are_explained(tmp_path: Path, code: int, files: dict[str, str], reason: str, remedy: str) -> None:
    for name, text in files.items():
        path = tmp_path / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = explain(code, _BY_NAME["cycles"], Host(tmp_path))
    assert reason in found.reason
    assert remedy in found.remedy


def test_other_systems_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    refused = open_event(_BY_NAME["cycles"])
    assert isinstance(refused, Unavailable)
    assert "riscv64" in refused.reason
    _, counts = counted(lambda: sum(range(1000)))
    assert counts.value("instructions") is None
    clock = counts.found["task_clock_ns"]
    assert isinstance(clock, Count)
    assert clock.source == "rusage"


@linux
def test_page_faults_of_fresh_memory_are_counted() -> None:
    pages = 500

    def touch() -> None:
        with mmap.mmap(-1, pages * mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as block:
            if hasattr(mmap, "MADV_NOHUGEPAGE"):
                block.madvise(mmap.MADV_NOHUGEPAGE)
            for page in range(pages):
                block[page * mmap.PAGESIZE] = 1

    _, counts = counted(touch)
    faults = counts.value("page_faults")
    assert faults is not None
    assert pages <= faults < pages + 200


@linux
def test_sleeping_switches_and_takes_no_processor_time() -> None:
    with Counters() as counters:
        for _ in range(5):
            time.sleep(0.005)
    switches, clock_ns = (counters.counts.value(name) for name in ("context_switches", "task_clock_ns"))
    assert switches is not None
    assert switches >= 5
    assert clock_ns is not None
    assert 0 < clock_ns < 15e6


@linux
def test_only_the_current_thread_is_counted() -> None:
    def burn() -> None:
        end = time.thread_time() + 0.05
        while time.thread_time() < end:
            pass

    other = threading.Thread(target=burn)
    with Counters() as counters:
        other.start()
        other.join()
    clock_ns = counters.counts.value("task_clock_ns")
    assert clock_ns is not None
    assert clock_ns < 40e6


@linux
def test_hardware_counts_are_sound_or_say_why_not() -> None:
    _, counts = counted(lambda: sum(range(200_000)))
    usable = {entry.name: entry.unavailable is None for entry in availability()}
    assert set(counts.found) == set(usable)
    for event in EVENTS:
        count = counts.found[event.name]
        if isinstance(count, Unavailable):
            assert event.hardware
            assert count.reason
            assert not usable[event.name]
    instructions = counts.value("instructions")
    if instructions is not None:
        assert instructions > 200_000


@linux
def test_nothing_stays_open() -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = descriptors()
    counters = Counters()
    for _ in range(3):
        with counters:
            pass
    with pytest.raises(ZeroDivisionError), Counters():
        _ = 1 / 0
    assert descriptors() == before


def test_what_was_not_counted_is_none_and_never_zero() -> None:
    counts = Counts({"cycles": Count(300.0), "instructions": Unavailable("no", "yes")})
    assert counts.per(100) == {"cycles": 3.0, "instructions": None}
    assert counts.per(0) == {"cycles": None, "instructions": None}
    assert counts.reasons() == {"instructions": Unavailable("no", "yes")}
    assert counts.as_dict()["instructions"] == {"value": None, "reason": "no", "remedy": "yes"}
