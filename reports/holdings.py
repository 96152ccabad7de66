"""What a run holds beside speeds that can be ranked, and which section of the report shows it."""

from dataclasses import dataclass

from reports.content import Rich, Span
from reports.load import Run
from reports.text import listed

_RECORDS = {
    "ablation": ("a ladder of techniques", "Phases", "phases"),
    "scale": ("a scaling measurement", "Scale", "scale"),
    "retention": ("a measurement of how memory grows", "Memory growth", "memory-growth"),
    "allocating": ("pools against fresh buffers", "Allocation", "allocation"),
    "channel": ("a measurement of channels", "Channels", "channels"),
    "device": ("passes on a GPU", "GPU", "gpu"),
    "profile": ("a memory profile", "Memory profiles", "memory-profiles"),
    "trial": ("the trials of a tuning", "", ""),
}
"""Kinds of records: what they are, the title and the anchor of their section, if they have one."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One kind of measurement in a run; `title` and `anchor` are empty where no section shows it."""

    what: str
    title: str
    anchor: str


def holdings(run: Run) -> tuple[Holding, ...]:
    """What `run` holds, cells under load first."""
    cells = [cell for cell in run.cells if cell.verified]
    found = []
    if any(cell.latency for cell in cells):
        found.append(Holding("latency under load", "Latency", "latency"))
    if any(cell.capacity for cell in cells):
        found.append(Holding("the highest load sustained", "Capacity", "capacity"))
    found += [Holding(*words) for kind, words in _RECORDS.items() if run.records.get(kind)]
    return tuple(found)


def holding_sentence(found: tuple[Holding, ...]) -> Rich:
    """What a run holds in one sentence, with links to where it is shown."""
    pieces: list[str | Span] = [f"This run holds {listed([one.what for one in found], len(found))}"]
    for index, one in enumerate(one for one in found if one.anchor):
        pieces += [", " if index else ": see ", Span(one.title, anchor=one.anchor)]
    return (*pieces, ".")
