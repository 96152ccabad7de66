"""All checks: one small named function each."""

from harness.verify.check import Check
from harness.verify.checks import conduct, history, scenarios, statistics, twins, values

CHECKS: tuple[Check, ...] = (
    *conduct.CHECKS,
    *values.CHECKS,
    *statistics.CHECKS,
    *history.CHECKS,
    *twins.CHECKS,
    *scenarios.CHECKS,
)
"""In the order in which their failures are told: form first, then values, then what follows from values."""

__all__ = ["CHECKS"]
