"""Interchangeable pieces of the job; a processor is a composition of them.

============  =========================================================================================
lookup        which row of the sensor table a reading belongs to: Scan, Dict, Cached, Sorted, Hashed
calibration   value * gain + offset, and what is rejected: Plain, Vectorized, Compiled
aggregation   the open window's statistics: Objects, Bincount, Arrays
history       the retained readings: TrimmedList, Deque, PooledList, Ring, CompiledRing, Packed, Mapped
memory        where buffers come from: Fresh, Reused, Pooled, Arena
============  =========================================================================================

Each column stands behind one small protocol (:mod:`implementations.parts.protocols`), and every combination
is valid and gives the same answers. Importing this package imports NumPy alone: compiled parts load their
kernels when they are started.
"""

from implementations.parts import aggregation, calibration, history, lookup, memory
from implementations.parts.composed import Composed

__all__ = ["Composed", "aggregation", "calibration", "history", "lookup", "memory"]
