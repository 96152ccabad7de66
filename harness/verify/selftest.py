"""The self-test: implementations that are wrong on purpose, each of which must be found out as it says it will be.

A saboteur is a processor file, or a channel file in the folder's ``channels``, with a constant
``EXPECTED = (stage, status, what)``, and, where it comes in several kinds, ``VARIANTS``, the bracketed parameters of
each. ``MEMORY_BYTES`` is what it may use, where that is not to be as much as everybody's:

- stage "verify" ends with the proof, "timed" goes on to the timed calls, "compared" to a verdict against the control;
- status as in :class:`harness.results.Status`;
- what: the name of a check that fails, a part of the reason, or the verdicts that are right ("slower or inconclusive").

The files are read, not imported: like any implementation they run in workers only.
"""

import ast
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.discovery import Entry, Kind, find
from harness.errors import InputError
from harness.measure.processes.handle import Limits
from harness.measure.processes.status import WorkerFailure
from harness.results import Failure, Status
from harness.stream import Stream
from harness.verify.channels import verify_channel
from harness.verify.timed import check_samples
from harness.verify.verifier import verify

if TYPE_CHECKING:
    from harness.measure.speed.pairing import Sample

STAGES = ("verify", "timed", "compared")
CONTROL = "honest"
_MEMORY_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Saboteur:
    """One of them, in one variant, and how it is expected to end."""

    entry: Entry
    about: str
    stage: str
    status: Status
    what: str
    memory_bytes: int = _MEMORY_BYTES


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended: status, what was seen, and whether that is as expected."""

    saboteur: Saboteur
    status: Status
    seen: str
    as_expected: bool
    seconds: float


def find_saboteurs(folder: Path) -> tuple[Saboteur, ...]:
    """The saboteurs in `folder`, by name.

    Raises
    ------
    InputError
        If there is none, or a file does not say what it expects.
    """
    kinds: tuple[tuple[Kind, Path], ...] = (("processors", folder), ("channels", folder / "channels"))
    found = [
        one
        for kind, place in kinds
        for path in sorted(place.glob("*.py"))
        if not path.stem.startswith("_")
        for one in _read(path, kind)
    ]
    if not found:
        raise InputError(f"{folder}: holds no saboteur; give the tests/saboteurs of a source tree with --saboteurs")
    return tuple(found)


def _read(path: Path, kind: Kind) -> Iterator[Saboteur]:
    tree = ast.parse(path.read_text())
    constants = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name in ("EXPECTED", "VARIANTS", "MEMORY_BYTES"):
                constants[name] = ast.literal_eval(node.value)
    try:
        stage, status, what = constants["EXPECTED"]
        if stage not in STAGES:
            raise ValueError(f"no stage {stage!r}")
        expected = Status(status)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: EXPECTED must be (stage, status, what), stage one of {STAGES} ({error})") from error
    about = (ast.get_docstring(tree) or "").partition("\n")[0]
    for variant in constants.get("VARIANTS", ("",)):
        memory_bytes = constants.get("MEMORY_BYTES", _MEMORY_BYTES)
        yield Saboteur(find(kind, f"{path}{variant}"), about, stage, expected, str(what), memory_bytes)


def judge(saboteur: Saboteur, stream: Stream, budget_s: float = 4.0) -> Outcome:
    """Put one to the test on `stream`: the proof, and what its stage asks for beyond."""
    began_s = time.monotonic()
    limits = Limits(memory_bytes=saboteur.memory_bytes)
    is_channel = saboteur.entry.kind == "channels"
    try:
        if is_channel:
            _, proof = verify_channel(saboteur.entry, limits)
        else:
            proof = verify(saboteur.entry, stream, limits, budget_s=budget_s)
        if not proof.verified:
            names = tuple(result.check for result in proof.checks if result.failures)
            status, seen = Status.WRONG, str(proof.failures[0])
        elif saboteur.stage == "verify":
            status, names, seen = Status.OK, (), _closeness(proof.worst_share)
        elif is_channel:
            status, names, seen = _carried(saboteur.entry, limits)
        else:
            status, names, seen = _BEYOND[saboteur.stage](saboteur.entry, stream, limits)
    except WorkerFailure as failure:
        status, names, seen = failure.status, (), failure.reason
    right = status is saboteur.status and _fits(saboteur, names, seen)
    return Outcome(saboteur, status, seen, right, time.monotonic() - began_s)


def _closeness(share: float | None) -> str:
    return "verified" if share is None else f"verified; its worst value has {share:.1%} of the error that is allowed"


def _fits(saboteur: Saboteur, names: tuple[str, ...], seen: str) -> bool:
    if saboteur.status is Status.WRONG and names:
        return any(what in names for what in saboteur.what.split(" or "))
    if saboteur.stage == "compared":
        return names[0] in saboteur.what.split(" or ") if names else False
    return saboteur.what in seen


def _timed(entry: Entry, stream: Stream, limits: Limits) -> tuple[Status, tuple[str, ...], str]:
    """Take samples of it alone and check what the timed calls hand back."""
    from harness.measure.speed.effort import EFFORTS
    from harness.measure.speed.live import LiveSide
    from harness.measure.speed.pairing import take_alone
    from harness.results import Level

    with LiveSide(entry, stream, limits, EFFORTS[Level.QUICK]) as side:
        side.prepare(fill_readings=len(stream))
        samples = take_alone(side, 4, random.Random(0), audits=2)
    failures = check_samples(entry.label, stream, samples, random.Random())
    if failures:
        return Status.WRONG, tuple(failure.check for failure in failures), f"in a timed call: {failures[0]}"
    return Status.OK, (), f"{sum(len(sample.folds) for sample in samples)} timed windows checked"


def _carried(entry: Entry, limits: Limits) -> tuple[Status, tuple[str, ...], str]:
    """Time a channel alone; every timed reading is proved."""
    from harness.measure.channels.live import LiveChannel, cpus_for_sides
    from harness.measure.speed.effort import EFFORTS
    from harness.results import Level

    with LiveChannel(entry, limits, EFFORTS[Level.QUICK], cpus_for_sides()) as live:
        live.open()
        live.prepare(1_000)
        for _ in range(3):
            live.sample(None)
    return Status.OK, (), f"{live.checked:,} timed readings proved"


def _compared(entry: Entry, stream: Stream, limits: Limits) -> tuple[Status, tuple[str, ...], str]:
    """Compare it with the honest control, pair by pair, until there is a verdict."""
    from dataclasses import replace

    from harness.measure.speed.effort import EFFORTS
    from harness.measure.speed.throughput import Account, Duel, Taken, cpus_for, speed_up_of
    from harness.results import Level

    control = find("processors", str(Path(entry.reference.partition(":")[2]).with_name(f"{CONTROL}.py")))
    effort = replace(EFFORTS[Level.DEFAULT], warm_up_s=0.2)

    def check(side: Entry, samples: Sequence["Sample"], stream: Stream) -> list[Failure]:
        return check_samples(side.label, stream, samples, random.Random())

    duel = Duel(stream, len(stream), effort, limits, 1, check, random.Random())
    versus = duel.versus(control, entry, cpus_for("one", 1), (Taken(), Taken()), Account(), lambda *_: None)
    found = speed_up_of(versus, CONTROL, 1, effort)
    if found is None:
        return Status.FAILED, (), "no effect could be had from the pairs"
    ratio = found.ratio
    seen = f"{found.verdict}: speed-up {ratio.median:.3f} ({ratio.low:.3f} to {ratio.high:.3f})"
    return Status.OK, (str(found.verdict),), seen


_BEYOND: dict[str, Callable[[Entry, Stream, Limits], tuple[Status, tuple[str, ...], str]]] = {
    "timed": _timed,
    "compared": _compared,
}
