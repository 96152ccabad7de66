"""Never answers: quietly, or printing all the time; deaf to SIGTERM either way."""

import signal
import time
from typing import Annotated

from harness.contract import Choice, Floats, Readings
from harness.control import Control

EXPECTED = ("verify", "timed_out", "no answer")
VARIANTS = ("", "[talks=true]")


class Hangs(Control):
    """Sleeps for ever in the first call."""

    def __init__(self, talks: Annotated[bool, Choice(False, True)] = False) -> None:
        self.talks = talks

    def process(self, readings: Readings) -> Floats:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            if self.talks:
                print("still working", flush=True)
            time.sleep(0.01)
