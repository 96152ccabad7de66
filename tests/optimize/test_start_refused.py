"""What tuning began from is refused only where it breaks a limit again and again; the machine's fault is no refusal."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.cli.tune import _show
from harness.discovery import find
from harness.errors import MeasurementError
from harness.measure.processes.handle import Limits
from harness.measure.processes.status import WorkerFailure
from harness.optimize import tune as tune_module
from harness.optimize.aim import Aim
from harness.optimize.search import LimitBroken, TrialFailed, TrialSpoilt, Tried
from harness.optimize.trials import Confirmed, Trials
from harness.optimize.tune import tune
from harness.optimize.tuned import Tuned
from harness.results import Interval, Status
from harness.run.inputs import Inputs
from harness.store import Store

AIM = Aim("throughput", offered_per_s=1e5, most_p99_s=0.1)
SPOILT = TrialSpoilt("its latency is not valid: the generator itself was 3.00 ms late at p99.9")
BROKEN = LimitBroken("its p99 is 120 ms; allowed are 100 ms")
DIED = WorkerFailure(Status.TIMED_OUT, "no answer within 60 s")
FINE = None


@pytest.fixture(scope="module")
def trials() -> Iterator[Trials]:
    with Inputs() as inputs:
        stream = inputs.stream("steady", inputs.size("steady", "tiny"))
        yield Trials(find("processors", "cached"), stream, inputs.workload("steady")[1], 100, AIM, Limits(), seed=1)


def looks(monkeypatch: pytest.MonkeyPatch, *outcomes: Exception | None) -> list[Exception | None]:
    """What comes of one look at the limits after the other; returns those that are left."""
    left = list(outcomes)

    def constrain(*_: object) -> None:
        outcome = left.pop(0)
        if outcome is not None:
            raise outcome

    monkeypatch.setattr(Trials, "_constrain", constrain)
    return left


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ((FINE, FINE, FINE), None),
        ((BROKEN, FINE, FINE), None),
        ((FINE, BROKEN, FINE), None),
        ((FINE, BROKEN, BROKEN), "its p99 is 120 ms; allowed are 100 ms (in 2 of 3 looks)"),
        ((BROKEN, BROKEN, BROKEN), "its p99 is 120 ms; allowed are 100 ms (in 3 of 3 looks)"),
        ((DIED, FINE, FINE), None),
        ((DIED, FINE, BROKEN), "timed_out: no answer within 60 s (in 2 of 3 looks)"),
        ((SPOILT, FINE, SPOILT, SPOILT, FINE, FINE), None),
        ((SPOILT, BROKEN, SPOILT, FINE, SPOILT, FINE), None),
        ((BROKEN, SPOILT, BROKEN, FINE), "its p99 is 120 ms; allowed are 100 ms (in 2 of 3 looks)"),
    ],
)
def test_two_of_three_looks_refuse_it_and_a_spoilt_one_is_repeated(
    trials: Trials, monkeypatch: pytest.MonkeyPatch, outcomes: tuple[Exception | None, ...], said: str | None
) -> None:
    left = looks(monkeypatch, *outcomes)
    assert trials.refused({}) == said
    assert not left, "a look was not had"


def test_what_stays_spoilt_is_an_error_and_no_refusal(trials: Trials, monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, BROKEN, SPOILT, SPOILT, SPOILT)
    with pytest.raises(MeasurementError, match=r"3\.00 ms late at p99\.9; tune again on a quieter machine$"):
        trials.refused({})


def test_what_cannot_be_measured_is_an_error_and_no_refusal(trials: Trials, monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, TrialFailed("its peak memory could not be measured; allowed are 1 kB"))
    with pytest.raises(MeasurementError, match="could not be held against the limits"):
        trials.refused({})


def test_without_a_limit_nothing_is_looked_at(trials: Trials, monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch)
    monkeypatch.setattr(trials, "aim", Aim())
    assert trials.refused({}) is None


@pytest.fixture
def confirmed_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tuning whose one candidate pairs have found to be worse."""

    def searched(axes: Any, *_: object) -> tuple[Tried, ...]:
        return (Tried({axes[0].name: 777}, (-0.01,), (3,)),)

    monkeypatch.setattr(tune_module, "search", searched)
    monkeypatch.setattr(Trials, "proved", lambda *_: None)
    monkeypatch.setattr(Trials, "confirm", lambda *_: Confirmed("worse", Interval(0.80, 0.75, 0.85), 6))


def tuned_in(folder: Path) -> Tuned:
    with Store.create(folder) as store:
        return tune(find("processors", "cached"), "steady", "tiny", AIM, store, only=("batch_size",), limits=Limits())


@pytest.mark.usefixtures("confirmed_worse")
def test_a_worse_candidate_is_not_used_because_the_machine_was_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks(monkeypatch, *[SPOILT] * 3)
    with pytest.raises(MeasurementError, match="quieter machine"):
        tuned_in(tmp_path / "spoilt")
    looks(monkeypatch, SPOILT, FINE, BROKEN, FINE)
    tuned = tuned_in(tmp_path / "kept")
    assert tuned.parameters == tuned.start
    assert tuned.start_refused is None
    assert tuned.despite is None


@pytest.mark.usefixtures("confirmed_worse")
def test_a_worse_candidate_that_has_to_be_used_is_said_to_be_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looks(monkeypatch, *[BROKEN] * 3)
    tuned = tuned_in(tmp_path / "used")
    assert tuned.parameters == {"batch_size": 777}
    said = (
        "a setting that is slower is used, because what it began from breaks the limit: "
        "its p99 is 120 ms; allowed are 100 ms (in 3 of 3 looks)"
    )
    assert tuned.despite == said
    _show(tuned, tmp_path / "tuned.json")
    shown = capsys.readouterr().out
    assert said in " ".join(shown.split())
    assert "used        batch_size=777" in shown
    unsure, better = (replace(tuned, verdict=verdict) for verdict in ("inconclusive", "better"))
    assert (unsure.despite or "").startswith("a setting that is not surely better is used, because")
    assert better.despite is None
