"""Progress of `verify`: what is being proved, on one line of a terminal; nothing elsewhere but the results."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def status_line() -> Iterator[Callable[[str], None]]:
    """Yield a function that shows a text in the place of the one before, on standard error."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield lambda text: status.update(text.replace("[", "\\["))
