"""Check what timed calls handed back: every window by its fold, one whole, one in full detail."""

import random
from collections.abc import Iterator, Sequence

import numpy as np

from harness.contract import Floats
from harness.discovery import Entry
from harness.measure.load.audit import UnderLoad
from harness.measure.speed.feed import Window as FedWindow
from harness.measure.speed.feed import window_at
from harness.measure.speed.folds import bits_of, extremes_bits_of
from harness.measure.speed.pairing import Sample
from harness.oracle import group, readings_at
from harness.results import Failure
from harness.stream import Stream, pieces_of
from harness.verify.evidence import Finding, Subject
from harness.verify.gather import oracle_for
from harness.verify.known import values_of
from harness.verify.verifier import check_window

FOLDS_EXACT = "folds_exact"
_U = 2.0**-53


def check_samples(implementation: str, stream: Stream, samples: Sequence[Sample], rng: random.Random) -> list[Failure]:
    """Check what the samples of one process handed back.

    Of every window: how many values, the sum of their bits, how many were accepted and rejected, and the sum of all
    sums within its bound, held to the values that were proved. Of one window, chosen only now, minimum, maximum and
    last of all sensors too. Of those that were copied, everything, as when it was proved. Where nothing was proved on
    this very stream, only the copied ones can be checked.
    """
    failures = [
        failure
        for sample in samples
        if sample.audited is not None
        for failure in check_window(implementation, stream, sample.audited)
    ]
    known = values_of(implementation, stream)
    if failures or known is None:
        return failures
    subject = Subject(implementation, f"{stream.workload}, timed call")
    folded = [
        (window_at(stream, sample.first_window + index), fold)
        for sample in samples
        for index, fold in enumerate(sample.folds)
    ]
    for window, fold in folded:
        for finding in _against_known(_part(known, window), len(stream.sensors), fold):
            return [subject.failure(FOLDS_EXACT, finding, position=window.first_position)]
    for window, fold in rng.sample(folded, min(1, len(folded))):
        for finding in _extremes(stream, window, _part(known, window), fold):
            return [subject.failure(FOLDS_EXACT, finding, position=window.first_position)]
    return []


def check_under_load(entry: Entry, back: UnderLoad, stream: Stream) -> tuple[list[Failure], int]:
    """Check what came back in a stretch of load: the window that was copied, and the sum of the bits of all values.

    Returns the failures, and how many values were held to what must come.
    """
    failures = check_window(entry.label, stream, back.audited) if back.audited else []
    known = values_of(entry.label, stream)
    if failures or known is None:
        return failures, len(back.audited["values"]) if back.audited else 0
    passes, rest = divmod(back.values, len(stream))
    expected = (passes * bits_of(known) if passes else 0) + bits_of(known[:rest])
    if back.value_bits != expected:
        finding = Finding(f"value bits {expected} of {back.values:,} values", str(back.value_bits))
        failures = [Subject(entry.label, f"{stream.workload}, under load").failure(FOLDS_EXACT, finding)]
    return failures, back.values


def _part(known: Floats, window: FedWindow) -> Floats:
    """The values of a window of the cyclic stream."""
    parts = pieces_of(known, window.first_position, window.readings)
    return np.concatenate(parts) if len(parts) != 1 else parts[0]


def _against_known(values: Floats, sensors: int, fold: np.void) -> Iterator[Finding]:
    numbers = values[~np.isnan(values)].astype(np.float64)
    exact = {
        "values": len(values),
        "value_bits": bits_of(values),
        "accepted": len(numbers),
        "rejected": len(values) - len(numbers),
    }
    for name, expected in exact.items():
        if int(fold[name]) != expected:
            yield Finding(f"{name.replace('_', ' ')} {expected}", str(int(fold[name])))
    total, size = float(numbers.sum()), float(np.abs(numbers).sum())
    allowed = 4 * (len(numbers) + sensors) * _U * size
    if not abs(float(fold["sum"]) - total) <= allowed:
        yield Finding(f"sum over all sensors {total!r}", repr(float(fold["sum"])), f"{allowed:.3g}")


def _extremes(stream: Stream, window: FedWindow, values: Floats, fold: np.void) -> Iterator[Finding]:
    answer = oracle_for(stream).answer(readings_at(stream, window.first_position, window.readings))
    groups = group(answer, np.asarray(values))
    exact = {
        "minimum_bits": extremes_bits_of(groups.minimum()),
        "maximum_bits": extremes_bits_of(groups.maximum()),
        "last_bits": bits_of(groups.last()),
    }
    for name, expected in exact.items():
        if int(fold[name]) != expected:
            yield Finding(f"{name.replace('_', ' ')} of all sensors {expected}", str(int(fold[name])))
