"""What a check is: a small named function that looks at one kind of evidence."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from harness.results import Failure
from harness.verify.evidence import Finding

Find = Callable[[Any], Finding | Failure | None]


class Evidence(Protocol):
    """A piece of evidence: it knows whose it is, and turns what a check finds in it into a failure."""

    def failure(self, check: str, finding: Finding) -> Failure:
        """`finding` of the check called `check`, with its place."""
        ...


@dataclass(frozen=True, slots=True)
class Check:
    """A check.

    Parameters
    ----------
    name : str
    about : str
        One line: what must hold.
    sees : callable
        Whether a piece of evidence is its business.
    find : callable
        From such a piece to the first thing wrong with it, or None.
    """

    name: str
    about: str
    sees: Callable[[Evidence], bool]
    find: Find

    def failures(self, evidence: Iterable[Evidence]) -> Iterator[Failure]:
        """The first failure of each piece of `evidence` that it sees."""
        for piece in filter(self.sees, evidence):
            found = self.find(piece)
            if isinstance(found, Finding):
                yield piece.failure(self.name, found)
            elif found is not None:
                yield replace(found, check=f"{self.name}: {found.check}")


def check(looks_at: type, only: Callable[[Any], bool] = lambda _: True) -> Callable[[Find], Check]:
    """Make a function into a :class:`Check` named after it, for evidence of type `looks_at` for which `only` holds."""

    def made(find: Find) -> Check:
        about = (inspect.getdoc(find) or "").partition("\n")[0]
        name = getattr(find, "__name__", "")
        return Check(name, about, lambda piece: type(piece) is looks_at and only(piece), find)

    return made
