"""Writes into the worker's own socket: noise, or a frame with the token found in its arguments."""

import json
import os
import socket
import stat
import struct
from pathlib import Path
from typing import Annotated

from harness.contract import Choice, Floats
from harness.control import Control

EXPECTED = ("verify", "failed", "forged or damaged")
VARIANTS = ("[how=noise]", "[how=frame]")


class ForgesFrames(Control):
    """Finds the socket among its descriptors and answers in the worker's place."""

    def __init__(self, how: Annotated[str, Choice("noise", "frame")] = "noise") -> None:
        self.how = how

    def hand_back(self, calibrated: Floats) -> Floats:
        for path in Path("/proc/self/fd").iterdir():
            if _is_socket(int(path.name)):
                self._write(int(path.name))
        return calibrated

    def _write(self, descriptor: int) -> None:
        if self.how == "noise":
            os.write(descriptor, b"PASSED\n" * 100)
            return
        arguments = Path("/proc/self/cmdline").read_bytes().split(b"\0")
        token = next((bytes.fromhex(text.decode()) for text in arguments if len(text) == 32), bytes(16))
        answer = {"answer": {"statistics": 0, "histories": 0, "counts": [], "breaches": [], "called_ns": 1}}
        body = json.dumps({"values": {**answer, "elapsed_ns": 1, "cpu_ns": 1}, "arrays": []}).encode()
        for number in range(2, 6):
            os.write(descriptor, struct.pack("<8s16sQI", b"SBFRAME\n", token, number, len(body)) + body)


def _is_socket(descriptor: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(descriptor).st_mode) and _is_stream(descriptor)
    except OSError:
        return False


def _is_stream(descriptor: int) -> bool:
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        return copy.type == socket.SOCK_STREAM
