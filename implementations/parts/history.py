"""History: the newest accepted readings. Each way of keeping them has a file of its own."""

from implementations.parts.lists import Deque, PooledList, TrimmedList
from implementations.parts.mapped import Mapped
from implementations.parts.packed import Packed
from implementations.parts.ring import CompiledRing, Ring

__all__ = ["CompiledRing", "Deque", "Mapped", "Packed", "PooledList", "Ring", "TrimmedList"]
