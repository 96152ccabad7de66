"""The calibrated values of a window."""

import numpy as np

from harness.verify.check import check
from harness.verify.evidence import Finding, Window
from harness.verify.tolerance import allowed_errors, errors, first_beyond, ulp


@check(Window)
def values_counted(window: Window) -> Finding | None:
    """One value is handed back for each reading of the window."""
    expected, got = len(window.readings), len(window.values)
    if got == expected:
        return None
    return Finding(f"{expected} values", f"{got} values", index=min(expected, got))


@check(Window)
def values_calibrated(window: Window) -> Finding | None:
    """Each accepted reading's value is value * gain + offset within the bound of float32 arithmetic."""
    answer, values = window.answer, window.judged
    index = first_beyond(answer, values)
    if index is None:
        return None
    exact = float(answer.high[index])
    step = ulp(exact)
    off = float(errors(answer, values)[index]) / step
    allowed = float(allowed_errors(answer)[index]) / step
    return Finding(f"{np.float32(exact)!s}", f"{values[index]!s} ({off:.4g} ULP off)", f"{allowed:.4g} ULP", index)


@check(Window)
def rejected_are_nan(window: Window) -> Finding | None:
    """Each rejected reading's value is NaN."""
    wrong = np.flatnonzero(~window.answer.accepted & ~np.isnan(window.judged))
    if not len(wrong):
        return None
    index = int(wrong[0])
    why = "its sensor is unknown" if window.answer.row[index] < 0 else "its value is invalid"
    return Finding(f"nan, because {why}", f"{window.judged[index]!s}", index=index)


CHECKS = (values_counted, values_calibrated, rejected_are_nan)
