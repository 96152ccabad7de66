"""Inside the worker: the implementation under test and the stream it is fed from."""

import inspect
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from harness.contract import Accelerated, Processor, Sensors, parameters_of
from harness.contract.parameters import Value
from harness.discovery import Entry, load
from harness.errors import ContractError
from harness.measure.worker.guard import GlobalState
from harness.stream import Stream


@dataclass(slots=True)
class Host:
    """What an operation works on.

    Parameters
    ----------
    made_by : type
        The class under test: what the parameters put in the place of the one that was named, if any.
    parameters : dict
        Constructor arguments that differ from the defaults.
    processor : Processor or None
        The started instance, kept between operations; `make` replaces it.
    stream : Stream or None
        The mapped input.
    kept : dict
        Room for operations to keep state between calls, by their own name.
    state : GlobalState or None
        What operations must leave as it is: as of the beginning of the operation, or the last start in it.
    """

    made_by: type[Processor]
    parameters: dict[str, Value]
    processor: Processor | None = None
    stream: Stream | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    state: GlobalState | None = None

    @classmethod
    def load(cls, reference: str, name: str, parameters: dict[str, Value]) -> "Host":
        """Import the class that `reference` names."""
        return cls(load(Entry("processors", name, reference, parameters)), parameters)

    def make(self) -> Processor:
        """A new, not yet started instance, in the place of any other, which is stopped first."""
        self.stop()
        self.processor = self.made_by(**self.parameters)
        return self.processor

    def start(self, processor: Processor, sensors: Sensors, retain: int) -> None:
        """Start `processor`, which may load libraries that set environment variables, and change nothing else.

        Raises
        ------
        ContractError
            If other state of the process, such as NumPy's error state, came out changed.
        """
        before = GlobalState.now()
        processor.start(sensors, retain)
        self.state = GlobalState.now()
        changed = [what for what in before.changes(self.state) if what != "environment"]
        if changed:
            raise ContractError(f"changed the {', '.join(changed)} of the process in start")

    def running(self) -> Processor:
        """The started instance."""
        if self.processor is None:
            raise ContractError("no processor is started in this worker; ask for 'start' first")
        return self.processor

    def mapped(self) -> Stream:
        """The input stream."""
        if self.stream is None:
            raise ContractError("no stream is mapped in this worker; ask for 'map_stream' first")
        return self.stream

    def map_stream(self, folder: str) -> Stream:
        """Map the stream in `folder`, unless it is mapped already."""
        if self.stream is None or self.stream.folder != Path(folder):
            self.stream = Stream.open(Path(folder))
        return self.stream

    def stop(self) -> None:
        """Stop the instance, if any."""
        processor, self.processor = self.processor, None
        if processor is not None:
            processor.stop()

    def describe(self) -> dict[str, Any]:
        """What the parent needs of the class, as JSON values; ranges are those that may be tuned over."""
        made_by = self.made_by
        defaults = {name: parameter.default for name, parameter in parameters_of(made_by).items()}
        ranges = {
            name: {"kind": type(parameter.range).__name__, **asdict(parameter.range)}
            for name, parameter in parameters_of(made_by).items()
            if parameter.range is not None and name not in made_by.in_its_place
        }
        return {
            "approach": str(made_by.approach),
            "threads": made_by.threads,
            "sum_depends_on_scheduling": made_by.sum_depends_on_scheduling,
            "input_layout": made_by.input_layout,
            "accelerated": issubclass(made_by, Accelerated),
            "unavailable": made_by.unavailable(),
            "idea": inspect.getdoc(made_by) or "",
            "parameters": {**defaults, **self.parameters},
            "ranges": ranges,
        }
