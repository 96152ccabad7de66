"""How an implementation behaves from start to end: form, order of hand-over, hands off the caller's memory."""

import numpy as np

from harness.verify.check import check
from harness.verify.evidence import FLUSH, Finding, Run


@check(Run)
def types_plain(run: Run) -> Finding | None:
    """What is handed back is exactly numpy.ndarray, Statistics, History: nothing lazy, no subclass."""
    return _breach(run, "types_plain")


@check(Run)
def forms_exact(run: Run) -> Finding | None:
    """Every array handed back is one-dimensional and of the contract's dtype."""
    return _breach(run, "forms_exact")


@check(Run)
def inputs_unchanged(run: Run) -> Finding | None:
    """The caller's batch is as it was given when the call returns and left alone afterwards; so is the table."""
    return _breach(run, "inputs_unchanged")


@check(Run)
def outputs_whole(run: Run) -> Finding | None:
    """What is handed back is finished when the call returns and stays so until the next call."""
    return _breach(run, "outputs_whole")


@check(Run)
def nothing_handed_back_early(run: Run) -> Finding | None:
    """There are never more values handed back than readings given."""
    ahead = np.cumsum(run.calls[:, 2]) - np.cumsum(run.calls[:, 1])
    wrong = np.flatnonzero(ahead > 0)
    if not len(wrong):
        return None
    call = int(wrong[0])
    given = int(run.calls[: call + 1, 1].sum())
    return Finding(f"at most {given} values so far", f"{given + int(ahead[call])}", index=call)


@check(Run)
def flush_hands_back_all(run: Run) -> Finding | None:
    """After a flush no value is owed."""
    owed = np.cumsum(run.calls[:, 1]) - np.cumsum(run.calls[:, 2])
    wrong = np.flatnonzero((run.calls[:, 0] == FLUSH) & (owed > 0))
    if not len(wrong):
        return None
    call = int(wrong[0])
    given = int(run.calls[: call + 1, 1].sum())
    return Finding(f"{given} values after the flush", f"{given - int(owed[call])}", index=call)


def _breach(run: Run, rule: str) -> Finding | None:
    found = next((breach for breach in run.breaches if breach.rule == rule), None)
    return None if found is None else Finding(found.expected, found.got, index=found.call)


CHECKS = (
    types_plain,
    forms_exact,
    inputs_unchanged,
    outputs_whole,
    nothing_handed_back_early,
    flush_hands_back_all,
)
