"""The roofline: its arithmetic, and the copying it rests on."""

import json
import os

import numpy as np
import pytest

from harness.errors import MeasurementError
from harness.measure.machine import roofline as roofline_module
from harness.measure.machine.roofline import (
    CopyBandwidth,
    Roofline,
    bytes_per_reading,
    copy_bandwidths,
    footprint_bytes,
    roofline,
)


def test_bytes_follow_the_job() -> None:
    assert (bytes_per_reading(1), bytes_per_reading(0)) == (36, 20)
    assert footprint_bytes(1000, 0, 0) == 20_000
    assert footprint_bytes(0, 10, 100) == 440 + 1600
    assert footprint_bytes(0, 0, 0) == 0


def test_a_share_above_one_is_flagged_and_one_is_not() -> None:
    limit = Roofline(20, CopyBandwidth(1 << 20, 1, 20e9, "loop"))
    assert limit.limit_per_s == 1e9
    assert limit.share(1e9) == 1
    assert limit.flag(1e9) is None
    assert "1.10 times" in (limit.flag(1.1e9) or "")


def test_it_survives_json() -> None:
    found = CopyBandwidth(1 << 20, 2, 20e9, "loop")
    assert CopyBandwidth.from_dict(json.loads(json.dumps(found.as_dict()))) == found


def test_caches_are_faster_than_memory_and_a_point_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    near, far = copy_bandwidths([(32 << 10, 1), (256 << 20, 1)])
    assert near.bytes_per_s > 1.5 * far.bytes_per_s
    assert 0.5e9 < far.bytes_per_s < near.bytes_per_s < 5e12

    def refuse(*_: object) -> list[CopyBandwidth]:
        raise AssertionError("measured again")

    monkeypatch.setattr(roofline_module, "_measure", refuse)
    assert copy_bandwidths([(256 << 20, 1), (32 << 10, 1)]) == [far, near]
    assert copy_bandwidths([((256 << 20) + 1000, 1)]) == [far]


def test_a_cell_without_anything_and_one_beyond_all_memory_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []

    def fake(points: list[tuple[int, int]], cpus: object) -> list[CopyBandwidth]:
        asked.extend(points)
        return [CopyBandwidth(footprint, threads, 1e9, "loop") for footprint, threads in points]

    monkeypatch.setattr(roofline_module, "_measure", fake)
    monkeypatch.setattr(roofline_module, "_measured", {})
    assert roofline(0, 0, 0).limit_per_s == 1e9 / 20
    assert roofline(10**15, 0, 1, threads=10**6).limit_per_s == 1e9 / 36
    assert min(size for size, _ in asked) == 4096
    assert max(size for size, _ in asked) <= 512 << 20
    assert max(threads for _, threads in asked) <= len(os.sched_getaffinity(0))


def test_a_failure_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roofline_module, "_measured", {})
    with pytest.raises(MeasurementError, match="to find the roofline failed") as caught:
        copy_bandwidths([(1 << 20, 1)], cpus=[10**6])
    assert "\n" not in str(caught.value)


def test_the_kernels_really_copy() -> None:
    from harness.measure.machine.roofline_kernels import KERNELS, Buffers

    for name, kernel in KERNELS.items():
        buffers = Buffers(100_000)
        buffers.source[:] = np.arange(len(buffers.source))
        kernel(buffers.target, buffers.source, 3)
        expected = buffers.source + (2 if name == "loop" else 0)
        np.testing.assert_array_equal(buffers.target, expected)
        assert buffers.moved_bytes <= 100_000
        assert buffers.source.ctypes.data % (2 << 20) == 0
        assert buffers.target.ctypes.data % 64 == 0


def test_two_threads_share_the_footprint() -> None:
    from harness.measure.machine.roofline_kernels import best_bytes_per_s

    cpus = sorted(os.sched_getaffinity(0))[:2]
    if len(cpus) < 2:
        pytest.skip("one CPU")
    ratios = []
    for _ in range(10):  # whoever else uses the machine takes from one of the two
        alone = best_bytes_per_s(1 << 20, cpus[:1], "memcpy")
        both = best_bytes_per_s(1 << 20, cpus, "memcpy")
        ratios.append(both / alone)
        if 0.3 < ratios[-1] < 6:
            return
    raise AssertionError(f"two threads against one: {ratios}")
