"""Every part, and every composition of parts, does the job exactly."""

import itertools
import random
from collections.abc import Iterator, Mapping

import numpy as np
import pytest
from awkward_streams import Case, cases
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_reference import PlainReference

from harness.contract import Processor, Readings, Sensors
from harness.errors import ContractError
from implementations.parts import catalog

KINDS: dict[str, Mapping[str, object]] = {
    "lookup": catalog.LOOKUPS,
    "calibration": catalog.CALIBRATIONS,
    "aggregation": catalog.AGGREGATIONS,
    "history": catalog.HISTORIES,
    "memory": catalog.MEMORIES,
}


def follow(processor: Processor, case: Case) -> None:
    """Run `processor` through `case` beside the reference, its input overwritten after each call."""
    reference = PlainReference(case.sensors, case.retain)
    processor.start(case.sensors, case.retain)
    for batch, close in zip(case.batches(), case.closes, strict=True):
        reference.follow(batch, processor.process(batch))
        if close:
            reference.check_window(processor.close_window())
        reference.check_history(processor.history())
    assert len(processor.flush()) == 0
    reference.check_window(processor.close_window())
    reference.check_history(processor.history())


def pairwise_covering() -> Iterator[dict[str, str]]:
    """Compositions among which every pair of parts of different kinds occurs (greedy, seeded)."""
    generator = random.Random(5)
    wanted = {
        ((one, a), (two, b)) for one, two in itertools.combinations(KINDS, 2) for a in KINDS[one] for b in KINDS[two]
    }
    while wanted:
        candidates = [{kind: generator.choice(sorted(parts)) for kind, parts in KINDS.items()} for _ in range(200)]
        best = max(candidates, key=lambda chosen: len(wanted & pairs(chosen)))
        wanted -= pairs(best)
        yield best


def pairs(chosen: dict[str, str]) -> set[tuple[tuple[str, str], tuple[str, str]]]:
    return set(itertools.combinations(chosen.items(), 2))


@pytest.mark.parametrize("chosen", list(pairwise_covering()), ids=lambda chosen: "-".join(chosen.values()))
@settings(max_examples=40, deadline=None)
@given(case=cases(), block_size=st.sampled_from([None, 1, 7]))
def test_composition_is_exact(chosen: dict[str, str], case: Case, block_size: int | None) -> None:
    follow(catalog.compose(**chosen, block_size=block_size), case)


def test_every_composition_is_exact() -> None:
    """All of them on one awkward case, so that no combination is left untried."""
    case = awkward_case()
    for lookup, calibration, aggregation, history, memory in itertools.product(*KINDS.values()):
        follow(catalog.compose(lookup, calibration, aggregation, history, memory), case)


def awkward_case() -> Case:
    sensors = Sensors(np.array([0, 2**32 - 1, 7], "u4"), np.array([2, 1e-30, -3], "f4"), np.array([0, 0, 1e10], "f4"))
    ids = np.array([7, 0, 5, 2**32 - 1, 0, 7, 7, 0, 1, 2**32 - 1] * 3, "u4")
    values = np.array([1, np.nan, 3, 1e-12, np.inf, -0.0, 2.0**64, 3.4e38, np.nan, 5] * 3, "f4")
    times = np.array([5, 4, 3, 2**63 - 1, -(2**63), 0, 0, 1, 2, 3] * 3, "i8")
    records = Readings.of_records(Readings(ids, times, values).to_records())
    return Case(sensors, records, [0, 1, 12, 12, 25], [False, True, False, True, False, False], 7)


@pytest.mark.parametrize("history", catalog.HISTORIES)
def test_a_second_start_begins_afresh(history: str) -> None:
    processor = catalog.compose(history=history)
    for _ in range(2):
        follow(processor, awkward_case())
    processor.stop()
    follow(processor, awkward_case())


@pytest.mark.parametrize("lookup", catalog.LOOKUPS)
def test_lookup_finds_each_of_many_ids_and_no_other(lookup: str) -> None:
    generator = np.random.default_rng(3)
    ids = generator.choice(2**32, 2000, replace=False).astype(np.uint32)
    part, memory = catalog.LOOKUPS[lookup](), catalog.MEMORIES["fresh"]()
    part.start(Sensors(ids, np.ones(2000, "f4"), np.zeros(2000, "f4")), memory)
    others = np.setdiff1d(generator.choice(2**32, 500).astype(np.uint32), ids)
    asked = np.concatenate((ids[::-1], others))
    rows = np.empty(len(asked), np.intp)
    part.rows(asked, rows)
    assert rows.tolist() == [*range(1999, -1, -1), *[2000] * len(others)]


def test_hashed_stays_fast_on_ids_in_arithmetic_progression() -> None:
    for step in (1, 2, 2**10, 2**16, 48271, 3_000):
        ids = (np.arange(20_000, dtype=np.uint64) * step % 2**32).astype(np.uint32)
        ids = np.unique(ids)
        part = catalog.LOOKUPS["hashed"]()
        part.start(Sensors(ids, np.ones(len(ids), "f4"), np.zeros(len(ids), "f4")), catalog.MEMORIES["fresh"]())
        assert int(part.facts()["longest_probe"]) <= 64, f"step {step}"


def test_use_before_start_says_so() -> None:
    with pytest.raises(ContractError, match="before start"):
        catalog.compose().process(Readings.empty())
