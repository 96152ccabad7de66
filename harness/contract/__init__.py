"""The contract: the data that passes between the layers and the classes that others implement.

Everything a variant needs is imported from here; this package imports nothing but :mod:`harness.errors`.
"""

from harness.contract.accelerated import Accelerated
from harness.contract.channel import Channel, Overflow
from harness.contract.data import (
    MAX_CALIBRATION,
    MAX_VALUE,
    RECORD_DTYPE,
    Floats,
    History,
    Readings,
    Sensors,
    Statistics,
)
from harness.contract.parameters import Choice, IntRange, LogRange, Parameter, parameters_of
from harness.contract.processor import Approach, Processor, allowed_threads
from harness.contract.workload import STANDARD_SIZES, Size, Workload

__all__ = [
    "MAX_CALIBRATION",
    "MAX_VALUE",
    "RECORD_DTYPE",
    "STANDARD_SIZES",
    "Accelerated",
    "Approach",
    "Channel",
    "Choice",
    "Floats",
    "History",
    "IntRange",
    "LogRange",
    "Overflow",
    "Parameter",
    "Processor",
    "Readings",
    "Sensors",
    "Size",
    "Statistics",
    "Workload",
    "allowed_threads",
    "parameters_of",
]
