"""Decimal commas: told from points, and read where they cannot be taken for the separator of columns."""

import itertools
import re
from collections.abc import Iterable
from typing import Any

from workloads.recordings.cells import CellError, quoted

_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?|[+-]?\d+,([eE][+-]?\d+)?")
_SEVERAL = re.compile(r"[+-]?\d[\d., '\u00a0\u202f]*")
_NAMES = {",": "decimal commas", ".": "decimal points"}

DECIMAL_COMMA = "decimal comma; write a point, or separate columns by ;"
"""What is said of one that cannot be read."""


class DecimalSign:
    """Whether the numbers of one file have a decimal comma or a point: it keeps to one of them.

    Where both occur, one of them most likely groups thousands, and ``1.234`` would be read a thousand times too small.

    Parameters
    ----------
    may_be_comma
        Whether a comma in a number is a decimal comma, as it is where something else separates the columns.
    """

    def __init__(self, may_be_comma: bool) -> None:
        self.may_be_comma = may_be_comma
        self._seen: str | None = None

    def pointed(self, text: Any, name: str) -> Any:
        """The Arrow array `text` of cells with a point for each decimal comma.

        Raises
        ------
        CellError
            At the first cell with another sign than those before.
        """
        import pyarrow.compute as pc

        if not self.may_be_comma:
            return text
        self.check_points(text, name)
        if not self._keep_to(",", text, name):
            return text
        return pc.replace_substring(text, ",", ".", max_replacements=1)  # a second comma stays, and is no number

    def check_points(self, text: Any, name: str) -> None:
        """Keep to points from now on if `text` has any: what `pointed` does of a text that has no comma.

        Raises
        ------
        CellError
            At the first cell with a point behind others with a comma.
        """
        if self.may_be_comma and self._seen != ".":
            self._keep_to(".", text, name)

    def pointed_cell(self, text: str, name: str) -> str:
        """One cell, as `pointed` has it."""
        if not self.may_be_comma:
            return text
        for sign, other in itertools.permutations(_NAMES, 2):
            if sign in text:
                if self._seen == other:
                    raise _mixed(0, text, name, other)
                self._seen = sign
        return text.replace(",", ".", 1)

    def _keep_to(self, sign: str, text: Any, name: str) -> bool:
        """Whether `sign` occurs in `text`."""
        import pyarrow.compute as pc

        has_sign = pc.match_substring(text, sign)
        if not pc.any(has_sign).as_py():
            return False
        if self._seen not in (None, sign):
            row = pc.index(has_sign, True).as_py()
            raise _mixed(row, text[row].as_py(), name, str(self._seen))
        self._seen = sign
        return True


def _mixed(row: int, text: str, name: str, before: str) -> CellError:
    problem = f"column {quoted(name)} holds {quoted(text)} in a file with {_NAMES[before]}"
    return CellError(row, problem, "write all its numbers in one way, without a sign between thousands")


def remedy_of_commas(text: str, may_be_comma: bool, otherwise: str) -> str:
    """What to do about a cell that is no number: of a decimal comma, or of signs between thousands."""
    if _COMMA.fullmatch(text.strip()) and not may_be_comma:
        return DECIMAL_COMMA
    if _SEVERAL.fullmatch(text.strip()) and sum(map(text.count, ",.' \u00a0\u202f")):
        return "write it without a sign between thousands"
    return otherwise


def split_at_commas(row: Iterable[str]) -> bool:
    """Whether two cells beside each other look like one number that a decimal comma has torn apart."""
    return any(_COMMA.fullmatch(f"{one.strip()},{other.strip()}") for one, other in itertools.pairwise(row))
