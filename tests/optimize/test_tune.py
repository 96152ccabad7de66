"""Tune for real, on little: killed and gone on with, its result used; other goals, and what is not allowed."""

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.discovery import find
from harness.errors import UsageError
from harness.measure.processes.handle import Limits
from harness.optimize.aim import Aim
from harness.optimize.search import TrialFailed, TrialSpoilt
from harness.optimize.space import Parameters
from harness.optimize.trials import Trials
from harness.optimize.tune import TRIAL_KIND
from harness.optimize.tuned import load_tuned
from harness.run.inputs import Inputs
from harness.store import read

START = [sys.executable, "-c", "from harness.cli import main; main()"]
PLANTED = "cached[batch_size=1]"


def trials_in(folder: Path) -> list[dict[str, object]]:
    return [dict(one) for one in read(folder).records(TRIAL_KIND)] if (folder / "run.json").exists() else []


def test_killed_and_gone_on_with_then_used(tmp_path: Path) -> None:
    """Takes as long as a whole tuning does, because it is one: search, proof, six pairs, and a run with the result."""
    folder = tmp_path / "tuning"
    tune = [*START, "tune", PLANTED, "--only", "batch_size", "--size", "tiny", "--trials", "3", "--quick"]
    process = subprocess.Popen([*tune, "--out", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline_s = time.monotonic() + 60
    while not trials_in(folder) and process.poll() is None and time.monotonic() < deadline_s:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    _, said = process.communicate()
    before = trials_in(folder)
    assert before, said.decode()

    done = subprocess.run([*tune, "--out", str(folder), "--json"], capture_output=True, check=True, text=True)
    after = trials_in(folder)
    assert after[: len(before)] == before
    measured = [(json.dumps(one["parameters"]), len(one["values"])) for one in after]  # type: ignore[arg-type]
    assert len(set(measured)) == len(measured), "a trial was made again"
    tuned = load_tuned(folder / "tuned.json")
    assert json.loads(done.stdout)["candidate"] == dict(tuned.candidate)
    assert tuned.verdict == "better", "a pipeline that steps for each reading was not beaten"
    assert tuned.pairs == 6
    assert tuned.parameters == tuned.candidate

    run = [*START, "run", "-p", "cached", "-w", "steady", "--size", "tiny", "--quick", "--tuned"]
    used = subprocess.run(
        [*run, str(folder / "tuned.json"), "--out", str(tmp_path / "run"), "--json"],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    names = [cell["implementation"] for cell in json.loads(used.stdout)["cells"]]
    assert names == [f"cached[batch_size={tuned.parameters['batch_size']}]"]


@pytest.fixture(scope="module")
def inputs() -> Iterator[Inputs]:
    with Inputs() as made:
        yield made


def trials_of(inputs: Inputs, text: str, aim: Aim) -> Trials:
    stream = inputs.stream("steady", inputs.size("steady", "tiny"))
    _, workload = inputs.workload("steady")
    return Trials(find("processors", text), stream, workload, inputs.fill_readings(stream), aim, Limits(), seed=1)


def unspoilt(trials: Trials, parameters: Parameters) -> float:
    """The value of a trial that a busy machine has not spoilt."""
    for _ in range(5):
        with contextlib.suppress(TrialSpoilt), trials.trial(parameters) as measure:
            return measure(1)
    pytest.skip("the machine is too busy for the generator to keep time")


def test_a_latency_is_what_it_is_and_has_to_be_kept(inputs: Inputs) -> None:
    with trials_of(inputs, "cached", Aim("p99", 20_000)) as trials:
        assert trials.start_value is None
        assert trials.shown(unspoilt(trials, {"batch_interval_s": 0.001})).startswith("p99 ")
    with (
        trials_of(inputs, "cached", Aim("p99", 50_000_000)) as trials,
        pytest.raises(TrialFailed, match=r"keep up|not valid|one second"),
        trials.trial({"batch_interval_s": 0.001}) as measure,
    ):
        measure(1)


def test_what_is_not_allowed_fails_its_trial_and_is_said(inputs: Inputs) -> None:
    with trials_of(inputs, "ring_buffer", Aim("memory", most_memory_bytes=1000)) as trials:
        assert "allowed are 1000 B" in str(trials.refused({}))
        with pytest.raises(TrialFailed, match="allowed are 1000 B"), trials.trial({"block_size": 512}) as measure:
            assert trials.shown(measure(1)).startswith("peak ")


def test_a_latency_needs_a_load() -> None:
    with pytest.raises(UsageError, match="--rate"):
        Aim("p99")
