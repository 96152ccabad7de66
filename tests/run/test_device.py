"""Measuring a device, with the kernel on the host in its place: what is proved, timed, told apart and left out."""

from pathlib import Path

import pytest

from harness.discovery import find
from harness.discovery import workload as find_workload
from harness.measure.processes.handle import Limits, Worker
from harness.measure.processes.status import WorkerFailure
from harness.results import Status
from harness.run.device import Question, carry_out
from harness.stream import write_stream

ON_HOST = Path(__file__).parents[1] / "implementations" / "cuda_on_host" / "gpu_cupy_on_host.py"
PHASED = ON_HOST.with_name("phased_on_host.py")
MEMORY, LOST, OLD = "CUDA_ERROR_OUT_OF_MEMORY", "cudaErrorDevicesUnavailable", "cudaErrorInsufficientDriver"


@pytest.fixture(autouse=True)
def _kernel(kernels_on_host: dict[bool, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENSORBENCH_CUDA_ON_HOST", str(kernels_on_host[True]))


def test_every_input_is_proved_and_timed_and_who_fails_is_left_out() -> None:
    names = (f"{ON_HOST}[piece_readings=128]", f'{ON_HOST}[fault="{MEMORY}"]', f"{PHASED}[gpu=true]", str(PHASED))
    entries = tuple(find("processors", name) for name in names)
    question = Question(
        entries, "dirty", (300,), 50, 300, small_readings=1, staged_readings=1_000, processes=1, repeats=2, least_s=0.01
    )
    device, faulty, switched, host = carry_out(question, Limits(), 1, print)
    assert device["left_out"] == switched["left_out"] == host["left_out"] == []
    for one in (device, switched):
        (point,) = one["points"]
        assert set(point["per_s"]) == {"pageable", "registered", "resident"}
        assert all(rate > 0 for rates in point["per_s"].values() for rate in rates)
        assert point["checks"] > 20
        assert point["spent_s_per_reading"]["resident"]["kernel_s"] > 0
        assert set(one["bandwidths"]) == {"to_device", "to_host", "both_ways", "device_copy"}
        assert one["device_bytes"] > 0
    assert (device["approach"], switched["approach"]) == ("SIMD and GPU", "integrated")
    assert faulty["points"] == []
    assert "out_of_memory" in faulty["left_out"][0]["reason"]
    assert [set(point["per_s"]) for point in host["points"]] == [{"pageable"}]
    assert host["bandwidths"] is None


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        (MEMORY, Status.OUT_OF_MEMORY, "the GPU is out of memory (CUDA_ERROR_OUT_OF_MEMORY); take a smaller"),
        (LOST, Status.FAILED, "the GPU was lost or failed (cudaErrorDevicesUnavailable); see nvidia-smi"),
        (OLD, Status.FAILED, "the NVIDIA driver is too old for the installed CUDA packages"),
    ],
)
def test_a_fault_of_the_device_is_one_line(fault: str, status: Status, reason: str, tmp_path: Path) -> None:
    label, workload = find_workload("steady")
    stream = write_stream(workload, label, workload.size("tiny"), tmp_path)
    with Worker(find("processors", f'{ON_HOST}[fault="{fault}"]'), Limits()) as worker:
        worker.ask("start", {"folder": str(stream.folder)}, deadline_s=60)
        with pytest.raises(WorkerFailure) as caught:
            worker.ask("warm_up", {"min_calls": 99, "min_s": 0, "min_readings": 0, "most_s": 9}, deadline_s=60)
    assert caught.value.status is status
    assert reason in caught.value.reason
    assert "\n" not in caught.value.reason


FORGETFUL = '''
"""Counts one reading too few in every window that is longer than a stream's."""
from harness.contract import Statistics
from harness.control import Control

class Forgetful(Control):
    """Right in every window that a verifier looks at."""

    _given = 0

    def process(self, readings):
        self._given += len(readings)
        return super().process(readings)

    def close_window(self):
        found, given, self._given = super().close_window(), self._given, 0
        count = found.count.copy()
        if given > 70_000:
            count[count.argmax()] -= 1
        return Statistics(count, found.sum, found.minimum, found.maximum, found.last, found.unmatched, found.invalid)
'''


def test_a_timed_window_that_counts_otherwise_than_its_passes_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "forgetful.py"
    path.write_text(FORGETFUL)
    question = Question((find("processors", str(path)),), "dirty", (10_000,), 50, 300, 10_000, 50_000, 1, 2, 0.5)
    (found,) = carry_out(question, Limits(), 1, print)
    assert found["points"] == []
    assert "did not count" in found["left_out"][0]["reason"]
