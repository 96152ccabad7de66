"""Take the comparisons that are still missing, then write the document."""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import click

from harness.cli.console import note, say
from harness.errors import SensorbenchError, UsageError
from harness.results import Level, from_builtins, to_builtins
from harness.run.inputs import Inputs
from harness.store import CELLS_NAME, Contents, Store, read, write_whole
from harness.trust import comparisons, sittings
from harness.trust.comparisons import WANTED, Known, schedule, take
from harness.trust.document import trust_document
from harness.trust.sittings import Sitting, begin, end
from harness.units import format_seconds

_COMMAND = "python -m harness.trust --document docs/trust.md"


def stored(contents: Contents) -> tuple[list[Known], list[Sitting]]:
    """The comparisons taken so far, and when."""

    def without_kind(kind: str) -> Iterator[dict[str, object]]:
        for record in contents.records(kind):
            yield {name: value for name, value in record.items() if name != "kind"}

    return (
        [from_builtins(values, Known) for values in without_kind(comparisons.KIND)],
        [from_builtins(values, Sitting) for values in without_kind(sittings.KIND)],
    )


def missing(store: Store, wanted: dict[Level, tuple[int, int]]) -> dict[Level, list[float]]:
    """The planted share of each comparison that `store` lacks, by level, in the order in which they are taken."""
    done = dict.fromkeys(Level, 0)
    for record in store.records(comparisons.KIND):
        done[Level(record["level"])] += 1
    return {level: schedule(*counts)[done[level] :] for level, counts in wanted.items()}


def take_missing(store: Store, lacking: dict[Level, list[float]], most_seconds: float | None) -> int:
    """Take and store the comparisons of `lacking`; how many were taken before the time was up."""
    began_s = time.monotonic()
    total = sum(map(len, lacking.values()))
    taken = 0
    with Inputs() as inputs:
        stream = inputs.stream("steady", inputs.size("steady", "small"))
        seed = len(list(store.records(comparisons.KIND)))
        each = (take(stream, shares, level, seed) for level, shares in lacking.items())
        for known in itertools.chain.from_iterable(each):
            store.append({"kind": comparisons.KIND, **to_builtins(known)})
            taken += 1
            note(
                f"[{taken}/{total}] {known.level}, {known.planted:.0%} planted: {known.verdict}, {known.seconds:.1f} s"
            )
            spent_s = time.monotonic() - began_s
            if most_seconds is not None and spent_s > most_seconds and taken < total:
                note(f"stopped after {format_seconds(spent_s)}; the same command goes on")
                break
    return taken


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("results/trust"), show_default=True)
@click.option(
    "--level",
    "levels",
    type=click.Choice([str(level) for level in WANTED]),
    multiple=True,
    default=[str(level) for level in WANTED],
    show_default=True,
    help="Repeatable; one store holds them all.",
)
@click.option("--identical", type=click.IntRange(0), help="Comparisons of identical code (default: by level).")
@click.option("--planted", type=click.IntRange(0), help="Comparisons for each planted slowdown (default: by level).")
@click.option("--most-seconds", type=float, help="Stop after that long; go on another time.")
@click.option("--stored-only", is_flag=True, help="Take nothing; the document is written from what is stored.")
@click.option(
    "--note", "noted", metavar="TEXT", help="A sentence on the circumstances, stored and put in the document."
)
@click.option(
    "--with",
    "others",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Put the comparisons of that store in the document too; repeatable.",
)
@click.option("--document", type=click.Path(path_type=Path), help="Write the document there (docs/trust.md).")
def main(
    out: Path,
    levels: tuple[str, ...],
    identical: int | None,
    planted: int | None,
    most_seconds: float | None,
    stored_only: bool,
    noted: str | None,
    others: tuple[Path, ...],
    document: Path | None,
) -> None:
    """Benchmark the verdicts: take comparisons of known truth until all are stored, then write the document."""
    if not stored_only or noted:
        wanted = {
            level: (counts[0] if identical is None else identical, counts[1] if planted is None else planted)
            for level, counts in WANTED.items()
            if str(level) in levels
        }
        with Store.open(out) if (out / CELLS_NAME).exists() else Store.create(out) as store:
            lacking = {} if stored_only else missing(store, wanted)
            sitting, before = begin(noted), len(list(store.records(comparisons.KIND)))
            try:
                take_missing(store, lacking, most_seconds)
            finally:
                taken = len(list(store.records(comparisons.KIND))) - before
                if taken or noted:
                    store.append({"kind": sittings.KIND, **to_builtins(end(sitting, taken))})
    if document is None:
        return
    found: list[Known] = []
    sat: list[Sitting] = []
    for folder in (out, *others):
        comparisons_there, sittings_there = stored(read(folder))
        found += comparisons_there
        sat += sittings_there
    if not found:
        raise UsageError(f"{out}: holds no comparison yet; take some first")
    write_whole(document, trust_document(found, sat, _COMMAND))
    say(str(document))


if __name__ == "__main__":
    try:
        main()
    except SensorbenchError as error:
        note(f"sensorbench: {error}")
        raise SystemExit(error.exit_code) from None
