"""Rounds of a scaling measurement, with real processes: a neighbour slows all down and bends nothing."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from harness.discovery import find
from harness.measure.processes.handle import Limits
from harness.measure.speed.throughput import cpus_for
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


@contextmanager
def neighbour(cpu: int) -> Iterator[None]:
    """A process that takes half of `cpu`."""
    code = f"import os; os.sched_setaffinity(0, {{{cpu}}}); print(flush=True)\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as spinning:
        try:
            assert spinning.stdout is not None
            spinning.stdout.readline()
            yield
        finally:
            spinning.kill()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="a neighbour cannot be put on one CPU here")
def test_a_neighbour_slows_a_round_down_and_bends_no_curve() -> None:
    rng = random.Random(3)
    with Inputs() as inputs:
        found = points("hash_indexed", inputs)
        rounds = []
        for loud in (False, True, False):
            with Round(references_of(found), inputs, Limits(), QUICK, rng) as round_:
                for point in found:
                    with neighbour(cpus_for("one", 1)[0]) if loud and point is not found[0] else quiet():
                        round_.time(point)
            rounds.append(round_.costs_s)
    assert [point.left_out for point in found] == [None] * 3
    assert rounds[1][found[0].curve] > 1.4 * rounds[0][found[0].curve], "the neighbour was there"
    slowness = settle_costs(found, rounds)
    assert slowness[1] > 1.2
    for point in found:
        spread = np.ptp(np.log(point.costs_s))
        assert spread < 0.3, "two of three points had half a CPU in one round: 0.7 and more if it were not taken out"


@contextmanager
def quiet() -> Iterator[None]:
    yield


def test_costs_are_the_mean_rounds_and_in_the_unit_of_the_axis() -> None:
    with Inputs() as inputs:
        few, many = points("hash_indexed", inputs, Axis.READINGS, (5_000, 10_000))
    few.effects, many.effects = [0.0, 0.0, 0.0], [0.0, np.log(1.1)]
    rounds = [{few.curve: cost_s} for cost_s in (1e-6, 4e-6, 2e-6)]
    assert settle_costs([few, many], rounds) == pytest.approx([0.5, 2.0, 1.0])
    assert few.costs_s == pytest.approx([0.01] * 3)
    assert many.costs_s == pytest.approx([0.02, 0.022])


def test_who_goes_along_took_least_to_prove() -> None:
    with Inputs() as inputs:
        found = points("hash_indexed", inputs) + points("naive", inputs)
    found[1].process_s = found[5].process_s = 0.1
    along = references_of(found)
    assert {name: point.value for (_, name), point in along.items()} == {"hash_indexed": 100, "naive": 1_000}


def test_where_who_goes_along_fails_its_points_say_so() -> None:
    with Inputs() as inputs:
        found = points(str(SABOTEURS / "crashes.py"), inputs, sizes=(4, 100))
        with Round(references_of(found), inputs, Limits(), QUICK, random.Random(1)) as round_:
            for point in found:
                round_.time(point)
    for point in found:
        assert point.left_out is not None
        assert "which goes along, crashed" in point.left_out
    settle_costs(found, [round_.costs_s])
    assert all(point.costs_s == [] for point in found)
