"""Each bound at its edge: what lies on it passes, the next number beyond it fails."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.contract import RECORD_DTYPE, Readings, Sensors
from harness.oracle import Answer, Groups, Oracle
from harness.verify.tolerance import (
    HALF_SUBNORMAL,
    U32,
    allowed_errors,
    allowed_sum_errors,
    errors,
    first_beyond,
    first_sum_beyond,
    ulp,
)

values = st.floats(-(2.0**64), 2.0**64, width=32)
calibrations = st.floats(-(2.0**60), 2.0**60, width=32)
ordinary = st.floats(-1000, 1000, width=32)


def _answer(value: float, gain: float, offset: float) -> Answer:
    sensors = Sensors(np.array([1], np.uint32), np.array([gain], np.float32), np.array([offset], np.float32))
    return Oracle(sensors).answer(Readings.of_records(np.array([(1, value, 0)], RECORD_DTYPE)))


def _bound(value: float, gain: float, offset: float) -> tuple[Fraction, Fraction]:
    """The exact value and what may be off, as rationals, straight from the definition."""
    product, u = Fraction(value) * Fraction(gain), Fraction(1, 2**24)
    exact = product + Fraction(offset)
    return exact, u * (abs(product) + abs(exact)) + u**2 * abs(product) + Fraction(1, 2**150)


def _is_right(answer: Answer, out: np.float32) -> bool:
    return first_beyond(answer, np.array([out], np.float32)) is None


def _rounded(exact: Fraction) -> np.float32:
    """The float32 nearest to `exact`."""
    near = np.float32(float(exact))
    around = (near, np.nextafter(near, np.float32(np.inf)), np.nextafter(near, np.float32(-np.inf)))
    return min(around, key=lambda one: abs(Fraction(float(one)) - exact))


@given(value=values, gain=calibrations, offset=calibrations)
@example(value=1.5e-42, gain=0.3, offset=0.0)
@example(value=1.0, gain=1.0, offset=-1.0)
def test_fused_and_unfused_are_right(value: float, gain: float, offset: float) -> None:
    answer = _answer(value, gain, offset)
    unfused = np.float32(value) * np.float32(gain) + np.float32(offset)
    assert _is_right(answer, unfused)
    assert _is_right(answer, _rounded(_bound(value, gain, offset)[0]))


@given(value=ordinary, gain=ordinary, offset=ordinary, upwards=st.booleans())
@example(value=1.0, gain=0.0, offset=0.0, upwards=True)
@example(value=1e-20, gain=1e-22, offset=0.0, upwards=False)
def test_the_last_float_within_the_bound_passes_and_the_next_fails(
    value: float, gain: float, offset: float, upwards: bool
) -> None:
    answer = _answer(value, gain, offset)
    exact, allowed = _bound(value, gain, offset)
    sign = 1 if upwards else -1
    towards, back = np.float32(sign * np.inf), np.float32(-sign * np.inf)
    inside = _rounded(exact + sign * allowed)
    if abs(Fraction(float(inside)) - exact) > allowed:
        inside = np.nextafter(inside, back)
    outside = np.nextafter(inside, towards)
    assert abs(Fraction(float(inside)) - exact) <= allowed < abs(Fraction(float(outside)) - exact)
    assert _is_right(answer, inside)
    assert not _is_right(answer, outside)


def test_exactly_on_the_bound_passes() -> None:
    # value 2**-75, gain 2**-75: the product is half a subnormal step, and so is what may be off (plus a little).
    answer = _answer(2.0**-75, 2.0**-75, 0.0)
    assert _is_right(answer, np.float32(0))
    assert _is_right(answer, np.float32(2.0**-149))
    assert not _is_right(answer, np.float32(2.0**-148))


def test_flushed_subnormals_fail() -> None:
    answer = _answer(2.0**-130, 1.0, 0.0)
    assert _is_right(answer, np.float32(2.0**-130))
    assert not _is_right(answer, np.float32(0))


@pytest.mark.parametrize("wild", [np.nan, np.inf, -np.inf])
def test_wild_values_fail(wild: float) -> None:
    assert not _is_right(_answer(1.0, 1.0, 0.0), np.float32(wild))
    assert errors(_answer(1.0, 1.0, 0.0), np.array([wild], np.float32)).tolist() == [np.inf]


def test_a_rejected_reading_has_no_error() -> None:
    assert first_beyond(_answer(np.nan, 1.0, 0.0), np.array([5], np.float32)) is None


def test_allowed_error_as_defined() -> None:
    answer = _answer(3.0, 5.0, -10.0)
    assert allowed_errors(answer).tolist() == [U32 * (15 + 5) + U32**2 * 15 + HALF_SUBNORMAL]


def test_ulp() -> None:
    assert ulp(1.0) == 2.0**-23
    assert ulp(-1.0) == 2.0**-23
    assert ulp(0.0) == 2.0**-149


def _groups(*groups: list[float]) -> Groups:
    edges = np.cumsum([0, *map(len, groups)])
    flat = [value for group in groups for value in group]
    return Groups(np.arange(len(groups)), edges, np.array(flat, np.float32))


def test_sum_of_one_must_be_exact() -> None:
    groups = _groups([0.1])
    exact = float(np.float32(0.1))
    assert first_sum_beyond(groups, np.array([exact])) is None
    assert first_sum_beyond(groups, np.array([np.nextafter(exact, 1)])) == 0


@given(st.lists(st.floats(-(2.0**100), 2.0**100, width=32), min_size=1, max_size=40), st.randoms())
def test_any_order_in_float64_is_right(values: list[float], chance: object) -> None:
    shuffled = list(values)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    total = 0.0
    for value in shuffled:
        total += value
    assert first_sum_beyond(_groups(values), np.array([total])) is None
    assert first_sum_beyond(_groups(values), np.array([float(np.sum(np.array(values)))])) is None


@given(st.lists(st.floats(1, 1e6, width=32), min_size=2, max_size=20), st.booleans())
def test_sum_at_its_edge(values: list[float], upwards: bool) -> None:
    exact = sum(map(Fraction, values))
    terms, u = len(values) - 1, Fraction(1, 2**53)
    allowed = terms * u / (1 - terms * u) * sum(abs(Fraction(value)) for value in values)
    claimed, towards = float(exact), np.inf if upwards else -np.inf
    while abs(Fraction(float(np.nextafter(claimed, towards))) - exact) <= allowed:
        claimed = float(np.nextafter(claimed, towards))
    assert first_sum_beyond(_groups(values), np.array([claimed])) is None
    assert first_sum_beyond(_groups(values), np.array([np.nextafter(claimed, towards)])) == 0


def test_sums_in_float32_fail() -> None:
    values = np.full(1000, 0.1, np.float32)
    groups = _groups(values.tolist())
    assert first_sum_beyond(groups, np.array([float(np.add.reduce(values.astype(np.float64)))])) is None
    running = np.float32(0)
    for value in values:
        running += value
    assert first_sum_beyond(groups, np.array([float(running)])) == 0


@pytest.mark.parametrize("wild", [np.nan, np.inf, -np.inf])
def test_wild_sums_fail(wild: float) -> None:
    assert first_sum_beyond(_groups([1.0], [1.0, 2.0]), np.array([1.0, wild])) == 1


def test_groups_with_wild_values_are_passed_over() -> None:
    groups = _groups([np.nan, 1.0], [np.inf, -np.inf], [1.0, 2.0])
    assert first_sum_beyond(groups, np.array([0.0, 0.0, 3.0])) is None
    assert first_sum_beyond(groups, np.array([0.0, 0.0, 4.0])) == 2


def test_no_groups() -> None:
    assert first_sum_beyond(_groups(), np.empty(0)) is None
    assert allowed_sum_errors(_groups()).tolist() == []
