"""`gpu_cupy`, and `phased` with its GPU switch, without a GPU: the very CUDA C, run by the host, before every check."""

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from plain_reference import PlainReference

from harness.contract import Accelerated, Readings
from harness.discovery import Entry, find, load
from harness.discovery import workload as find_workload
from harness.measure.processes.handle import Limits
from harness.stream import write_stream
from harness.verify import verify
from harness.verify.scenarios import readings, table
from implementations.parts import device_bandwidth, device_pass

PROCESSOR = Path(__file__).parent / "cuda_on_host" / "gpu_cupy_on_host.py"
PHASED = PROCESSOR.with_name("phased_on_host.py")


@pytest.fixture(params=[True, False], ids=["combining", "plain"])
def on_host(
    request: pytest.FixtureRequest, kernels_on_host: dict[bool, Path], monkeypatch: pytest.MonkeyPatch
) -> Entry:
    monkeypatch.setenv("SENSORBENCH_CUDA_ON_HOST", str(kernels_on_host[request.param]))
    return find("processors", str(PROCESSOR))


@pytest.mark.parametrize("text", [str(PROCESSOR), f"{PHASED}[gpu=true]"], ids=["gpu_cupy", "phased"])
def test_passes_every_check(on_host: Entry, text: str, tmp_path: Path) -> None:
    label, workload = find_workload("dirty")
    stream = write_stream(workload, label, workload.size("tiny"), tmp_path)
    proof = verify(find("processors", text), stream, Limits(), budget_s=100)
    assert [str(failure) for failure in proof.failures] == []
    assert proof.verified


@pytest.mark.usefixtures("on_host")
def test_phased_made_with_its_switch_by_hand_does_the_job_too() -> None:
    processor, reference = load(find("processors", str(PHASED)))(gpu=True), PlainReference(table(), 400)
    processor.start(table(), 400)
    batch = Readings.of_records(readings(600, 1))
    reference.follow(batch, np.concatenate([processor.process(batch), processor.flush()]))
    reference.check_window(processor.close_window())
    processor.stop()


def started(entry: Entry, retain: int = 400, **parameters: Any) -> Accelerated:
    processor: Accelerated = load(entry)(**parameters)
    processor.start(table(), retain)
    return processor


def test_a_window_longer_than_its_numbers_keeps_the_last_reading(
    on_host: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_pass, "MOST_IN_WINDOW", 700)
    processor, reference = started(on_host), PlainReference(table(), 400)
    for seed in range(4):
        batch = Readings.of_records(readings(600, seed))
        reference.follow(batch, np.concatenate([processor.process(batch), processor.flush()]))
    reference.check_window(processor.close_window())
    reference.check_history(processor.history())
    processor.stop()


def test_registered_memory_may_be_overwritten_after_the_call(on_host: Entry) -> None:
    processor, reference = started(on_host, piece_readings=64), PlainReference(table(), 400)
    columns: list[NDArray[Any]] = [np.zeros(500, dtype) for dtype in ("u4", "i8", "f4")]
    for column in columns:
        processor.register(column)
    given, taken = [], []
    for seed in range(5):
        batch = Readings.of_records(readings(100 * (seed + 1), seed))
        for column, source in zip(columns, (batch.sensor_id, batch.time, batch.value), strict=True):
            column[:] = 77
            column[: len(batch)] = source
        taken.append(processor.process(Readings(*(column[: len(batch)] for column in columns))).copy())
        given.append(batch.to_records())
    taken.append(processor.flush().copy())
    reference.follow(Readings.of_records(np.concatenate(given)), np.concatenate(taken))
    reference.check_window(processor.close_window())
    processor.stop()


def test_placed_readings_are_processed_like_any_others(on_host: Entry) -> None:
    processor, reference = started(on_host, piece_readings=64), PlainReference(table(), 400)
    batches = [Readings.of_records(readings(150, seed)) for seed in range(3)]
    placed = [processor.place(batch) for batch in batches]
    processor.trace(on=True)
    for batch, there in zip(batches, placed, strict=True):
        processor.pass_over(there)
        reference.follow(batch, processor.values_of(there))
    reference.check_window(processor.close_window())
    reference.check_history(processor.history())
    spent = processor.trace(on=False)
    assert spent["kernel_s"] == pytest.approx(9e-6)  # three pieces each, of a microsecond each by this device's clock
    assert processor.facts()["kernel_s"] == spent["kernel_s"]
    processor.stop()


def test_bandwidths_are_of_bytes_moved(on_host: Entry) -> None:
    module = sys.modules[load(on_host).__module__]
    device = module.LazyDevice(Path(os.environ[module.LIBRARY]), 64)
    found = device_bandwidth.measure(device, 1 << 16)
    assert found == pytest.approx(
        {"to_device": 2**16 / 1e-6, "to_host": 2**16 / 1e-6, "both_ways": 2**17 / 1e-6, "device_copy": 2**21 / 1e-6}
    )


@pytest.mark.parametrize("seed", range(int(os.environ.get("SENSORBENCH_TRUST_ROUNDS", "6"))))
def test_any_cut_on_any_number_of_slots_gives_the_same(on_host: Entry, seed: int) -> None:
    rng = np.random.default_rng(seed)
    retain, slots, piece = (int(rng.integers(low, high)) for low, high in ((0, 300), (1, 5), (16, 400)))
    processor = started(on_host, retain, slots=slots, piece_readings=piece)
    reference = PlainReference(table(), retain)
    for window in range(3):
        batches = [
            Readings.of_records(readings(int(count), 10 * seed + window))
            for count in rng.integers(0, 500, rng.integers(5))
        ]
        taken = [processor.process(batch).copy() for batch in batches]
        closed = processor.close_window()
        taken.append(processor.flush().copy())
        given = np.concatenate([readings(0, 0), *(batch.to_records() for batch in batches)])
        reference.follow(Readings.of_records(given), np.concatenate(taken))
        reference.check_window(closed)
        reference.check_history(processor.history())
    processor.stop()


def test_many_tiles_pass_on_what_came_before(on_host: Entry) -> None:
    processor, reference = started(on_host, retain=9_000, piece_readings=20_000), PlainReference(table(), 9_000)
    batch = Readings.of_records(readings(12_000, 5))  # 47 tiles, so that one looks back over more than a warp of them
    reference.follow(batch, np.concatenate([processor.process(batch), processor.flush()]))
    reference.check_window(processor.close_window())
    reference.check_history(processor.history())
    processor.stop()
