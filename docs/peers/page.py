"""The page: one table a library, the peer first."""

from collections.abc import Mapping, Sequence
from typing import Any

from measure import RETAIN, SIZES, WINDOW
from way import Way

Figures = Mapping[str, Any]
_HEADS = tuple(size.name.replace(" sensors", "").replace(", ", ",<br>") for size in SIZES)

_SHOWN_FIRST = ("the peer", "NumPy")
_PROCESSORS = {"pandas": "pandas_merge", "polars": "polars_join", "duckdb": "duckdb_sql", "arrow": "pyarrow_compute"}

_INTRODUCTION = f"""# The peers, and every spelling of them that was tried

`pandas_merge`, `polars_join`, `duckdb_sql` and `pyarrow_compute` stand for what a user would reach for instead of
this project's own implementations. A comparison with them means something only if they are as fast as their own
documentation can make them. So each documented way that could be found was written down, shown to give the same
answers, and timed; the fastest is the peer. Where the fastest depends much on the size, the peer chooses by size;
where another way wins at one size alone and by less than a fifth, the simpler is kept.

Each figure is the whole job (match, check, calibrate, aggregate, retain) in nanoseconds of processor time a reading,
on one thread and one core: a window of {WINDOW:,} readings of the workload `steady`, `close_window` included, the
history of {RETAIN:,} readings full; batches of 100,000 where the column does not say otherwise. All ways of a table
ran in one process in turn, in alternating order; a cell is the median over the rounds, in brackets its median ratio
to the peer in the same rounds. Before it is timed, each way must give the same answers as the peer.
Ratios within a table can be trusted to some ten percent, the machine having had other work to do; absolute figures
belong to the machine they were taken on. To repeat it:

    python docs/peers

Each line differs from the peer in the one step that it names. *Held back* is what every library would like best:
many readings at once. The peers do not do it, because then a reading waits for 99,999 others; whoever can wait sets
the batch size of the stream instead.
"""

_NOTES = {
    "pandas": """`merge`, `join` and `map` build a hash table over the sensors, or index objects, for every batch;
an `Index` builds it once. `Series.loc` refuses unknown ids and so cannot do the job. `groupby` hashes or sorts rows
that are dense already and reads them anew for every statistic, while `ufunc.at` needs no groups.""",
    "polars": """Polars has no index that outlives a query: each join hashes one side again. So where the table is
much larger than the batch, binary search in the sorted ids is quicker, and where it outgrows the cache, the streaming
engine. NumPy's `ufunc.at` in the place of `group_by` is shown for what it is worth; it would not be Polars.""",
    "duckdb": """A statement costs up to a millisecond before it reads a row, half of which a prepared statement over
buffers that stay registered saves. The order of a join's output and of an aggregate's input is not promised by the
documentation, so a position travels along. NumPy's `ufunc.at` is shown for what it is worth; it would not be SQL.""",
    "arrow": """Measured to see whether either deserves a place beside the three peers. PyArrow is: with
10,000 sensors it is quicker than Polars and DuckDB; so it is a peer too, `pyarrow_compute`. NumPy's answer is
`sorted_indexed`, which is there already.""",
}


def page(libraries: Mapping[str, tuple[str, Sequence[Way]]], figures: Figures) -> str:
    """The page as Markdown."""
    parts = [_INTRODUCTION, "## The fastest of each\n", *_fastest(libraries, figures), ""]
    for library, (title, ways) in libraries.items():
        known = figures[library]
        versions = ", ".join(f"{name} {version}" for name, version in known["versions"].items())
        parts += [f"## {title}\n", f"{_NOTES[library]}\n", f"Measured with {versions}.\n", *_table(ways, known), ""]
    return "\n".join(parts)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _fastest(libraries: Mapping[str, tuple[str, Sequence[Way]]], figures: Figures) -> list[str]:
    lines = [_row("million readings a second", *_HEADS), _row("---", *("---:" for _ in SIZES))]
    for library, (_, ways) in libraries.items():
        for way in ways:
            if way.step in _SHOWN_FIRST:
                cells = (figures[library].get(size.name, {}).get(way.text) for size in SIZES)
                label = f"`{_PROCESSORS[library]}`" if way.step == "the peer" else way.step
                lines.append(_row(f"{label}: {way.text}", *(f"{1e3 / cell[0]:.1f}" if cell else "" for cell in cells)))
    return lines


def _table(ways: Sequence[Way], known: Figures) -> list[str]:
    lines = [_row("step", "way", *_HEADS), _row("---", "---", *("---:" for _ in SIZES))]
    for way in ways:
        text = f"{way.text} ({way.remark})" if way.remark else way.text
        cells = [_cell(known.get(size.name, {}).get(way.text)) for size in SIZES]
        lines.append(_row(way.step, text, *cells))
    return lines


def _cell(figure: Sequence[float] | None) -> str:
    if figure is None:
        return ""
    median_ns, ratio = figure
    digits = 0 if median_ns >= 100 else 1
    return f"{median_ns:,.{digits}f} ({ratio:.2f})"
