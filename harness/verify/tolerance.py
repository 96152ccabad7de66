r"""What a value and a sum may be off by: derived from the arithmetic, never tuned.

Calibrated value, with u = 2**-24 and t = 2**-149 (the smallest subnormal float32). Unfused arithmetic computes
:math:`(v g (1+d_1) + e_1 + o)(1+d_2)` with :math:`|d_i| \le u/(1+u)` and :math:`|e_1| \le t/2`, which is off from
:math:`x = v g + o` by at most :math:`u(|v g| + |x|) + u^2 |v g| + t/2`; fused arithmetic rounds once and stays below.
Addition of float32 never underflows inexactly, so that half a subnormal step occurs once.

Sum of n float32 values in float64, in any order, with u = 2**-53: at most
:math:`\gamma_{n-1} \sum |c|`, :math:`\gamma_k = k u / (1 - k u)` (Higham, Accuracy and Stability, 4.2).

Both are decided exactly: where float64 cannot tell, rationals do.
"""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from harness.contract import Floats
from harness.oracle import Answer, Groups, two_sum

U32 = 2.0**-24
U64 = 2.0**-53
HALF_SUBNORMAL = 2.0**-150
_UNSURE = 2.0**-40  # float64 decides only what is farther from the bound than this share of it


def allowed_errors(answer: Answer) -> NDArray[np.float64]:
    """What each calibrated value may be off by: float64[n]."""
    product = np.abs(answer.product)
    return U32 * (product + np.abs(answer.high)) + U32**2 * product + HALF_SUBNORMAL


def errors(answer: Answer, values: Floats) -> NDArray[np.float64]:
    """How far each of `values` is off: float64[n], NaN or infinite where the value is; 0 where rejected."""
    with np.errstate(invalid="ignore"):
        difference, rest = two_sum(values.astype(np.float64), -answer.high)
        found = np.abs(difference + (rest - answer.low))
    found = np.where(np.isfinite(values), found, np.inf)
    return np.where(answer.accepted, found, 0.0)


def first_beyond(answer: Answer, values: Floats) -> int | None:
    """Index of the first accepted reading whose value is off by more than is allowed; None if there is none."""
    near = ~(errors(answer, values) <= allowed_errors(answer) * (1 - _UNSURE)) & answer.accepted
    return next((index for index in np.flatnonzero(near).tolist() if _is_beyond(answer, values, index)), None)


def _is_beyond(answer: Answer, values: Floats, index: int) -> bool:
    if not np.isfinite(values[index]):
        return True
    product = abs(Fraction(float(answer.product[index])))
    exact = Fraction(float(answer.high[index])) + Fraction(float(answer.low[index]))
    u = Fraction(U32)
    allowed = u * (product + abs(exact)) + u * u * product + Fraction(HALF_SUBNORMAL)
    return abs(Fraction(float(values[index])) - exact) > allowed


def ulp(exact: float) -> float:
    """The distance of float32 neighbours at `exact` (its magnitude rounded to float32)."""
    return float(np.spacing(np.abs(np.float32(exact))))


def allowed_sum_errors(groups: Groups) -> NDArray[np.float64]:
    """What the float64 sum of each group may be off by: float64[g]."""
    terms = np.diff(groups.edges) - 1
    return terms * U64 / (1 - terms * U64) * groups.sums_of_sizes()


def first_sum_beyond(groups: Groups, claimed: NDArray[np.float64]) -> int | None:
    """The first group whose claimed sum is off by more than is allowed; None if there is none.

    Groups that hold an infinity or a NaN have no sum and are passed over.
    """
    finite = np.isfinite(groups.values)
    if not finite.all():
        kept = [index for index in range(len(groups)) if np.isfinite(groups.of(index)).all()]
        return next((index for index in kept if _is_sum_beyond(groups.of(index), float(claimed[index]))), None)
    wild = ~np.isfinite(claimed)
    error = np.abs(groups.sum_errors(np.where(wild, 0.0, claimed)))
    near = ~(error <= allowed_sum_errors(groups) * (1 - _UNSURE)) | wild
    indexes = np.flatnonzero(near).tolist()
    return next((index for index in indexes if _is_sum_beyond(groups.of(index), float(claimed[index]))), None)


def _is_sum_beyond(values: Floats, claimed: float) -> bool:
    if not np.isfinite(claimed):
        return True
    exact = [Fraction(value) for value in values.tolist()]
    terms, u = len(exact) - 1, Fraction(U64)
    allowed = terms * u / (1 - terms * u) * sum(abs(value) for value in exact)
    return abs(sum(exact) - Fraction(claimed)) > allowed
