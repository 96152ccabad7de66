"""The sections of a report: every file in ``sections/``, in the order that each declares for itself.

A section is a module with ``ORDER`` (a number) and ``build(run) -> Section | None``: None if there is nothing to say.
"""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

from reports import sections as _sections
from reports.content import Callout, Section
from reports.load import Run


def section_names() -> tuple[str, ...]:
    """The names of all sections in their order."""
    names = [found.name for found in pkgutil.iter_modules(_sections.__path__) if not found.name.startswith("_")]
    return tuple(sorted(names, key=lambda name: (_module(name).ORDER, name)))


def build_sections(run: Run, told: Callable[[str], None]) -> tuple[Section, ...]:
    """What there is to say about `run`; a section that fails says so in its place, and the others stand.

    `told` is told of each that fails, in a line.
    """
    built = (_built(name, run, told) for name in section_names())
    return tuple(section for section in built if section is not None)


def _built(name: str, run: Run, told: Callable[[str], None]) -> Section | None:
    try:
        section: Section | None = _module(name).build(run)
    except Exception as error:
        title = name.capitalize()
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        told(f"{title} could not be told: {reason}")
        return Section(title, f"failed-{name}", (Callout("danger", f"{title} could not be told", (reason,)),))
    return section


def _module(name: str) -> Any:
    return importlib.import_module(f"{_sections.__name__}.{name}")
