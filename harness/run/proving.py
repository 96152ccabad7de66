"""How far an implementation can be trusted before it is timed: described, tasted, proved, once for each input."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.discovery import Entry
from harness.errors import InputError, MeasurementError
from harness.measure.processes.handle import Limits, Worker
from harness.measure.processes.status import WorkerFailure
from harness.measure.speed.effort import Effort
from harness.results import Proof, Status
from harness.run.inputs import Inputs
from harness.run.probe import predicted_s
from harness.stream import Stream
from harness.units import format_seconds
from harness.verify import verify

_PROBED_FROM_READINGS = 1_000_000
"""Streams below this are not probed: every implementation is meant to do them."""

Phase = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Proved:
    """How proving ended: a proof, or a status and reason without one; and what the worker said of itself."""

    stream: Stream | None
    status: Status
    reason: str | None
    proof: Proof | None
    described: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether it may be timed."""
        return self.status is Status.OK and self.stream is not None


class Prover:
    """Proves implementations on inputs and remembers how it ended.

    Parameters
    ----------
    inputs : Inputs
    effort : Effort
    limits : Limits
        Threads and memory of a worker.
    """

    def __init__(self, inputs: Inputs, effort: Effort, limits: Limits) -> None:
        self._inputs = inputs
        self._effort = effort
        self._limits = limits
        self._ended: dict[tuple[str, str, str], Proved] = {}
        self._descriptions: dict[str, Mapping[str, Any]] = {}

    def at_most(self, requested: str, entry: Entry, workload: str, phase: Phase) -> Proved:
        """Prove `entry` at the `requested` size of `workload`, or at the largest below it that fits the budget."""
        name: str | None = requested
        reasons: list[str] = []
        proved: Proved | None = None
        while name is not None:
            proved = self.at(name, entry, workload, phase)
            if proved.status is not Status.TIMED_OUT:
                break
            reasons.append(f"{name}: {proved.reason}")
            name = self._inputs.smaller(workload, name)
        assert proved is not None
        if reasons and proved.status is not Status.TIMED_OUT:
            measured = proved.stream.size.name if proved.stream else name
            why = f"measured at {measured}, not extrapolated ({'; '.join(reasons)})"
            proved = replace(proved, notes=(why,))
        return proved

    def at(self, size_name: str, entry: Entry, workload: str, phase: Phase) -> Proved:
        """How proving `entry` at exactly that size ends or ended; again where the input has been damaged since."""
        key = (entry.label, workload, size_name)
        known = self._ended.get(key)
        if known is None or (known.stream is not None and not self._inputs.is_intact(known.stream)):
            known = self._ended[key] = self._prove(entry, workload, size_name, phase)
        return known

    def _prove(self, entry: Entry, workload: str, size_name: str, phase: Phase) -> Proved:
        described: Mapping[str, Any] = {}
        stream: Stream | None = None

        def ended(status: Status, reason: str | None, proof: Proof | None = None) -> Proved:
            return Proved(stream, status, reason, proof, described)

        try:
            described = self._described(entry)
            if described["unavailable"]:
                return ended(Status.UNAVAILABLE, described["unavailable"])
            phase("writing the input")
            stream = self._inputs.stream(workload, self._inputs.size(workload, size_name))
            phase(f"proving {entry.label}")
            budget_s = self._effort.cell_budget_s
            if len(stream) >= _PROBED_FROM_READINGS:
                expected_s = predicted_s(entry, stream, self._limits, self._effort, self._inputs.fill_readings(stream))
                if expected_s > budget_s:
                    return ended(
                        Status.TIMED_OUT,
                        f"would take about {format_seconds(expected_s)}; {format_seconds(budget_s)} are allowed a cell",
                    )
            proof = verify(entry, stream, self._limits, budget_s=2 * budget_s)
        except WorkerFailure as failure:
            return ended(failure.status, failure.reason)
        except (InputError, MeasurementError) as error:
            return ended(Status.FAILED, str(error))
        if not proof.verified:
            return ended(Status.WRONG, str(proof.failures[0]), proof)
        return ended(Status.OK, None, proof)

    def _described(self, entry: Entry) -> Mapping[str, Any]:
        """What a worker says of `entry`, asked once a run."""
        if entry.label not in self._descriptions:
            with Worker(entry, self._limits) as worker:
                self._descriptions[entry.label] = worker.described
        return self._descriptions[entry.label]
