import itertools
import json
import math
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from harness.contract import STANDARD_SIZES, Size
from harness.discovery import find
from harness.discovery import workload as find_workload
from harness.errors import UsageError
from harness.optimize.scale import thin_out
from harness.optimize.scale_fit import crossover_records, curve_record, throughout_records
from harness.optimize.scale_plan import BASE, Axis, Ladder, base_of, ladder_of, target_of
from harness.optimize.scale_points import Point
from harness.statistics.rising import rise
from harness.stream import Stream, write_stream
from reports.sections.scale import _row, prediction_sentences

SABOTEURS = Path(__file__).parents[1] / "saboteurs"
SIZES = (1, 2, 4, 8, 16, 32, 100, 300, 1_000, 3_000)


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    label, steady = find_workload("steady", None)
    return write_stream(steady, label, STANDARD_SIZES["tiny"], tmp_path_factory.mktemp("stream"))


def points(name: str, stream: Stream, cost_s: dict[int, float], noise: float = 0.01, seed: int = 0) -> list[Point]:
    rng = random.Random(seed)
    ladder = Ladder(Axis.SENSORS, tuple(cost_s), BASE)
    return [
        Point(find("processors", name), ladder, stream, size, 100 * size, checks=40, process_s=1.0,
              closing_shares=[0.1], costs_s=[cost * math.exp(rng.gauss(0, noise)) for _ in range(3)])
        for size, cost in cost_s.items()
    ]  # fmt: skip


def test_a_scan_with_a_fixed_part_has_exponent_one_and_crosses_a_dict(stream: Stream) -> None:
    scan, naive = curve_record(points("naive", stream, {n: 6e-7 + 2e-8 * n for n in SIZES}), {"L1": 1_000.0}, ())
    flat, indexed = curve_record(points("hash_indexed", stream, dict.fromkeys(SIZES, 8e-7), seed=1), {}, ())
    assert naive is not None
    assert indexed is not None
    exponent = scan["fit"]["exponent"]
    assert exponent["low"] <= 1.0 <= exponent["high"]
    assert exponent["low"] > 0.95
    assert scan["fit"]["overhead_s"] == pytest.approx(6e-7, rel=0.1)
    assert scan["fit"]["plain_exponent"]["high"] < 0.95, "over the whole range the fixed part hides the scan"
    assert abs(flat["fit"]["exponent"]["median"]) < 0.05
    (crossing,) = crossover_records({"naive": naive, "hash_indexed": indexed})
    assert (crossing["winner"], crossing["loser"]) == ("hash_indexed", "naive")
    assert crossing["low"] <= 10 <= crossing["high"]
    assert not crossing["extrapolated"]
    assert [point["leaves_cache"] for point in scan["points"]] == [100 * size > 1_000 for size in SIZES]


def test_who_is_ahead_at_every_size_is_said_where_nobody_overtakes(stream: Stream) -> None:
    scan, _ = curve_record(points("naive", stream, {n: 6e-7 + 2e-8 * n for n in SIZES}), {}, ())
    flat, _ = curve_record(points("hash_indexed", stream, dict.fromkeys(SIZES[:4], 5e-7)), {}, ())
    (ahead,) = throughout_records([scan, flat])
    assert (ahead["winner"], ahead["loser"]) == ("hash_indexed", "naive")
    assert (ahead["smallest"], ahead["largest"]) == (SIZES[0], SIZES[3])
    assert ahead["times"][0] == pytest.approx((6e-7 + 2e-8 * SIZES[0]) / 5e-7, rel=0.05)
    close, _ = curve_record(points("simd", stream, dict.fromkeys(SIZES, 5e-7), seed=2), {}, ())
    assert throughout_records([flat, close]) == [], "too near to tell"
    crossing, _ = curve_record(points("hash_indexed", stream, dict.fromkeys(SIZES, 8e-7)), {}, ())
    assert throughout_records([scan, crossing]) == []


