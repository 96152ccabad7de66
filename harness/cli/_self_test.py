"""The self-test as a user sees it: a table of saboteurs, expected and seen."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli._verify_progress import status_line
from harness.cli.console import note, say, say_json, say_table
from harness.errors import UsageError, meant

if TYPE_CHECKING:
    from harness.verify.selftest import Outcome, Saboteur


def run_self_test(folder: Path, repeat: int, as_json: bool, only: Collection[str] = ()) -> int:
    """Put every saboteur in `folder`, or those named, to the test `repeat` times; 0 if each ended as expected."""
    from harness.run.inputs import Inputs
    from harness.verify.selftest import Outcome, find_saboteurs, judge

    saboteurs = _chosen(find_saboteurs(folder), only)
    outcomes: list[Outcome] = []
    with Inputs() as inputs, status_line() as show:
        stream = inputs.stream("steady", inputs.size("steady", "tiny"))
        for turn in range(repeat):
            for index, saboteur in enumerate(saboteurs):
                show(f"{saboteur.entry.label} ({index + 1} of {len(saboteurs)}, turn {turn + 1} of {repeat})")
                outcomes.append(judge(saboteur, stream))
    wrong = [outcome for outcome in outcomes if not outcome.as_expected]
    if as_json:
        say_json({"schema": 1, "outcomes": [_document(outcome) for outcome in outcomes], "unexpected": len(wrong)})
    else:
        shown = outcomes[-len(saboteurs) :] + [
            outcome for outcome in wrong if outcome not in outcomes[-len(saboteurs) :]
        ]
        say_table(("saboteur", "expected", "came out", "", "what was seen"), map(_row, shown))
        say(f"{len(outcomes) - len(wrong)} of {len(outcomes)} as expected")
    for outcome in wrong:
        note(
            f"{outcome.saboteur.entry.label}: expected {_expected(outcome)}, came out {outcome.status}: {outcome.seen}"
        )
    return int(bool(wrong))


def _chosen(saboteurs: Sequence["Saboteur"], only: Collection[str]) -> Sequence["Saboteur"]:
    """Those named, by file or by label; all where none is."""
    known = {name for saboteur in saboteurs for name in (saboteur.entry.name, saboteur.entry.label)}
    for name in sorted(set(only) - known):
        hint = f"{meant(name, known, '')} 'verify --self-test' lists them all".lstrip()
        raise UsageError(f"no saboteur {name!r}; {hint}")
    return [one for one in saboteurs if not only or {one.entry.name, one.entry.label} & set(only)]


def _expected(outcome: "Outcome") -> str:
    saboteur = outcome.saboteur
    return f"{saboteur.status} ({saboteur.what})" if saboteur.what else str(saboteur.status)


def _row(outcome: "Outcome") -> tuple[str, ...]:
    seen = outcome.seen if len(outcome.seen) <= 90 else outcome.seen[:89] + "…"
    mark = "as expected" if outcome.as_expected else "UNEXPECTED"
    return (outcome.saboteur.entry.label, _expected(outcome), str(outcome.status), mark, seen)


def _document(outcome: "Outcome") -> dict[str, object]:
    return {
        "saboteur": outcome.saboteur.entry.label,
        "about": outcome.saboteur.about,
        "expected": [outcome.saboteur.stage, str(outcome.saboteur.status), outcome.saboteur.what],
        "status": str(outcome.status),
        "seen": outcome.seen,
        "as_expected": outcome.as_expected,
        "seconds": round(outcome.seconds, 3),
    }
