"""Keeps children that hold memory: of their own, or shared with it."""

import mmap
import subprocess
import sys
from typing import Annotated

import numpy as np

from harness.contract import Choice, Sensors
from harness.control import Control

_OWN = """
import sys
hoard = bytearray(b"x") * int(sys.argv[1])
print(flush=True)
sys.stdin.read()
"""
_SHARED = """
import mmap, sys
shared = mmap.mmap(int(sys.argv[2]), int(sys.argv[1]))
seen = sum(shared[place] for place in range(0, len(shared), 4096))
print(flush=True)
sys.stdin.read()
"""


class HasChildren(Control):
    """Two of them, each with so many MiB; what is shared, it holds itself as well."""

    def __init__(self, memory: Annotated[str, Choice("own", "shared")] = "own", mebibytes: int = 50) -> None:
        self.memory, self.size_bytes = memory, mebibytes << 20
        self.children: list[subprocess.Popen[bytes]] = []

    def start(self, sensors: Sensors, retain: int) -> None:
        super().start(sensors, retain)
        if len(sensors) <= 100:
            return
        arguments, descriptors = [str(self.size_bytes)], []
        if self.memory == "shared":
            import os

            descriptor = os.memfd_create("shared")
            os.truncate(descriptor, self.size_bytes)
            self.mapping = mmap.mmap(descriptor, self.size_bytes)
            np.frombuffer(self.mapping, np.uint8)[:] = 1
            arguments.append(str(descriptor))
            descriptors.append(descriptor)
        script = _SHARED if self.memory == "shared" else _OWN
        for _ in range(2):
            child = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", script, *arguments],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=descriptors,
            )  # fmt: skip
            assert child.stdout is not None
            child.stdout.readline()
            self.children.append(child)

    def stop(self) -> None:
        for child in self.children:
            child.kill()
            child.wait()
        self.children.clear()
