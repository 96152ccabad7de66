"""Before start and after stop, every implementation refuses in one way what it cannot do."""

from collections.abc import Callable

import numpy as np
import pytest

from harness.contract import Processor, Readings, Sensors
from harness.discovery import Entry, entries, load
from harness.errors import ContractError

READINGS = Readings(np.array([7, 8], np.uint32), np.array([1, 2]), np.array([1, 2], np.float32))
ASKED: dict[str, Callable[[Processor], object]] = {
    "process": lambda processor: processor.process(READINGS),
    "poll": lambda processor: processor.process(Readings.empty()),
    "flush": lambda processor: processor.flush(),
    "close_window": lambda processor: processor.close_window(),
    "history": lambda processor: processor.history(),
}


SENSORS = Sensors(np.array([7], np.uint32), np.array([2], np.float32), np.array([1], np.float32))


@pytest.mark.parametrize("entry", entries("processors").values(), ids=lambda entry: entry.name)
def test_it_is_refused(entry: Entry) -> None:
    made_by: type[Processor] = load(entry)
    if reason := made_by.unavailable():
        pytest.skip(reason)
    processor = made_by()
    _check_refused(processor)
    processor.start(SENSORS, retain=3)
    for ask in ASKED.values():
        ask(processor)
    processor.stop()
    _check_refused(processor)
    processor.stop()


def _check_refused(processor: Processor) -> None:
    for ask in ASKED.values():
        with pytest.raises(ContractError, match=r"\.\w+ was called before start; call start\(sensors, retain\)"):
            ask(processor)
