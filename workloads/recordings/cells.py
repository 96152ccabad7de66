"""What is wrong with one cell of a table, before anyone knows the line it stands in; how names and texts are shown."""

from collections.abc import Sequence


class CellError(Exception):
    """A cell that cannot be read; whoever knows the file turns it into an InputError with a line.

    Parameters
    ----------
    row
        Counted from 0 in the block at hand.
    problem
        What was given and what was expected.
    remedy
        What to do.
    """

    def __init__(self, row: int, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.row = row
        self.problem = problem
        self.remedy = remedy


def quoted(text: str, most: int = 40) -> str:
    """`text` as it is shown in a message: on one line and not too long."""
    return repr(shortened(text, most))


def shortened(text: str, most: int = 40) -> str:
    """`text`, or its beginning if it is longer than `most`."""
    return text if len(text) <= most else text[: most - 3] + "..."


def listed(names: Sequence[str], most: int = 8) -> str:
    """`names` as a note shows them: on one line, and only the first if there are many."""
    shown = [quoted(name)[1:-1] or "one without a name" for name in names[:most]]
    return ", ".join(shown) + (f", ... ({len(names):,} in all)" if len(names) > most else "")
