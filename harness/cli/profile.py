"""Look inside one implementation: memory flame graph, allocations by line, hardware counters."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from harness.cli._folders import folder_for, new_folder, run_option
from harness.cli.console import note, say, say_json, say_table
from harness.cli.options import json_option, size_option, threads_option
from harness.errors import MeasurementError
from harness.units import figure, format_bytes, format_count


@click.command()
@click.argument("processor", metavar="NAME")
@click.option("-w", "--workload", default="steady", show_default=True, help="Workload, or replay:FILE.")
@size_option
@threads_option
@click.option("--batches", type=click.IntRange(1), default=200, show_default=True, help="Batches under the profiler.")
@run_option
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for the files (default: results/profile-NAME-TIME)."
)
@json_option
def command(
    processor: str,
    workload: str,
    size: str | None,
    threads: int,
    batches: int,
    run: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Profile one implementation in steady state, by memray and the kernel's counters.

    Writes a flame graph of its memory that needs no network (open it in a browser), and prints its allocations by
    line and, where the kernel allows it, instructions, cycles and cache misses a reading. Profiling slows down:
    nothing here is a throughput.

    \b
    Examples:
      sensorbench profile ring_buffer
      sensorbench profile ring_buffer --run results/20261124T033000Z    linked from that run's report
      sensorbench profile ./my_variant.py -w dirty --size medium
    """  # noqa: D301
    from harness.discovery import find
    from harness.measure.memory.allocations import measure_allocations
    from harness.measure.processes.handle import Limits
    from harness.run.inputs import Inputs
    from harness.run.runner import default_memory_bytes

    entry = find("processors", processor)
    folder = folder_for(run, out, f"profile-{entry.name}")
    if run:
        folder = run / "profiles" / new_folder(entry.name).name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MeasurementError(f"{folder}: cannot be made ({error.strerror}); choose another with --out") from error
    with Inputs() as inputs:
        stream = inputs.stream(workload, inputs.size(workload, size))
        limits = Limits(threads=threads, memory_bytes=default_memory_bytes())
        note(f"{entry.label} on {stream.workload} at {stream.size.name}: warming up, then {batches} batches")
        capture = folder / "memray.bin"
        capture.unlink(missing_ok=True)
        found = measure_allocations(entry, stream, limits, batches=batches, capture=capture.resolve())
        counted = _count(entry, stream, limits)
    graph = _flame_graph(capture, folder / "flamegraph.html")
    document = {"implementation": entry.label, "workload": stream.workload, "size": stream.size.name, **found}
    document |= {"counters": counted, "flame_graph": str(graph), "capture": str(capture)}
    if run:
        _add_to(run, document, graph, capture, workload)
    if as_json:
        say_json(document)
        return
    _show(found, counted)
    say(f"flame graph: {graph}")


def _count(entry: Any, stream: Any, limits: Any) -> Mapping[str, Any]:
    """Counters a reading over a few windows, in a fresh process."""
    from harness.measure.processes.handle import Worker

    with Worker(entry, limits) as worker:
        worker.ask("start", {"folder": str(stream.folder)}, deadline_s=120)
        warm_up = {"min_calls": 3, "min_s": 0.3, "min_readings": len(stream), "most_s": 10.0}
        worker.ask("warm_up", warm_up, deadline_s=120)
        return worker.ask("count", {"windows": len(stream.window_ends)}, deadline_s=300).values


def _add_to(run: Path, document: Mapping[str, Any], graph: Path, capture: Path, workload: str) -> None:
    """Store the profile as a record of `run`, its files named as they lie in the run's folder."""
    from harness.cli._store_session import adding_to
    from harness.results import Level

    places = {"flame_graph": graph.relative_to(run).as_posix(), "capture": capture.relative_to(run).as_posix()}
    with adding_to(run, Level.DEFAULT, (workload,), 0) as store:
        store.append({"kind": "profile", **document, **places})


def _flame_graph(capture: Path, target: Path) -> Path:
    command = [sys.executable, "-m", "memray", "flamegraph", "--no-web", "--force", "-o", str(target), str(capture)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "COLUMNS": "200"})
    if done.returncode:
        raise MeasurementError(f"memray could not draw {target}: {done.stderr.strip().splitlines()[-1:]}")
    return target


def _show(found: Mapping[str, Any], counted: Mapping[str, Any]) -> None:
    batches = found["batches"]
    rows = [
        ("all", format_count(found["allocations"]), figure(found["allocations"] / batches)),
        ("512 bytes and more", format_count(found["large"]), figure(found["large"] / batches)),
        ("of these by the implementation", format_count(found["own_large"]), figure(found["own_large"] / batches)),
        (
            "its smaller ones, headers of arguments",
            format_count(found["own_small"]),
            figure(found["own_small"] / batches),
        ),
    ]
    say_table(("allocations", "count", "a batch"), rows)
    if found["lines"]:
        say()
        lines = [
            (
                f"{line['file']}:{line['line']}",
                line["function"],
                format_count(line["allocations"]),
                format_bytes(line["bytes"]),
            )
            for line in found["lines"][:20]
        ]
        say_table(("line", "function", "allocations", "in all"), lines)
    say()
    say_table(("counter", "a reading"), [_counter_row(name, counted) for name in counted["counters"]])


def _counter_row(name: str, counted: Mapping[str, Any]) -> tuple[str, str]:
    per_reading = counted["per_reading"].get(name)
    if per_reading is not None:
        return name, f"{per_reading:.4g}"
    counter = counted["counters"][name]
    return name, f"unavailable: {counter['reason']} ({counter['remedy']})"
