"""Each check fails on evidence that violates it, and no other check does."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from made_up_evidence import RETAIN, edited, retained, run, window, with_statistics

from harness.contract import Statistics
from harness.verify import CHECKS
from harness.verify.checks.twins import CUT, HASH_SEED
from harness.verify.evidence import Breach, Evidence, Scenario, Twins, Window
from harness.verify.scenarios import SCRIPTS


def _failing(*pieces: Evidence) -> list[str]:
    return [check.name for check in CHECKS for _ in check.failures(pieces)]


def _values(index: int, value: float) -> Window:
    """The first window with one value handed back changed, and the statistics that follow from it."""
    honest = window()
    values = honest.values.copy()
    values[index] = value
    return replace(honest, values=values)


def _stats(name: str, row: int, value: float) -> Window:
    honest = window()
    assert honest.statistics is not None
    return with_statistics(honest, **{name: edited(honest.statistics, name, row, value)})


def _short_statistics() -> Window:
    honest = window()
    found = honest.statistics
    assert found is not None
    cut = Statistics(found.count[:3], found.sum[:3], found.minimum[:3], found.maximum[:3], found.last[:3], 1, 1)
    return replace(honest, statistics=cut)


def _next_up(value: float) -> float:
    return float(np.nextafter(np.float32(value), np.float32(np.inf)))


HONEST = window()
FIRST = retained()


def test_honest_evidence_fails_nothing() -> None:
    whole = run()
    pieces: list[Evidence] = [whole, *whole.windows, *whole.histories]
    pieces += [Twins(CUT, whole, run(), False), Twins(HASH_SEED, whole, run(), True)]
    pieces += [Scenario(script.name, run()) for script in SCRIPTS]
    assert _failing(*pieces) == []
    assert {check.name for check in CHECKS if any(map(check.sees, pieces))} == {check.name for check in CHECKS}


@pytest.mark.parametrize(
    ("check", "evidence"),
    [
        ("values_counted", lambda: replace(window(), values=window().values[:-1])),
        ("values_counted", lambda: replace(window(), values=np.append(window().values, np.float32(np.nan)))),
        ("rejected_are_nan", lambda: _values(3, 0.0)),
        ("rejected_are_nan", lambda: _values(5, 0.0)),
        ("statistics_have_a_row_a_sensor", _short_statistics),
        ("counts_exact", lambda: _stats("count", 0, 1)),
        ("counts_exact", lambda: _stats("count", 3, 1)),
        ("rejections_exact", lambda: with_statistics(window(), unmatched=2)),
        ("rejections_exact", lambda: with_statistics(window(), invalid=0)),
        ("rejections_exact", lambda: with_statistics(window(), unmatched=0, invalid=2)),
        ("minimum_exact", lambda: _stats("minimum", 0, _next_up(4.0))),
        ("minimum_exact", lambda: _stats("minimum", 3, 0.0)),
        ("minimum_exact", lambda: _stats("minimum", 0, np.nan)),
        ("maximum_exact", lambda: _stats("maximum", 0, _next_up(4.0))),
        ("maximum_exact", lambda: _stats("maximum", 3, -np.inf)),
        ("last_exact", lambda: _stats("last", 0, _next_up(4.0))),
        ("last_exact", lambda: _stats("last", 3, 0.0)),
        ("sums_bounded", lambda: _stats("sum", 0, np.nextafter(np.nextafter(8.0, 9), 9))),
        ("sums_bounded", lambda: _stats("sum", 0, np.nan)),
        ("sums_bounded", lambda: _stats("sum", 3, 1e-300)),
        ("history_counted", lambda: retained(**{name: FIRST.history.__getattribute__(name)[1:] for name in
                                                ("sensor_id", "time", "calibrated")})),
        ("history_ids_exact", lambda: retained(sensor_id=FIRST.history.sensor_id[::-1].copy())),
        ("history_times_exact", lambda: retained(time=FIRST.history.time & 0xFFFF_FFFE)),
        ("history_values_exact", lambda: retained(calibrated=np.nextafter(FIRST.history.calibrated, np.float32(9)))),
        ("nothing_handed_back_early", lambda: _calls([[0, 2, 3], [0, 2, 1]])),
        ("flush_hands_back_all", lambda: _calls([[0, 2, 1], [2, 0, 0], [0, 2, 3]])),
        ("types_plain", lambda: _breach("types_plain")),
        ("forms_exact", lambda: _breach("forms_exact")),
        ("inputs_unchanged", lambda: _breach("inputs_unchanged")),
        ("outputs_whole", lambda: _breach("outputs_whole")),
    ],
)  # fmt: skip
def test_one_violation_fails_one_check(check: str, evidence: Callable[[], Evidence]) -> None:
    assert _failing(evidence()) == [check]


def _calls(calls: list[list[int]]) -> Evidence:
    return replace(run(), calls=np.array(calls, np.int64))


def _breach(rule: str) -> Evidence:
    return replace(run(), breaches=(Breach(1, rule, "this", "that"),))


def test_a_value_beyond_its_bound() -> None:
    # The statistics are those of the value that was to be handed back: they no longer fit, which is their failure.
    off = _values(1, _next_up(_next_up(_next_up(float(HONEST.values[1])))))
    assert _failing(off)[0] == "values_calibrated"
    (failure,) = (one for check in CHECKS for one in check.failures((off,)) if check.name == "values_calibrated")
    assert (failure.implementation, failure.workload, failure.batch, failure.position) == ("subject", "made_up", 0, 1)
    assert "ULP off" in failure.got
    assert "ULP" in failure.allowed


def test_a_nan_for_an_accepted_reading() -> None:
    assert "values_calibrated" in _failing(_values(0, np.nan))


def test_which_nan_it_is_is_free() -> None:
    honest = window()
    values = honest.values.copy()
    values.view(np.uint32)[3] = 0xFFC00001
    assert _failing(replace(honest, values=values)) == []


def test_the_sign_of_a_zero_is_free_in_the_extremes_alone() -> None:
    second = run().windows[1]  # sensor 2**32 - 1 has one reading there, -0.0 * -0.5 + 0.25; make it zero
    values = second.values.copy()
    values[3] = 0.0
    assert second.statistics is not None
    changes = {name: edited(second.statistics, name, 1, -0.0) for name in ("minimum", "maximum", "last")}
    changes["sum"] = edited(second.statistics, "sum", 1, -0.0)
    failing = _failing(with_statistics(replace(second, values=values), **changes))
    assert failing == ["values_calibrated", "last_exact"]


def test_failures_tell_batch_and_position() -> None:
    second = run().windows[1]
    values = second.values.copy()
    values[2] = 1.0  # rejected, at position 8 of the stream, in batch 4
    (failure,) = [one for check in CHECKS for one in check.failures((replace(second, values=values),))]
    assert (failure.check, failure.batch, failure.position) == ("rejected_are_nan", 4, 8)
    assert str(failure) == (
        "rejected_are_nan (subject, made_up, batch 4, position 8): "
        "expected nan, because its value is invalid, got 1.0, allowed exact"
    )


def test_statistics_without_values_are_not_judged_by_them() -> None:
    short = replace(window(), values=window().values[:2])
    assert _failing(short) == ["values_counted"]


def _twin_of(index: int, value: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    values = run().values.copy()
    values[index] = value
    return values


@pytest.mark.parametrize(
    ("difference", "check"), [(CUT, "cut_does_not_matter"), (HASH_SEED, "hash_seed_does_not_matter")]
)
def test_twins_differ_in_a_value(difference: str, check: str) -> None:
    other = run(_twin_of(1, _next_up(float(run().values[1]))))
    assert _failing(Twins(difference, run(), other, True)) == [check]
    assert _failing(Twins(difference, run(), run(_twin_of(3, -np.nan)), True)) == []


@pytest.mark.parametrize(("bit_for_bit", "failing"), [(True, ["hash_seed_does_not_matter"]), (False, [])])
def test_twins_differ_in_a_sum(bit_for_bit: bool, failing: list[str]) -> None:
    honest = run()
    one = honest.windows[0]
    assert one.statistics is not None
    sums = edited(one.statistics, "sum", 2, float(np.nextafter(one.statistics.sum[2], 9)))
    other = replace(honest, windows=(with_statistics(one, sum=sums), honest.windows[1]))
    assert _failing(Twins(HASH_SEED, honest, other, bit_for_bit)) == failing


def test_twins_differ_in_a_count() -> None:
    honest = run()
    one = honest.windows[1]
    assert one.statistics is not None
    other = replace(
        honest, windows=(honest.windows[0], with_statistics(one, count=edited(one.statistics, "count", 0, 9)))
    )
    assert _failing(Twins(CUT, honest, other, False)) == ["cut_does_not_matter"]


def test_a_scenario_fails_under_its_own_name() -> None:
    bad = replace(run(), windows=(_values(3, 0.0),))
    (failure,) = [one for check in CHECKS for one in check.failures((Scenario("retain_0", bad),))]
    assert failure.check == "retain_0: rejected_are_nan"


def test_check_names_are_unique_and_told() -> None:
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    assert all(check.about.endswith(".") for check in CHECKS)
    assert len(FIRST.history) == RETAIN
