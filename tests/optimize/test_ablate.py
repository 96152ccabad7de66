"""Ablation: what is compared, the search for the number of sensors, resuming, and what the reports make of it."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from harness.contract import Size
from harness.discovery import find
from harness.discovery import load as load_class
from harness.errors import MeasurementError
from harness.measure.processes.handle import Limits
from harness.optimize.ablate import ABLATION_KIND, SIZING_KIND, Ablation, comparisons
from harness.optimize.phases import STANDINGS, TECHNIQUES
from harness.optimize.sizing import sensors_for, size_with
from harness.results import Interval, Level
from harness.store import Store
from reports.ablation import Ladder, Rung, ladders
from reports.claim import Outcome
from reports.claims import claims
from reports.load import Run, load
from reports.sections import claims as claims_section
from reports.sections import phases as phases_section
from reports.study import study

FEW = ("before", "phase 3")
SIZE = Size("40 sensors", 4_000, 40, 400, 500, 10)


def test_the_whole_takes_every_technique_alone_and_left_out() -> None:
    found = comparisons(whole=True)
    assert [one.name for one in found if one.study == "alone"] == list(TECHNIQUES)
    for one in found:
        if one.study == "without":
            assert set(TECHNIQUES) - set(one.on) == {one.name}
            assert one.against == TECHNIQUES
    assert {one.study for one in comparisons(whole=False)} == {"ladder", "step"}


def test_each_stands_for_its_approach_at_the_load_that_is_claimed() -> None:
    wanted_per_s = study().problem.wanted_per_s
    claimed = {one.approach: one.per_s or wanted_per_s for one in study().approach}
    gpu_per_s = next(one.per_s for one in study().variant if one.kind == "gpu")
    for standing in STANDINGS:
        processor = load_class(find("processors", standing.implementation))
        approach = str(getattr(processor, "approach", None))
        is_gpu = standing.implementation.startswith("gpu")
        assert standing.offered_per_s == (gpu_per_s if is_gpu else claimed[approach])


@pytest.mark.parametrize(("fixed", "each"), [(500.0, 9.4), (3000.0, 2.0), (9000.0, 80.0), (100.0, 0.05)])
def test_the_number_of_sensors_is_found_in_eight_probes(fixed: float, each: float) -> None:
    asked: list[int] = []

    def per_s_with(sensors: int) -> float:
        asked.append(sensors)
        wobble = 1 + 0.01 * math.sin(7 * len(asked))
        return 1e9 / ((fixed + each * sensors) * wobble)

    found = sensors_for(1e5, per_s_with)
    assert len(asked) <= 8
    assert abs(math.log(found.per_s / 1e5)) <= math.log(1.05)
    assert [sensors for sensors, _ in found.probes].count(found.sensors) == 2


def test_a_probe_that_was_off_is_not_believed() -> None:
    first = True

    def per_s_with(sensors: int) -> float:
        nonlocal first
        disturbed, first = (4.0 if first else 1.0), False
        return 1e9 / ((500 + 20 * sensors) * disturbed)  # the first of all, with 100 sensors, hits the aim by chance

    assert per_s_with(100) == pytest.approx(1e5)
    first = True
    found = sensors_for(1e5, per_s_with)
    assert abs(found.sensors - 475) <= 25


def test_what_does_not_slow_down_cannot_be_sized() -> None:
    with pytest.raises(MeasurementError, match="name the number with --sensors"):
        sensors_for(1e5, lambda sensors: 2e6 + sensors)


def test_sizes_hold_whole_batches_and_fill_soon() -> None:
    for sensors, per_s in ((1, 1e9), (1000, 1e5), (10_000, 9e3), (1_000_000, 10.0)):
        size = size_with(sensors, per_s)
        assert size.readings % (size.batch * size.windows) == 0
        assert 2 * size.batch <= size.readings <= 1_000_000
        assert size.batch <= size.retain <= size.readings // 2
        assert size.batch == (10_000 if per_s >= 5_000 else 2_500)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ladder measured for real, on little; cut off after a rung and gone on with."""
    folder = tmp_path_factory.mktemp("ablation") / "run"
    with Store.create(folder) as store:
        store.append(
            {"kind": SIZING_KIND, "workload": "dirty", "given": [], "aim_per_s": 1e5, "sizes": [{"name": SIZE.name}]}
        )
        first = iter(LadderOnly(store, "dirty", [SIZE], Level.QUICK, Limits(), 0, latency_s=0.1).carry_out())
        next(first)
    with Store.open(folder) as store:
        names = [
            record["name"]
            for record in LadderOnly(store, "dirty", [SIZE], Level.QUICK, Limits(), 0, latency_s=0.1).carry_out()
        ]
        assert names == ["phase 3"]
        assert not list(LadderOnly(store, "dirty", [SIZE], Level.QUICK, Limits(), 0, latency_s=0.1).carry_out())
        assert len(list(store.records(ABLATION_KIND))) == 2
    (folder / "run.json").write_text(json.dumps({"run": "made"}))
    return folder


class LadderOnly(Ablation):
    """The foot and phase 3 alone: what a test has time for."""

    def planned(self) -> tuple[tuple[Size, object], ...]:  # type: ignore[override]
        return tuple((size, one) for size, one in super().planned() if one.study == "ladder" and one.name in FEW)


def test_a_ladder_is_measured_stored_and_reported(folder: Path) -> None:
    run = load(folder)
    (ladder,) = ladders(run)
    assert ladder.at_study_rate
    assert [rung.name for rung in ladder.rungs] == list(FEW)
    assert all(rung.cell.verified for rung in ladder.all)
    for rung in ladder.rungs[1:]:
        assert rung.ratio is not None
        assert rung.ratio.low <= rung.ratio.median <= rung.ratio.high
        assert rung.cell.speed_up is not None
        assert len(rung.cell.speed_up.effects) == 6
        assert rung.peak_bytes is not None
        assert rung.gentle is not None
    assert phases_section.build(run) is not None
    assert claims_section.build(run) is not None
    found = {(one.subject, one.figure): one for one in claims(run) if one.group == "phases"}
    assert found["phase 3", "speed-up"].measured
    assert found["phase 2", "speed-up"].outcome is Outcome.NOT_TESTABLE


def test_interaction_is_what_company_adds(folder: Path) -> None:
    (ladder,) = ladders(load(folder))
    foot, first = ladder.rungs

    def with_ratio(study: str, name: str, rung: Rung, ratio: float) -> Rung:
        assert first.cell.speed_up is not None
        speed_up = replace(first.cell.speed_up, ratio=Interval(ratio, ratio / 1.1, ratio * 1.1))
        return replace(rung, study=study, name=name, cell=replace(rung.cell, speed_up=speed_up))

    made = Ladder(
        "dirty", 40, SIZE.name, True, (foot, first), (),
        (with_ratio("alone", "simd", first, 2.0),), (with_ratio("without", "simd", first, 0.1),), (),
    )  # fmt: skip
    (one,) = made.techniques()
    assert one.company is not None
    assert one.company.median == pytest.approx(10.0)
    assert one.interaction is not None
    assert one.interaction.median == pytest.approx(5.0)
    assert math.log(one.interaction.high / 5.0) == pytest.approx(math.sqrt(2) * math.log(1.1))


def test_a_run_without_an_ablation_has_no_phases() -> None:
    assert phases_section.build(Run("none", {}, (), {})) is None
