"""The study's own listing put to the test: each of its faults, in the tool's own words, as a document.

Run ``python -m harness.optimize.study --document docs/the-study.md`` in a source tree.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from harness.discovery import Entry, find
from harness.errors import InputError
from harness.measure.memory.weigh import measure_memory
from harness.measure.processes.handle import Limits, Worker
from harness.measure.processes.status import WorkerFailure
from harness.results import Memory, Status
from harness.run.inputs import Inputs
from harness.store import write_whole
from harness.stream import Stream
from harness.units import format_bytes
from harness.verify import verify

FOLDER = Path(__file__).parents[2] / "tests" / "study"
WORKLOAD, SIZE = "steady", "small"
_WEIGHED = "the memory pass"
_SHOWN_FAILURES = 3
_ABOUT = (
    "The case study ends with a listing. It has {} faults. Each is shown here by a small processor under `tests/study/`"
    " that does the rest right and this one thing as the listing does it. What follows each command is the tool's own"
    " answer, on `{}` at `{}`, with the paths of the machine left out."
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One of the listing's faults: a processor that does what the listing does.

    Parameters
    ----------
    entry : Entry
    about : str
        What is wrong, in one line: the file's docstring.
    listing : str
        How the listing has it.
    seen_by : str
        What of the tool sees it.
    """

    entry: Entry
    about: str
    listing: str
    seen_by: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A fault and what the tool says of it: its status, and lines in its own words."""

    fault: Fault
    status: Status
    words: tuple[str, ...]


def find_faults(folder: Path = FOLDER) -> tuple[Fault, ...]:
    """The faults in `folder`, by name; the files are read, not imported.

    Raises
    ------
    InputError
        If there is none, or a file does not say what it stands for.
    """
    found = tuple(_read(path) for path in sorted(folder.glob("*.py")))
    if not found:
        raise InputError(f"{folder}: holds no file of the study; run this in a source tree")
    return found


def _read(path: Path) -> Fault:
    tree = ast.parse(path.read_text())
    said = {
        target.id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id in ("LISTING", "SEEN_BY")
    }
    if len(said) < 2:
        raise InputError(f"{path}: lacks LISTING or SEEN_BY; expected both as texts")
    return Fault(find("processors", str(path)), ast.get_docstring(tree) or "", said["LISTING"], said["SEEN_BY"])


def show(fault: Fault, stream: Stream, limits: Limits) -> Shown:
    """Put one to the test and keep what the tool says."""
    try:
        proof = verify(fault.entry, stream, limits, budget_s=60.0)
        if not proof.verified:
            words = tuple(str(failure) for failure in proof.failures)
            more = len(words) - _SHOWN_FAILURES
            rest = (f"and {more} more failures",) if more > 0 else ()
            return Shown(fault, Status.WRONG, (*words[:_SHOWN_FAILURES], *rest))
        if fault.seen_by != _WEIGHED:
            return Shown(fault, Status.OK, ("verified",))
        return Shown(fault, Status.OK, tuple(_weighed(fault.entry, stream, limits)))
    except WorkerFailure as failure:
        return Shown(fault, failure.status, (failure.reason,))


def _weighed(entry: Entry, stream: Stream, limits: Limits) -> Iterator[str]:
    memory = measure_memory(entry, stream, limits)
    said = _said_bytes(entry, stream, limits)
    retained = memory.details["history_readings"]
    yield f"verified; {retained:,} readings retained"
    yield f"what it says of its memory: {format_bytes(said)}"
    yield f"peak over runtime: {_bytes(memory, 'peak_bytes')}; retained: {_bytes(memory, 'retained_bytes')}"
    if memory.peak_bytes:
        yield f"measured over said: {memory.peak_bytes / said:.0f} times"


def _said_bytes(entry: Entry, stream: Stream, limits: Limits) -> int:
    with Worker(entry, limits) as worker:
        worker.ask("start", {"folder": str(stream.folder)}, deadline_s=60.0)
        request = {"min_calls": 1, "min_s": 0.0, "min_readings": len(stream), "most_s": 30.0}
        return int(worker.ask("warm_up", request, deadline_s=90.0).values["facts"]["said_bytes"])


def _bytes(memory: Memory, name: str) -> str:
    value = getattr(memory, name)
    return "not measurable here" if value is None else format_bytes(value)


def _without_paths(text: str) -> str:
    """`text` without what differs from one checkout to another: folders, and names made from them."""
    text = re.sub(r"[^\s\"']*/(tests/study/)", r"\1", text)
    return re.sub(r"sensorbench_loose_(\w+)_[0-9a-f]{8}", r"\1", text)


def document(found: tuple[Shown, ...]) -> str:
    """The document: every fault with its line of the listing, the command, and the answer."""
    parts = [
        "# The study's listing, put to the test",
        "Generated by `python -m harness.optimize.study --document docs/the-study.md`; nothing below is typed in.",
        _ABOUT.format(len(found), WORKLOAD, SIZE),
    ]
    for number, shown in enumerate(found, 1):
        name = shown.fault.entry.name
        command = f"sensorbench verify -p tests/study/{name}.py -w {WORKLOAD} --size {SIZE}"
        if shown.fault.seen_by == _WEIGHED:
            command = f"sensorbench run -p tests/study/{name}.py -w {WORKLOAD} --size {SIZE} --quick"
        parts += [
            f"## {number}. {shown.fault.about}",
            f"The listing:\n\n```python\n{shown.fault.listing}\n```",
            f"Seen by {shown.fault.seen_by}, with status `{shown.status}`:",
            "```\n$ " + "\n".join([command, *map(_without_paths, shown.words)]) + "\n```",
        ]
    return "\n\n".join(parts) + "\n"


@click.command()
@click.option("--document", "path", type=click.Path(path_type=Path), help="Write it there (docs/the-study.md).")
@click.option("--folder", type=click.Path(path_type=Path), default=FOLDER, help="Where the processors are.")
def main(path: Path | None, folder: Path) -> None:
    """Put the study's listing to the test and write down what the tool says."""
    with Inputs() as inputs:
        stream = inputs.stream(WORKLOAD, inputs.size(WORKLOAD, SIZE))
        found = []
        for fault in find_faults(folder):
            click.echo(fault.about, err=True)
            found.append(show(fault, stream, Limits()))
    text = document(tuple(found))
    if path is None:
        click.echo(text.rstrip())
    else:
        write_whole(path, text)
        click.echo(str(path))


if __name__ == "__main__":
    main()