def test_a_prediction_beyond_what_was_measured_says_so(stream: Stream) -> None:
    targets = [target_of("sensors=1e6"), target_of("sensors=50")]
    curve, _ = curve_record(points("naive", stream, {n: 6e-7 + 2e-8 * n for n in SIZES}), {}, targets)
    far, near = curve["predictions"]
    assert (far["extrapolated"], near["extrapolated"]) == (True, False)
    assert (far["far"], near["far"]) == (True, False)
    foretold = list(prediction_sentences({"axis": "sensors", "cost": "a reading", "curves": [curve]}))
    assert "for a reading if it goes on as O(n) (" in foretold[0]
    assert "95%" not in foretold[0]
    assert "for a reading (95%: " in foretold[1]
    assert far["low_s"] <= 2e-2 <= far["high_s"]
    assert near["cost_s"] == pytest.approx(1.6e-6, rel=0.1)


def test_an_exponent_of_all_the_cost_says_so(stream: Stream) -> None:
    sizes = (1, 10, 100, 1_000, 10_000)
    curve, _ = curve_record(points("naive", stream, {n: 1e-4 + 5e-9 * n for n in sizes}, noise=0.03), {}, ())
    assert not curve["fit"]["apart"]
    assert curve["fit"]["overhead_s"] == pytest.approx(1e-4, rel=0.1)
    values = _row(curve).values
    assert values[1].detail.endswith(" over the range measured")
    assert values[2].text == "98.9 µs"
    scan, _ = curve_record(points("naive", stream, {n: 6e-7 + 2e-8 * n for n in SIZES}), {}, ())
    assert scan["fit"]["apart"]
    assert "over the range" not in _row(scan).values[1].detail


def test_quick_ladders_have_sizes_enough_for_an_exponent_beside_something_fixed() -> None:
    assert all(len(ladder_of(axis, BASE, quick=True).values) >= 7 for axis in Axis)


def test_four_sizes_give_no_fit(stream: Stream) -> None:
    curve, fit = curve_record(points("naive", stream, dict.fromkeys((1, 2, 4, 8), 1e-6)), {}, [target_of("sensors=9")])
    assert fit is None
    assert curve["fit"] is None
    assert curve["predictions"] == []


def test_the_most_costly_points_are_left_out_first(stream: Stream) -> None:
    found = points("naive", stream, dict.fromkeys(SIZES, 1e-6))
    found[-1].process_s = 50.0
    thin_out(found, rounds=3, left_s=30.0)
    assert [point.left_out is None for point in found] == [True] * 9 + [False]
    assert "allow more with --within" in (found[-1].left_out or "")


def test_rise_covers_the_true_exponent() -> None:
    rng = np.random.default_rng(7)
    sizes = np.array(SIZES, np.float64)
    held = 0
    for _ in range(20):
        costs = (1e-6 + 2e-8 * sizes) * np.exp(rng.normal(0, 0.05, len(sizes)))
        found = rise(sizes, costs).exponent
        held += found.low <= 1.0 <= found.high
    assert held >= 16


