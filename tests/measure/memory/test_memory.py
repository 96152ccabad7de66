"""Memory as it is measured: agrees with others' readings, counts children once, holds budgets for real."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.contract import Size
from harness.discovery import Entry, find
from harness.discovery import workload as find_workload
from harness.measure.memory.weigh import measure_memory, weigh
from harness.measure.processes.handle import Limits, Worker
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.effort import EFFORTS
from harness.results import Level, Status
from harness.run.cell import CellMaker
from harness.run.inputs import Inputs
from harness.stream import Stream, write_stream

SUBJECTS = Path(__file__).parent / "subjects"
MIB = 1 << 20
pytestmark = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux's /proc to see peaks")


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    label, steady = find_workload("steady", None)
    return write_stream(steady, label, Size("some", 60_000, 200, 2_000, 50_000, 6), tmp_path_factory.mktemp("stream"))


def subject(name: str, **parameters: str | int) -> Entry:
    entry = find("processors", str(SUBJECTS / f"{name}.py"))
    return Entry(entry.kind, entry.name, entry.reference, dict(parameters))


def test_figures_agree_with_the_kernel_read_from_outside(stream: Stream) -> None:
    """What the worker says it retains is what its smaps add up to, read by another process at that moment."""
    request = {"retain": 500_000, "min_readings": 560_000, "most_s": 30, "steady_windows": 0}
    with Worker(find("processors", "ring_buffer"), Limits()) as worker:
        worker.ask("memory_runtime", {"folder": str(stream.folder)}, deadline_s=60)
        found = worker.ask("memory", request, deadline_s=90).values
        fields = dict(re.findall(r"^(\w+): +(\d+) kB$", Path(f"/proc/{worker.pid}/smaps_rollup").read_text(), re.M))
    assert found["full"]
    outside = {name: int(size) * 1024 for name, size in fields.items()}
    assert found["retained_bytes"] == pytest.approx(outside["Rss"], rel=0.05)
    assert found["anonymous_bytes"] == pytest.approx(outside["Anonymous"], rel=0.05)


WEIGHED_IN_THIS_PROCESS = """
import json, sys
from harness.measure.worker.host import Host
from harness.measure.processes.messages import Message
from harness.measure.worker.operations import memory, memory_history, memory_runtime

folder, retain = sys.argv[1], int(sys.argv[2])
host = Host.load("module:implementations.processors.ring_buffer", "ring_buffer", {})
before = memory_runtime.run(host, Message({"folder": folder})).values
request = {"retain": retain, "min_readings": retain + 60_000, "most_s": 60}
after = memory.run(host, Message(request)).values
copied = memory_history.run(host, Message({})).values
print(json.dumps({"runtime": before["runtime_bytes"], "peak": after["peak_bytes"],
                  "highest": max(after["peak_bytes"], copied["history_peak_bytes"])}))
