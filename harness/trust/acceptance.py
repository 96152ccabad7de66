"""What the verdicts must achieve, and whether they did."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.trust.comparisons import Known

NARROW = math.log1p(0.02)
"""Half width of an effect's interval from which on a planted slowdown must be found: +-2%."""

_FALSE_SHARE = 1 / 500
_ENOUGH = 20
_FOUND_SHARES = ((0.05, 0.95), (0.10, 0.99))
_MISS = 0.05
"""How often a bound may be wrong."""


class Standing(StrEnum):
    """How a line stands: by its bound, which the share alone cannot replace."""

    HELD = "held"
    NOT_REFUTED = "not refuted"
    DOUBTFUL = "doubtful"
    MISSED = "MISSED"
    TOO_FEW = "too few taken to say"

    @property
    def meaning(self) -> str:
        """What the word says, for the document."""
        return {
            Standing.HELD: "the bound itself satisfies the line",
            Standing.NOT_REFUTED: "the share does, the bound does not yet: more comparisons could still show otherwise",
            Standing.DOUBTFUL: "the share does not, and the bound leaves the line open",
            Standing.MISSED: "the bound refutes the line",
            Standing.TOO_FEW: "so few that even the share says nothing",
        }[self]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what must be achieved, how it stands, and the figures."""

    text: str
    standing: Standing
    figures: str


def upper_bound(hits: int, count: int) -> float:
    """The upper end of the one-sided 95% interval of a share [1]_.

    References
    ----------
    .. [1] C. J. Clopper and E. S. Pearson, The use of confidence or fiducial limits, Biometrika 26 (1934), 404-413.
    """
    from scipy.special import betaincinv

    return 1.0 if hits >= count else float(betaincinv(hits + 1, count - hits, 1 - _MISS))


def lower_bound(hits: int, count: int) -> float:
    """The lower end of the one-sided 95% interval of a share, as in `upper_bound`."""
    return 1 - upper_bound(count - hits, count)


def at_most(hits: int, count: int) -> str:
    """A share with its upper bound."""
    return f"{hits} of {count} ({hits / count:.1%}; at most {upper_bound(hits, count):.1%})" if count else "none taken"


def at_least(hits: int, count: int) -> str:
    """A share with its lower bound."""
    return f"{hits} of {count} ({hits / count:.1%}; at least {lower_bound(hits, count):.1%})" if count else "none taken"


def standing_of(failures: int, count: int, most: float, enough: int = _ENOUGH) -> Standing:
    """How "at most the share `most` fails" stands after `failures` of `count`."""
    if upper_bound(failures, count) <= most:
        return Standing.HELD
    if lower_bound(failures, count) > most:
        return Standing.MISSED
    if count < enough:
        return Standing.TOO_FEW
    return Standing.NOT_REFUTED if failures <= most * count else Standing.DOUBTFUL


def enough_without_failure(most: float) -> int:
    """Comparisons from which on "at most the share `most` fails" is held if none fails.

    >>> enough_without_failure(1 / 500)
    1497
    """
    return math.ceil(math.log(_MISS) / math.log1p(-most))


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
    stands = standing_of(false, len(identical), _FALSE_SHARE, round(1 / _FALSE_SHARE))
    yield Line(
        "identical code is called faster or slower at most once in 500 comparisons",
        stands,
        _few(false, len(identical), stands) + _needed(stands, _FALSE_SHARE),
    )
    for share, least in _FOUND_SHARES:
        rows = planted(found, share)
        sharp = narrow(rows)
        hits = count(sharp, "slower")
        stands = standing_of(len(sharp) - hits, len(sharp), 1 - least)
        figures = at_most(hits, len(sharp)) if stands is Standing.MISSED else at_least(hits, len(sharp))
        yield Line(
            f"{share:.0%} slower is found in at least {least:.0%} of comparisons whose interval is +-2% or narrower",
            stands,
            f"{figures}{_needed(stands, 1 - least)}; of all, whatever their width, "
            f"{count(rows, 'slower')} of {len(rows)}",
        )
    rows = [known for share, _ in _FOUND_SHARES for known in planted(found, share)]
    same = count(rows, "same")
    stands = standing_of(same, len(rows), 0.0)
    yield Line("neither is ever called the same", stands, _few(same, len(rows), stands))


def _few(failures: int, of: int, stands: Standing) -> str:
    """What failed, with the bound on which its standing rests."""
    return at_least(failures, of) if stands is Standing.MISSED else at_most(failures, of)


def _needed(stands: Standing, most: float) -> str:
    if stands is not Standing.NOT_REFUTED:
        return ""
    return f"; held from {enough_without_failure(most):,} on if none fails"
