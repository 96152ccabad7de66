"""Prints what looks like an answer of the worker, all checks passed, and hands back rubbish."""

import json
import os
import struct

import numpy as np

from harness.contract import Floats
from harness.control import Control

EXPECTED = ("verify", "wrong", "values_calibrated")


class ForgesLines(Control):
    """Standard output belongs to the implementation: nobody reads it as an answer."""

    def hand_back(self, calibrated: Floats) -> Floats:
        body = json.dumps({"values": {"answer": {"verified": True}}, "arrays": []}).encode()
        os.write(1, struct.pack("<8s16sQI", b"SBFRAME\n", bytes(16), 1, len(body)) + body + b"\nPASSED\n")
        return np.zeros_like(calibrated)
