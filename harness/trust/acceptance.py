"""What the verdicts must achieve, and whether they did."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.trust.comparisons import Known

NARROW = math.log1p(0.02)
"""Half width of an effect's interval from which on a planted slowdown must be found: +-2%."""

_FALSE_SHARE = 1 / 500
_ENOUGH = 20
_FOUND_SHARES = ((0.05, 0.95), (0.10, 0.99))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what must be achieved: whether it is held, None where too few were taken to say, and the figures."""

    text: str
    held: bool | None
    figures: str


def at_most(hits: int, count: int) -> str:
    """A share with the upper end of its one-sided 95% interval [1]_.

    References
    ----------
    .. [1] C. J. Clopper and E. S. Pearson, The use of confidence or fiducial limits, Biometrika 26 (1934), 404-413.
    """
    if not count:
        return "none taken"
    from scipy.special import betaincinv

    bound = 1.0 if hits >= count else float(betaincinv(hits + 1, count - hits, 0.95))
    return f"{hits} of {count} ({hits / count:.1%}; at most {bound:.1%})"


def at_least(hits: int, count: int) -> str:
    """A share with the lower end of its one-sided 95% interval, as in `at_most`."""
    if not count:
        return "none taken"
    from scipy.special import betaincinv

    bound = 0.0 if hits == 0 else float(betaincinv(hits, count - hits + 1, 0.05))
    return f"{hits} of {count} ({hits / count:.1%}; at least {bound:.1%})"


def planted(found: Sequence[Known], share: float) -> list[Known]:
    """Those of `found` whose candidate was slowed by `share`."""
    return [known for known in found if known.planted == share]


def narrow(found: Sequence[Known]) -> list[Known]:
    """Those of `found` whose interval is +-2% or narrower."""
    return [known for known in found if known.half_width is not None and known.half_width <= NARROW]


def count(found: Sequence[Known], *verdicts: str) -> int:
    """How many of `found` came out as one of `verdicts`."""
    return sum(known.verdict in verdicts for known in found)


def acceptance(found: Sequence[Known]) -> Iterator[Line]:
    """Each line of what must be achieved over `found`, comparisons of a level that gives verdicts."""
    identical = planted(found, 0.0)
    false = count(identical, "faster", "slower")
    is_enough = len(identical) * _FALSE_SHARE >= 1
    yield Line(
        "identical code is called faster or slower at most once in 500 comparisons",
        False if false > max(1.0, len(identical) * _FALSE_SHARE) else (True if is_enough else None),
        at_most(false, len(identical)),
    )
    for share, least in _FOUND_SHARES:
        rows = planted(found, share)
        sharp = narrow(rows)
        hits = count(sharp, "slower")
        yield Line(
            f"{share:.0%} slower is found in at least {least:.0%} of comparisons whose interval is +-2% or narrower",
            hits >= least * len(sharp) if len(sharp) >= _ENOUGH else None,
            f"{at_least(hits, len(sharp))}; of all, whatever their width, {count(rows, 'slower')} of {len(rows)}",
        )
    rows = [known for share, _ in _FOUND_SHARES for known in planted(found, share)]
    same = count(rows, "same")
    yield Line(
        "neither is ever called the same",
        False if same else (True if len(rows) >= _ENOUGH else None),
        at_most(same, len(rows)),
    )