@pytest.mark.parametrize(
    ("call", "text", "said"),
    [
        (target_of, "sensors", "NAME=COUNT"),
        (target_of, "colour=3", "readings, sensors, batch"),
        (target_of, "sensors=0", "1 or more"),
        (lambda text: ladder_of(text, BASE), "sensors=1,2,3", "at least 5"),
        (lambda text: ladder_of(text, BASE), "colour", "no such axis"),
        (lambda text: base_of([text]), "batch=0", "1 or more"),
        (lambda text: ladder_of(text, BASE), "sensors=1,2,3,4,x", "count"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line(call: object, text: str, said: str) -> None:
    assert callable(call)
    with pytest.raises(UsageError, match=said) as caught:
        call(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("axis", list(Axis))
@pytest.mark.parametrize("quick", [False, True])
def test_windows_hold_the_same_readings_at_every_size(axis: Axis, quick: bool) -> None:
    ladder = ladder_of(axis, BASE, quick=quick)
    sizes = [ladder.size(value) for value in ladder.values]
    assert {round(size.readings / size.windows) for size in sizes} == {ladder.window}
    assert len({size.name for size in sizes}) == len(sizes)
    assert all(isinstance(size, Size) and size.retain == BASE.retain for size in sizes)


def test_scale_for_real(tmp_path: Path) -> None:
    """Two implementations, one of them wrong: five proved points with a figure, none without a proof, a section."""
    command = [sys.executable, "-c", "from harness.cli import main; main()", "scale", "--out", str(tmp_path / "run")]
    wrong = SABOTEURS / "four_ulp_off.py"
    options = ["-p", "hash_indexed", "-p", str(wrong), "--by", "sensors=1,2,4,8,16", "--at", "sensors=8"]
    options += ["--quick", "--json"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (record,) = json.loads(done.stdout)
    right, sabotaged = record["curves"]
    assert [point["size"] for point in right["points"]] == [1, 2, 4, 8, 16]
    assert all(point["checks"] > 0 and len(point["costs_s"]) >= 3 for point in right["points"])
    assert right["predictions"][0]["extrapolated"] is False
    assert sabotaged["points"] == []
    assert sabotaged["left_out"][0]["reason"].startswith("wrong: ")
    from reports.load import load
    from reports.sections.scale import build

    section = build(load(tmp_path / "run"))
    assert section is not None
    assert [type(block).__name__ for block in section.blocks[1].blocks][:1] == ["Figure"]  # type: ignore[union-attr]
    figure = section.blocks[1].blocks[0]  # type: ignore[union-attr]
    assert figure.draw(880).startswith("<svg")  # type: ignore[union-attr]
    assert figure.draw(360).startswith("<svg")  # type: ignore[union-attr]


def _started(folder: Path, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", "from harness.entry import main; main()", "scale", "--out", str(folder / "run")]
    return subprocess.Popen([*command, *words], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_inputs_that_nobody_is_measured_with_are_not_written(tmp_path: Path) -> None:
    began_s = time.monotonic()
    wrong = str(SABOTEURS / "four_ulp_off.py")
    with _started(tmp_path, "-p", wrong, "--by", "readings=10,20,30,40,5e8", "--quick", "--json") as process:
        said, _ = process.communicate(timeout=120)
    assert time.monotonic() - began_s < 40, "half a billion readings take minutes to write"
    (record,) = json.loads(said)
    assert record["curves"][0]["left_out"][-1] == {"size": 500_000_000, "reason": "not tried: left out at 10 already"}


@pytest.mark.parametrize(
    ("sizes", "said"),
    [("sensors=1,2,3,4,5e9", "5,000,000,000 sensors: more than ids"), ("readings=1,2,3,4,1e15", "1e15 readings")],
)
def test_what_has_no_room_is_refused(tmp_path: Path, sizes: str, said: str) -> None:
    with _started(tmp_path, "-p", "hash_indexed", "--by", sizes, "--quick", "--within", "60s") as process:
        _, refused = process.communicate(timeout=120)
    assert process.returncode == 2
    assert said.replace("1e15", f"{10**15:,}") in refused


def test_interrupted_it_keeps_what_was_timed(tmp_path: Path) -> None:
    options = ("-p", "hash_indexed", "--by", "sensors=1,2,4,8,16", "--quick", "--within", "2min")
    with _started(tmp_path, *options) as process:
        assert process.stderr is not None
        in_the_last = (line for line in process.stderr if "round 3 of 3" in line)
        assert len(list(itertools.islice(in_the_last, 5))) == 5
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    from reports.load import load

    (record,) = load(tmp_path / "run").records["scale"]
    (curve,) = record["curves"]
    assert [len(point["costs_s"]) for point in curve["points"]] == [3] * 4
    assert [item["reason"] for item in curve["left_out"]] == [
        "fewer than 3 processes in the time there was; allow more with --within"
    ]
