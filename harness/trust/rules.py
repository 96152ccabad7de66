"""What other tools' rules say of the same samples, by their own code."""

import math
import statistics
from collections.abc import Sequence


def pyperf_differs(before: Sequence[float], after: Sequence[float]) -> bool:
    """pyperf: Student's test over all values of both, two-tailed at 95%."""
    from pyperf._utils import is_significant

    significant, _ = is_significant(list(before), list(after))
    return bool(significant)


def asv_differs(before: Sequence[float], after: Sequence[float], factor: float = 1.1) -> bool:
    """``asv compare``: different by Mann and Whitney's test at 0.002, and by more than `factor`."""
    from asv._stats import is_different
    from asv_runner.statistics import compute_stats

    mine, theirs = list(before), list(after)
    ratio = statistics.median(theirs) / statistics.median(mine)
    if abs(math.log(ratio)) <= math.log(factor):
        return False
    return bool(is_different(mine, theirs, compute_stats(mine, 1)[1], compute_stats(theirs, 1)[1]))
