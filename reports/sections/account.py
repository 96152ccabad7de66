"""The account of time: where the seconds of the run went, and what a worker cost beside its work."""

from collections.abc import Iterator, Mapping
from statistics import median

from harness.results import Cell
from reports.content import Block, Column, Paragraph, Row, Section, Table
from reports.load import Run
from reports.ranking import where
from reports.tables import NOTHING, make_table, number, text
from reports.text import duration, percent

ORDER = 85
_TOTAL = "seconds"
_ALLOWED_S = 1.5
"""What a worker may cost beside its work, loading of its libraries included."""


def build(run: Run) -> Section | None:
    """Seconds by what they were spent on, for the whole run and for each cell."""
    spent: dict[str, float] = {}
    for cell in run.cells:
        for name, seconds in cell.account_s.items():
            spent[name] = spent.get(name, 0.0) + seconds
    whole = {name: value for name, value in run.account_s.items() if isinstance(value, int | float)}
    total = whole.pop(_TOTAL, None)
    if not spent and total is None and not whole:
        return None
    blocks: list[Block] = []
    if total is not None:
        blocks.append(Paragraph(f"The run took {duration(total)}."))
    if spent or whole:
        blocks.append(_by_purpose({**spent, **whole}, total))
    if spent:
        blocks.append(_by_cell(run, list(spent)))
        blocks += _worker_costs(run)
    return Section("Time", "account", tuple(blocks))


def _by_purpose(spent: Mapping[str, float], total: float | None) -> Table:
    spent = dict(sorted(spent.items(), key=lambda item: -item[1]))
    known = sum(spent.values())
    if total is not None and total > known:
        spent["everything else"] = total - known
    columns = (Column("Spent on"), Column("Time", "s", "number"), Column("Share", "%", "number"))
    reference = max(total or 0.0, known)
    rows = [
        Row(
            (
                text(name),
                number(seconds),
                number(seconds / reference if reference else None, lambda share: percent(share).removesuffix("%")),
            )
        )
        for name, seconds in spent.items()
    ]
    return make_table("Where the time went", columns, rows)


def _by_cell(run: Run, names: list[str]) -> Table:
    columns = (
        Column("Implementation"),
        Column("Workload"),
        *(Column(name.capitalize(), "s", "number") for name in names),
        Column("A worker", "s", "number", "What starting and ending one process cost beside its work"),
    )
    rows = [
        Row(
            (
                text(cell.implementation),
                text(where(cell)),
                *(number(cell.account_s[name]) if name in cell.account_s else NOTHING for name in names),
                number(_a_worker(cell)),
            )
        )
        for cell in run.cells
        if cell.account_s
    ]
    return make_table("By cell", columns, rows)


def _worker_costs(run: Run) -> Iterator[Paragraph]:
    """What workers cost beside their work, against what they may."""
    costs = {f"{cell.implementation} on {where(cell)}": cost for cell in run.cells if (cost := _a_worker(cell))}
    if costs:
        worst = max(costs, key=lambda name: costs[name])
        most_s = costs[worst]
        judged = "within" if most_s <= _ALLOWED_S else "more than"
        yield Paragraph(
            f"Outside warm-up, samples and verification a worker cost {duration(median(costs.values()))} at the "
            f"median and {duration(most_s)} at most ({worst}), {judged} the {duration(_ALLOWED_S)} "
            "that sensorbench allows itself."
        )


def _a_worker(cell: Cell) -> float | None:
    workers, seconds = cell.counts.get("workers"), cell.account_s.get("processes")
    return seconds / workers if workers and seconds is not None else None
