"""What timed calls hand back is held to what was proved: every window, whoever looks."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.discovery import find, workload
from harness.measure.load.latency import LatencySide, Load
from harness.measure.processes.handle import Limits
from harness.measure.speed.effort import EFFORTS
from harness.measure.speed.folds import Folding, bits_of
from harness.measure.speed.live import LiveSide
from harness.measure.speed.pairing import Sample, take_alone
from harness.measure.speed.throughput import WrongInSample
from harness.results import Level
from harness.stream import Stream, write_stream
from harness.verify import check_samples, check_under_load, verify
from harness.verify.known import forget, values_of

EARLY = '''
"""Hands back, under load, what it has not computed."""
import sys
import numpy as np
from harness.control import Control

class Early(Control):
    """Right wherever no latency is measured."""

    def process(self, readings):
        values, caller = super().process(readings), sys._getframe(1)
        if caller.f_code.co_name != "drive":
            return values
        audit, done = caller.f_locals["audit"], caller.f_locals["recorder"].done
        return values if audit.first <= done < audit.end else np.full(len(readings), np.nan, np.float32)
'''


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    label, dirty = workload("dirty")
    return write_stream(dirty, label, dirty.size("tiny"), tmp_path_factory.mktemp("stream"))


@pytest.fixture(scope="module")
def samples(stream: Stream) -> tuple[Sample, ...]:
    entry = find("processors", "sorted_indexed")
    assert verify(entry, stream, Limits()).verified
    with LiveSide(entry, stream, Limits(), EFFORTS[Level.QUICK]) as side:
        side.prepare(fill_readings=len(stream))
        return take_alone(side, 3, random.Random(1), audits=1)


def test_right_windows_pass(stream: Stream, samples: tuple[Sample, ...]) -> None:
    assert sum(len(sample.folds) for sample in samples) > 10
    for seed in range(20):
        assert check_samples("sorted_indexed", stream, samples, random.Random(seed)) == []


@pytest.mark.parametrize("name", ["values", "value_bits", "accepted", "rejected", "sum"])
def test_every_number_of_every_window_counts(name: str, stream: Stream, samples: tuple[Sample, ...]) -> None:
    for index in {0, len(samples[-1].folds) - 1}:
        folds = samples[-1].folds.copy()
        folds[name][index] += max(1, abs(folds[name][index]) // 1_000_000) if name == "sum" else 1
        failures = check_samples(
            "sorted_indexed", stream, (*samples[:-1], replace(samples[-1], folds=folds)), random.Random(0)
        )
        assert [failure.check for failure in failures] == ["folds_exact"]


@pytest.mark.parametrize("name", ["minimum_bits", "maximum_bits", "last_bits"])
def test_extremes_that_are_wrong_everywhere_are_found(name: str, stream: Stream, samples: tuple[Sample, ...]) -> None:
    wrong = []
    for sample in samples:
        folds = sample.folds.copy()
        folds[name] += 1
        wrong.append(replace(sample, folds=folds))
    (failure,) = check_samples("sorted_indexed", stream, wrong, random.Random(0))
    assert name.replace("_", " ") in failure.expected


def test_nothing_is_known_of_what_was_not_proved(stream: Stream, samples: tuple[Sample, ...]) -> None:
    assert values_of("sorted_indexed", stream) is not None
    assert values_of("somebody else", stream) is None
    other = replace(stream, digest="another")
    assert values_of("sorted_indexed", other) is None
    forget(other)
    assert values_of("sorted_indexed", stream) is not None


@pytest.mark.parametrize("length", [0, 1, 7, 4095, 4096, 4097, 20_000])
def test_a_fold_does_not_depend_on_the_cut_or_the_kind_of_nan(length: int) -> None:
    rng = np.random.default_rng(length)
    values = rng.normal(size=length).astype(np.float32)
    values[::3] = np.nan
    other = values.copy()
    other.view(np.uint32)[::3] |= np.uint32(0x80000001)
    whole, parts = Folding(), Folding()
    whole.add(values)
    cuts = sorted(rng.integers(0, length + 1, 9).tolist())
    for first, end in zip([0, *cuts], [*cuts, length], strict=True):
        parts.add(np.repeat(other[first:end], 2)[::2])
    assert whole.taken() == parts.taken() == (length, bits_of(values))


def test_values_handed_back_before_they_exist_are_found_under_load(stream: Stream, tmp_path: Path) -> None:
    path = tmp_path / "early.py"
    path.write_text(EARLY)
    entry = find("processors", str(path))
    assert verify(entry, stream, Limits()).verified
    with (
        LatencySide(entry, stream, workload("dirty")[1], Limits(), warm_up_s=0.05, check=check_under_load) as side,
        pytest.raises(WrongInSample, match="value bits"),
    ):
        side.take(Load(50_000, 0.2))
