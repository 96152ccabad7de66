"""Take the comparisons that are still missing, then write the document."""

import time
from pathlib import Path

import click

from harness.cli.console import note, say
from harness.errors import SensorbenchError
from harness.machine import fingerprint
from harness.results import Level, from_builtins, to_builtins
from harness.run.inputs import Inputs
from harness.store import CELLS_NAME, Store, read, write_whole
from harness.trust.comparisons import KIND, Known, schedule, take
from harness.trust.document import trust_document
from harness.units import format_seconds

_COMMAND = "make trust"


def stored(store_folder: Path) -> list[Known]:
    """The comparisons taken so far."""
    records = read(store_folder).records(KIND)
    return [from_builtins({key: value for key, value in record.items() if key != "kind"}, Known) for record in records]


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("results/trust"), show_default=True)
@click.option("--identical", default=500, show_default=True, help="Comparisons of identical code.")
@click.option("--planted", default=100, show_default=True, help="Comparisons for each planted slowdown.")
@click.option("--most-seconds", type=float, help="Stop after that long; go on another time.")
@click.option("--level", type=click.Choice(["default", "rigorous"]), default="default", show_default=True)
@click.option("--document", type=click.Path(path_type=Path), help="Write the document there (docs/trust.md).")
def main(
    out: Path, identical: int, planted: int, most_seconds: float | None, level: str, document: Path | None
) -> None:
    """Benchmark the verdicts: take comparisons of known truth until all are stored, then write the document."""
    began_s = time.monotonic()
    shares = schedule(identical, planted)
    with Store.open(out) if (out / CELLS_NAME).exists() else Store.create(out) as store, Inputs() as inputs:
        done = sum(1 for _ in store.records(KIND))
        stream = inputs.stream("steady", inputs.size("steady", "small"))
        for known in take(stream, shares[done:], Level(level), seed=done):
            store.append({"kind": KIND, **to_builtins(known)})
            done += 1
            spent_s = time.monotonic() - began_s
            note(f"[{done}/{len(shares)}] {known.planted:.0%} planted: {known.verdict}, {known.seconds:.1f} s")
            if most_seconds is not None and spent_s > most_seconds:
                note(f"stopped after {format_seconds(spent_s)}; the same command goes on")
                break
    found = stored(out)
    if document is not None and found:
        cpu = fingerprint().cpu
        write_whole(document, trust_document(found, f"{cpu.model}, {cpu.logical} hardware threads", _COMMAND))
        say(str(document))


if __name__ == "__main__":
    try:
        main()
    except SensorbenchError as error:
        note(f"sensorbench: {error}")
        raise SystemExit(error.exit_code) from None
