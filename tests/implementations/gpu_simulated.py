"""Run in a process of its own under NUMBA_ENABLE_CUDASIM=1: scenarios of the verifier, on the simulated device."""

import sys

import numpy as np
from plain_reference import PlainReference

from harness.contract import Readings
from harness.verify.scenarios import SCRIPTS, Part, readings, table
from implementations.processors.gpu_numba import GpuNumba

SLOW = {"overwritten_outputs", "growing_batches", "exact_calibration"}  # these show nothing new once cut short
PIECE_READINGS = 16


def play(processor: GpuNumba, part: Part, most_readings: int) -> None:
    """Follow the steps of one part, cut short, and check every answer."""
    records = part.records[:most_readings]
    cuts = np.minimum(part.cuts, len(records))
    reference = PlainReference(part.sensors, part.retain)
    given: list[np.ndarray] = []
    owed: list[float] = []

    def take(values: np.ndarray) -> None:
        owed.extend(values.tolist())

    def settle() -> None:
        take(processor.flush())
        batch = Readings.of_records(np.concatenate([records[:0], *given]))
        reference.follow(batch, np.array(owed, np.float32))
        given.clear()
        owed.clear()

    for verb, *rest in part.steps:
        numbers = [int(number) for number in rest]
        if verb in ("start", "restart"):
            processor.start(part.sensors, part.retain)
        elif verb == "feed":
            for first, end in zip(cuts[numbers[0] : numbers[1]], cuts[numbers[0] + 1 : numbers[1] + 1], strict=True):
                given.append(records[first:end].copy())
                take(processor.process(Readings.of_records(given[-1])).copy())
        elif verb == "poll":
            take(processor.process(Readings.empty()))
        elif verb == "flush":
            settle()
        elif verb == "close":
            statistics = processor.close_window()
            settle()
            reference.check_window(statistics)
        elif verb == "history":
            history = processor.history()
            settle()
            reference.check_history(history)
        elif verb == "stop":
            processor.stop()
        else:
            raise AssertionError(f"unknown step {verb}")


def stay_on_the_device() -> None:
    """Placed readings, a trace, registered memory."""
    processor, reference = GpuNumba(PIECE_READINGS), PlainReference(table(), 10)
    processor.start(table(), 10)
    batch = Readings.of_records(readings(24, 1))
    processor.register(np.zeros(4, np.float32))
    processor.trace(on=True)
    placed = processor.place(batch)
    processor.pass_over(placed)
    reference.follow(batch, processor.values_of(placed))
    reference.check_window(processor.close_window())
    reference.check_history(processor.history())
    assert set(processor.trace(on=False)) == {"copy_in_s", "wait_s", "kernel_s", "copy_out_s"}
    processor.stop()


if __name__ == "__main__":
    most, *names = sys.argv[1:]
    stay_on_the_device()
    for script in SCRIPTS:
        if script.name in names or (not names and script.name not in SLOW):
            one = GpuNumba(PIECE_READINGS)
            for each in script.parts:
                play(one, each, int(most))
            one.stop()
            print(script.name, flush=True)