"""


@pytest.mark.skipif(not Path("/usr/bin/time").exists(), reason="needs GNU time: apt install time")
def test_peaks_agree_with_gnu_time(stream: Stream) -> None:
    """The highest of a whole process, and how much higher it is with more retained: both as `time -v` has them."""
    ours, theirs = [], []
    for retain in (500_000, 1_500_000):
        done = subprocess.run(
            ["/usr/bin/time", "-v", sys.executable, "-c", WEIGHED_IN_THIS_PROCESS, str(stream.folder), str(retain)],
            capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
        said = re.search(r"Maximum resident set size \(kbytes\): (\d+)", done.stderr)
        assert said is not None
        ours.append(json.loads(done.stdout)["highest"])
        theirs.append(int(said[1]) * 1024)
    assert ours == pytest.approx(theirs, rel=0.05)
    assert ours[1] - ours[0] == pytest.approx(theirs[1] - theirs[0], rel=0.05)
    assert ours[1] - ours[0] == pytest.approx(2 * 1_000_000 * 16, rel=0.05), "the ring, and the copy that is history"


def test_children_are_summed_in_and_named(stream: Stream) -> None:
    memory = measure_memory(subject("has_children"), stream, Limits())
    alone = measure_memory(subject("has_children", mebibytes=0), stream, Limits())
    assert memory.peak_bytes is not None
    assert memory.retained_bytes is not None
    assert alone.peak_bytes is not None
    assert alone.retained_bytes is not None
    assert memory.peak_bytes - alone.peak_bytes == pytest.approx(100 * MIB, rel=0.05)
    assert memory.retained_bytes - alone.retained_bytes == pytest.approx(100 * MIB, rel=0.05)
    assert memory.details["children_bytes"] > 100 * MIB
    assert [name for name in memory.details["children"] if name.startswith("python")]


def test_what_is_shared_with_children_counts_once(stream: Stream) -> None:
    memory = measure_memory(subject("has_children", memory="shared"), stream, Limits())
    alone = measure_memory(subject("has_children", memory="shared", mebibytes=1), stream, Limits())
    assert memory.peak_bytes is not None
    assert alone.peak_bytes is not None
    assert memory.peak_bytes - alone.peak_bytes == pytest.approx(49 * MIB, rel=0.05)
    assert sum(memory.details["children"].values()) > 2 / 3 * 50 * MIB, "named apart with their shares of it"


@pytest.mark.parametrize("how", ["gradually", "at_one_go", "for_a_moment", "at_start"])
def test_a_budget_is_enforced(how: str, stream: Stream) -> None:
    entry = subject("hogs", how=how)
    with pytest.raises(WorkerFailure, match=r"over its runtime; allowed are 64.0 MiB") as caught:
        measure_memory(entry, stream, Limits(), budget_bytes=64 * MIB)
    assert caught.value.status is Status.OUT_OF_MEMORY
    assert "\n" not in caught.value.reason


def test_who_keeps_to_the_budget_passes(stream: Stream) -> None:
    memory = measure_memory(subject("hogs", how="for_a_moment", mebibytes=40), stream, Limits(), budget_bytes=64 * MIB)
    assert memory.peak_bytes is not None
    assert 40 * MIB <= memory.peak_bytes <= 64 * MIB


@pytest.mark.parametrize("name", ["simd", "hash_indexed", "polars_join"])
def test_a_budget_is_held_against_the_peak_that_is_reported(name: str, stream: Stream) -> None:
    """What it takes to say something of itself, more than the whole of so small a peak, is charged to nobody."""
    entry = find("processors", name)
    peak = measure_memory(entry, stream, Limits()).peak_bytes
    assert peak
    assert measure_memory(entry, stream, Limits(), budget_bytes=peak * 3 // 2).peak_bytes
    with pytest.raises(WorkerFailure, match="over its runtime") as caught:
        measure_memory(entry, stream, Limits(), budget_bytes=peak // 2)
    assert caught.value.status is Status.OUT_OF_MEMORY


def test_what_is_shared_does_not_count_twice_against_a_budget(stream: Stream) -> None:
    """Resident sizes add up to 150 MiB and more; what is held is 50 MiB, and the interpreters."""
    entry = subject("has_children", memory="shared")
    assert measure_memory(entry, stream, Limits(), budget_bytes=80 * MIB).peak_bytes


def test_the_copy_that_history_hands_out_is_not_charged(stream: Stream) -> None:
    """600,000 readings are less than the budget packed, and more as a copy: the budget is that of the work."""
    entry, budget = find("processors", "bit_packed"), 8 * MIB
    memory = measure_memory(entry, stream, Limits(), retain=600_000, budget_bytes=budget)
    assert memory.peak_bytes is not None
    assert memory.history_bytes is not None
    assert memory.peak_bytes <= budget < memory.history_bytes


def test_a_cell_over_its_budget_ends_and_says_by_how_much() -> None:
    with Inputs() as inputs, CellMaker(
        inputs, EFFORTS[Level.QUICK], Limits(), 1, (), ("memory",), 0, memory_budget_bytes=32 * MIB
    ) as maker:  # fmt: skip
        cell = maker.make(subject("hogs", how="at_one_go"), "steady", "small", lambda phase: None)
    assert cell.status is Status.OUT_OF_MEMORY, cell.reason
    assert "32.0 MiB: allow more with --memory" in (cell.reason or "")
    assert cell.throughput is None


def test_pauses_over_time_and_what_is_retained(stream: Stream) -> None:
    weighed = weigh(find("processors", "naive"), stream, Limits(), retain=30_000, hand_back_history=True)
    details = weighed.memory.details
    assert details["history_full"]
    assert details["steady_gc_pauses"]["readings"] == len(stream)
    assert details["steady_gc_pauses"]["count"] > 0
    assert details["steady_gc_pauses"]["longest_s"] <= details["steady_gc_pauses"]["total_s"]
    seconds = details["over_time"]["seconds"]
    assert seconds == sorted(seconds)
    assert len(seconds) == len(details["over_time"]["resident_bytes"]) > 5
    assert weighed.history is not None
    assert len(weighed.history) == 30_000
    assert weighed.windows == 12
