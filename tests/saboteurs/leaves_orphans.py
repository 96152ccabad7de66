"""Leaves a grandchild behind, in a session of its own, holding standard output."""

import subprocess
import sys

from harness.contract import Sensors
from harness.control import Control

EXPECTED = ("verify", "failed", "left processes behind")
_SLEEP = "import time; time.sleep(600)"
_LAUNCH = f"import subprocess, sys;subprocess.Popen([sys.executable, '-c', {_SLEEP!r}], start_new_session=True)"


class LeavesOrphans(Control):
    """Forks twice, so that nobody is its parent."""

    launched = False

    def start(self, sensors: Sensors, retain: int) -> None:
        if not self.launched:
            self.launched = True
            subprocess.run([sys.executable, "-c", _LAUNCH], start_new_session=True, check=True)
        super().start(sensors, retain)
