"""The file that tuning leaves behind, and what it takes for ``run --tuned`` to use it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from harness.contract.parameters import Value
from harness.discovery import Entry
from harness.errors import InputError, StoreError, UnlikeError
from harness.machine import Fingerprint, alike, fingerprint
from harness.results import Interval, from_builtins, to_builtins
from harness.run.inputs import Inputs
from harness.store import read_json, write_json

SCHEMA = 1
BETTER = "better"
_SAID = {
    "same": "the same as the start, within 1%: {}",
    "inconclusive": "not surely better than the start: {}",
}
_WORSE = {"throughput": "slower", "p99": "of longer latency", "memory": "of more memory"}


@dataclass(frozen=True, slots=True)
class Tuned:
    """What tuning found for one implementation, on one workload at one size, on one machine.

    Parameters
    ----------
    parameters : mapping
        What to use: `candidate` where it was confirmed to be better than `start` or that is not allowed, else `start`.
    start, candidate : mapping
        The parameters tuning began with; the best it came upon.
    goal : str
    offered_per_s : float or None
        The load of the goal "p99".
    verdict : "better", "worse", "same" or "inconclusive"
    ratio : Interval or None
        Cost of `start` over cost of `candidate`, from pairs; None where `start` has none.
    start_refused : str or None
        Why the constraints do not allow `start`.
    """

    implementation: str
    parameters: Mapping[str, Value]
    start: Mapping[str, Value]
    candidate: Mapping[str, Value]
    goal: str
    offered_per_s: float | None
    constraints: Mapping[str, float]
    verdict: str
    ratio: Interval | None
    pairs: int
    trials: int
    workload: str
    size: str
    workload_digest: str
    environment: Mapping[str, Any] = field(default_factory=dict)
    start_refused: str | None = None
    schema: int = SCHEMA

    @property
    def confirmed(self) -> str:
        """What the pairs said of the candidate beside the start, in words."""
        if self.ratio is None:
            how_often = "at all" if self.verdict == BETTER else f"in some of {self.pairs} pairs"
            return f"{self.verdict}: the start does not keep up {how_often}, this does in all"
        by = (
            f"{self.ratio.median:.3f} times as good ({self.ratio.low:.3f} to {self.ratio.high:.3f}, {self.pairs} pairs)"
        )
        return _SAID.get(self.verdict, f"{self.verdict} than the start: {{}}").format(by)

    @property
    def despite(self) -> str | None:
        """Why the candidate is used although the pairs did not find it better, in words; None where it need not be."""
        if self.start_refused is None or self.verdict == BETTER:
            return None
        how = f"that is {_WORSE.get(self.goal, 'worse')}" if self.verdict == "worse" else "that is not surely better"
        return f"a setting {how} is used, because what it began from breaks the limit: {self.start_refused}"

    def save(self, path: Path) -> None:
        """Write it to `path`, whole or not at all."""
        write_json(path, to_builtins(self))


def load_tuned(path: Path) -> Tuned:
    """The tuned parameters in `path`.

    Raises
    ------
    InputError
        If it is missing or no file of 'sensorbench tune'.
    """
    try:
        values = read_json(path)
        if not isinstance(values, Mapping) or values.get("schema") != SCHEMA:
            raise InputError(
                f"{path}: not a file of tuned parameters; expected one that 'sensorbench tune' has written"
            )
        return from_builtins(values, Tuned)
    except (StoreError, msgspec.ValidationError) as error:
        raise InputError(f"{path}: cannot be used as tuned parameters ({error}); tune again") from error


def apply_tuned(
    entries: Sequence[Entry],
    tuned: Tuned,
    workloads: Sequence[str],
    size: str | None,
    *,
    sensors_path: str | None = None,
    allow_unlike: bool = False,
    here: Fingerprint | None = None,
) -> list[Entry]:
    """`entries` with the tuned parameters given to the implementation they are for.

    An entry that names parameters of its own keeps them.

    Raises
    ------
    UnlikeError
        If machine, workload or size is another than the one it was tuned for and that was not allowed.
    InputError
        If none of `entries` is the implementation.
    """
    if not any(entry.name == tuned.implementation and not entry.parameters for entry in entries):
        raise InputError(f"the tuned parameters are for {tuned.implementation}; add -p {tuned.implementation}")
    unlike = [f"machine: {text}" for text in alike(tuned.environment, here or fingerprint())]
    unlike += _other_inputs(tuned, workloads, size, sensors_path)
    if unlike and not allow_unlike:
        raise UnlikeError(
            f"tuned for {tuned.workload} at {tuned.size} on one machine, but asked for otherwise "
            f"({'; '.join(unlike)}); tune again here, or use it all the same with --allow-unlike"
        )
    return [
        replace(entry, parameters=dict(tuned.parameters))
        if entry.name == tuned.implementation and not entry.parameters
        else entry
        for entry in entries
    ]


def _other_inputs(tuned: Tuned, workloads: Sequence[str], size: str | None, sensors_path: str | None) -> list[str]:
    """What of the input differs, down to its bytes."""
    found = []
    with Inputs(sensors_path) as inputs:
        for text in workloads:
            label = inputs.workload(text)[0]
            chosen = inputs.size(text, size)
            if (label, chosen.name) != (tuned.workload, tuned.size):
                found.append(f"workload: {label} at {chosen.name}")
            elif inputs.stream(text, chosen).digest != tuned.workload_digest:
                found.append(f"workload: {label} at {chosen.name} has other readings by now")
    return found
