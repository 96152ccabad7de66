"""Phased on host: `phased` with its GPU switch, the device being the one of `gpu_cupy_on_host`."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from harness.contract import Processor
from implementations.parts.device import Device
from implementations.processors import phased

sys.path.insert(0, str(Path(__file__).parent))

from gpu_cupy_on_host import LIBRARY, LazyDevice, OnHost


class _OnHost(OnHost, phased._OnDevice):
    """The same pass but for the device, in small pieces."""

    def __init__(self, gpu: bool = True) -> None:
        super().__init__(gpu)
        self._most = 300

    def _open(self) -> Device:
        return LazyDevice(Path(os.environ[LIBRARY]), self._most)


class PhasedOnHost(phased.Phased):
    """The same processor but for what its switch puts in its place."""

    in_its_place: ClassVar[Mapping[str, type[Processor]]] = {"gpu": _OnHost}
