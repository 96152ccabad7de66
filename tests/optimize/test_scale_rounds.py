"""Rounds of a scaling measurement, with real processes: what slows all down for a while bends nothing."""

import contextlib
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from harness.discovery import find
from harness.measure.processes.handle import Limits
from harness.optimize.scale_plan import BASE, Axis, Ladder
from harness.optimize.scale_points import QUICK, Point, point_of
from harness.optimize.scale_rounds import Round, references_of, settle_costs
from harness.run.inputs import Inputs

SABOTEURS = Path(__file__).parents[1] / "saboteurs"
SIZES = (4, 100, 1_000)


def points(name: str, inputs: Inputs, axis: Axis = Axis.SENSORS, sizes: tuple[int, ...] = SIZES) -> list[Point]:
    ladder = Ladder(axis, sizes, BASE)
    found = [point_of(find("processors", name), ladder, inputs.stream("steady", ladder.size(size))) for size in sizes]
    for place, point in enumerate(found):
        point.checks, point.process_s = 1, 1.0 + place
    return found


def test_what_slows_all_down_for_a_while_bends_no_curve(tmp_path: Path) -> None:
    """A planted cost, three times as high in the second round but for its first point."""
    subject = Path(shutil.copy(Path(__file__).parent / "subjects" / "planted_cost.py", tmp_path))
    rng = random.Random(3)
    with Inputs() as inputs:
        found = points(str(subject), inputs)
        rounds = []
        for number in range(3):
            with Round(references_of(found), inputs, Limits(), QUICK, rng) as round_:
                for point in found:
                    if number == 1 and point is not found[0]:
                        (tmp_path / "slow").touch()
                    round_.time(point)
            (tmp_path / "slow").unlink(missing_ok=True)
            rounds.append(round_.costs_s)
    assert [point.left_out for point in found] == [None] * 3
    slowness = settle_costs(found, rounds)
    assert slowness[1] / slowness[0] == pytest.approx(9 ** (1 / 3), rel=0.3), "two of three points at three times"
    costs_s = [float(np.median(point.costs_s)) for point in found]
    assert [cost_s / costs_s[0] for cost_s in costs_s] == pytest.approx([1.0, 1.378, 4.921], rel=0.3)
    assert all(np.ptp(np.log(point.costs_s)) < 0.7 for point in found), "1.1 if it were not taken out"


def test_costs_are_the_mean_rounds_and_in_the_unit_of_the_axis() -> None:
    with Inputs() as inputs:
        few, many = points("hash_indexed", inputs, Axis.READINGS, (5_000, 10_000))
    few.effects, many.effects = [0.0, 0.0, 0.0], [0.0, np.log(1.1)]
    rounds = [{few.curve: cost_s} for cost_s in (1e-6, 4e-6, 2e-6)]
    assert settle_costs([few, many], rounds) == pytest.approx([0.5, 2.0, 1.0])
    assert few.costs_s == pytest.approx([0.01] * 3)
    assert many.costs_s == pytest.approx([0.02, 0.022])


def test_who_goes_along_has_the_least_to_do() -> None:
    with Inputs(most=10) as inputs:
        found = points("hash_indexed", inputs) + points("naive", inputs, Axis.BATCH, (10, 1_000, 100))
    along = references_of(found)
    assert {name: point.value for (_, name), point in along.items()} == {"hash_indexed": 4, "naive": 1_000}


def _workers() -> Iterator[psutil.Process]:
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):  # one that has ended and was not asked for yet
            if "harness.measure.worker.serve" in child.cmdline():
                yield child


def test_where_who_goes_along_dies_half_way_its_points_say_so() -> None:
    with Inputs() as inputs:
        first, second = points("hash_indexed", inputs, sizes=(4, 100))
        with Round(references_of([first, second]), inputs, Limits(), QUICK, random.Random(1)) as round_:
            round_.time(second)
            assert len(second.effects) == 1
            (along,) = _workers()
            along.kill()
            round_.time(first)
            round_.time(second)
        settle_costs([first, second], [round_.costs_s])
    assert first.left_out == second.left_out
    assert (first.left_out or "").startswith("hash_indexed at 4 (sensors), which goes along: out_of_memory: killed by")
    assert len(second.costs_s) == 1


def test_where_who_goes_along_fails_its_points_say_so() -> None:
    with Inputs() as inputs:
        found = points(str(SABOTEURS / "crashes.py"), inputs, sizes=(4, 100))
        with Round(references_of(found), inputs, Limits(), QUICK, random.Random(1)) as round_:
            for point in found:
                round_.time(point)
    for point in found:
        assert point.left_out is not None
        assert "which goes along: crashed" in point.left_out
    settle_costs(found, [round_.costs_s])
    assert all(point.costs_s == [] for point in found)
