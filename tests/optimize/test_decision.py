"""Decisions, scores and facts from stored cells."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from decision_cells import DICT, NAIVE, SIMD, WANTED, cell, run_of

from harness.cli.decide import command
from harness.errors import UsageError
from harness.results import Latency, Status, to_builtins
from harness.store import Store, write_json
from reports.decision import decide
from reports.facts import facts_of
from reports.margin import Requirement
from reports.scoring import Weights, score, study_scores
from reports.sections import claims as claims_section
from reports.sections import decision as decision_section
from reports.study import study


def test_the_simplest_that_meets_it_is_recommended_not_the_fastest() -> None:
    decision = decide(run_of(NAIVE, SIMD, DICT), WANTED)
    assert decision.recommended is not None
    assert [one.implementation for one in decision.meeting] == ["hash_indexed", "simd"]
    rate = next(margin for margin in decision.recommended.margins if margin.what == "rate")
    assert rate.factor == pytest.approx(1.3)
    assert rate.certain
    assert [one.implementation for one in decision.failing] == ["naive"]
    assert decision.nearest is None


def test_an_impossible_requirement_names_the_nearest_and_by_how_much() -> None:
    decision = decide(run_of(NAIVE, DICT, SIMD), Requirement(per_s=1e9))
    assert decision.recommended is None
    assert decision.nearest is not None
    assert decision.nearest.implementation == "simd"
    assert decision.nearest.shortfall == pytest.approx(5.0)


def test_the_nearest_is_the_one_of_least_distance_in_everything() -> None:
    impossible = Requirement(per_s=1e9, p99_s=1e-6, memory_bytes=16 << 20)
    decision = decide(run_of(NAIVE, DICT, SIMD), impossible)
    assert decision.nearest is not None
    assert decision.nearest.implementation == "simd"
    assert decision.nearest.distance == pytest.approx(5.0 * 56e6 / (16 << 20))
    assert [one.implementation for one in decision.failing] == ["simd", "hash_indexed", "naive"]
    behind = replace(SIMD, latency=Latency(1e6, 0.5, 0.9, 1.0, 1.1, kept_up=False))
    assert decide(run_of(behind), WANTED).failing[0].distance == pytest.approx(10.0)


def test_the_worst_workload_decides() -> None:
    slow = replace(cell("simd", 5e5, "SIMD and GPU", "dirty"), workload_digest="d2")
    both = run_of(SIMD, slow)
    assert not decide(both, WANTED).meeting
    assert decide(both, WANTED, workloads=("steady",)).recommended is not None


def test_what_is_not_proved_meets_nothing() -> None:
    wrong = replace(SIMD, status=Status.WRONG, reason="values: off")
    decision = decide(run_of(wrong, DICT), Requirement())
    assert [one.implementation for one in decision.meeting] == ["hash_indexed"]
    assert "values: off" in decision.failing[0].refusals[0]


def test_measured_latency_counts_before_the_estimate_and_falling_behind_fails() -> None:
    kept = replace(DICT, latency=Latency(1e6, 0.001, 0.02, 0.03, 0.05, kept_up=True))
    margin = decide(run_of(kept), WANTED).meeting[0].margins[1]
    assert margin.what == "p99"
    assert margin.factor == pytest.approx(5.0)
    behind = replace(DICT, latency=Latency(1e6, 0.5, 0.9, 1.0, 1.1, kept_up=False))
    assert not decide(run_of(behind), WANTED).meeting
    low = replace(DICT, latency=Latency(1e3, 0.001, 0.02, 0.03, 0.05, kept_up=True))
    assert "estimate" in decide(run_of(low), WANTED).meeting[0].margins[1].basis


def test_what_was_not_measured_is_not_met() -> None:
    decision = decide(run_of(replace(DICT, memory=None)), WANTED)
    assert not decision.meeting
    assert decision.failing[0].shortfall == math.inf


def test_dependencies_are_counted_from_the_source() -> None:
    names = [one.implementation for one in decide(run_of(DICT, SIMD), Requirement(most_dependencies=0)).meeting]
    assert names == ["hash_indexed"]


def test_facts_follow_what_a_file_uses_and_nothing_else(tmp_path: Path) -> None:
    scan, simd = (facts_of(f"module:implementations.processors.{name}") for name in ("naive", "simd"))
    assert scan is not None
    assert simd is not None
    assert (scan.dependencies, scan.kernel_lines) == ((), 0)
    assert simd.dependencies == ("numba",)
    assert simd.kernel_lines > 100
    path = tmp_path / "mine.py"
    path.write_text(
        "import os\nimport redis\nimport numpy as np\n\ndef f():\n    '''Said.'''\n\n    return redis, os, np\n"
    )
    mine = facts_of(f"file:{path}")
    assert mine is not None
    assert (mine.lines, mine.dependencies, mine.services) == (2, ("redis",), ("Redis",))
    gpu = tmp_path / "fast.py"
    gpu.write_text("def f():\n    from numba import cuda\n    return cuda.jit\n")
    found = facts_of(f"file:{gpu}")
    assert found is not None
    assert found.gpu
    assert found.dependencies == ("numba-cuda",)
    assert facts_of("file:/nowhere.py") is None


def test_a_class_rests_on_what_takes_its_place_only_where_the_switch_is_on(tmp_path: Path) -> None:
    path = tmp_path / "both.py"
    path.write_text(
        "from cupy import fuse\n\nclass _Device:\n    made = fuse\n\nclass Both:\n    in_its_place = {'gpu': _Device}\n"
    )
    off, on = facts_of(f"file:{path}"), facts_of(f"file:{path}", {"gpu"})
    assert off is not None
    assert on is not None
    assert (off.gpu, off.dependencies) == (False, ())
    assert (on.gpu, on.dependencies) == (True, ("cupy",))


def test_only_phased_with_its_gpu_switch_needs_a_gpu() -> None:
    plain = replace(DICT, implementation="phased")
    run = run_of(plain, replace(DICT, implementation="phased[gpu=true]"))
    decision = decide(run, replace(WANTED, gpu=False))
    assert [one.implementation for one in decision.meeting] == ["phased"]
    assert decision.failing[0].refusals == ("needs a GPU",)


def test_files_in_other_languages_count_as_lines(tmp_path: Path) -> None:
    (tmp_path / "loops.cu").write_text("// two lines\n\nint main;\n")
    path = tmp_path / "fast.py"
    path.write_text("SOURCE = 'loops.cu'\nOTHER = 'absent.cu'\n")
    found = facts_of(f"file:{path}")
    assert found is not None
    assert found.lines == 4


def test_the_weights_reproduce_the_studys_scores_but_one() -> None:
    scores = {name: (claimed, made) for name, claimed, made in study_scores(Weights())}
    odd_claimed, odd_made = scores.pop("algorithm and data structures")
    assert all(claimed == pytest.approx(made, abs=1e-12) for claimed, made in scores.values())
    assert odd_claimed == 9.2
    assert odd_made == pytest.approx(11.6)
    assert score(study().approach[2].marks, Weights(depth=1)) == pytest.approx(21.6)


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """The three as a run in a folder."""
    with Store.create(tmp_path / "run") as store:
        for one in (NAIVE, DICT, SIMD):
            store.append({"kind": "cell", **to_builtins(one)})
    write_json(
        tmp_path / "run" / "run.json", {"schema": 1, "run": "made", "level": "default", "environment": {}, "plan": {}}
    )
    return tmp_path / "run"


def decided(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(command, ["--run", str(folder), *options])


def test_the_command_names_one_with_its_margins_or_the_nearest_and_exits_1(stored: Path) -> None:
    met = decided(stored, "--rate", "1e6", "--p99", "100ms", "--memory", "16GiB")
    assert met.exit_code == 0
    assert "Recommended: hash_indexed, the simplest of 2 that meet it" in met.output
    assert "rate 1.30 M/s, 1.30" in met.output
    assert "what is asked for (1.24" in met.output
    assert "own scale" not in met.output, "the study's own marks are the report's"
    none = decided(stored, "--rate", "1e9", "--json")
    assert none.exit_code == 1
    assert json.loads(none.output)["nearest"] == "simd"
    assert decided(stored, "--rate", "1e7", "--max-dependencies", "0").exit_code == 1


@pytest.mark.parametrize(("option", "text", "example"), [("--p99", "5", "100ms"), ("--memory", "16", "16GiB")])
def test_a_number_without_a_unit_is_refused(stored: Path, option: str, text: str, example: str) -> None:
    refused = decided(stored, option, text)
    assert refused.exit_code == 2
    assert f"'{text}' has no unit; write it like" in refused.output
    assert example in refused.output


def test_what_would_make_it_certain_is_said(stored: Path) -> None:
    shown = decided(stored, "--rate", "1e6", "--p99", "100ms").output
    assert "to be certain of p99: measure its latency at that load: decide --rate PER_S --measure" in shown


def test_a_workload_of_few_readings_decides_nothing_beside_others(stored: Path) -> None:
    few = replace(NAIVE, workload="few", counts={"readings": 3, "windows": 1})
    with Store.open(stored) as store:
        store.append({"kind": "cell", **to_builtins(few)})
    shown = decided(stored, "--rate", "1e4")
    assert "on steady of made" in shown.output
    assert "left out few: fewer than 1,000 readings a window" in shown.output
    asked = decided(stored, "--rate", "1e4", "-w", "few")
    assert "on few of made" in asked.output


def test_weights_are_the_users_and_are_printed(stored: Path) -> None:
    shown = decided(stored, "--rate", "1e6", "--weights", "effect=2,depth=0.5")
    assert "Score: 0.25 feasibility +2 effect -1.35 risk +0.5 depth" in shown.output
    wrong = decided(stored, "--weights", "luck=1")
    assert isinstance(wrong.exception, UsageError)
    assert "'luck=1' is no weight" in str(wrong.exception)


def test_sections_are_left_out_where_there_is_nothing_to_say() -> None:
    for section in (decision_section, claims_section):
        assert section.build(run_of()) is None
        assert section.build(run_of(NAIVE, DICT, SIMD)) is not None
