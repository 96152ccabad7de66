"""Phased: the study's integrated processor as it should have been, each technique a switch."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from harness.contract import Approach, Choice, Floats, History, IntRange, Processor, Readings, Sensors, Statistics
from implementations.parts import Composed, aggregation, calibration, history, lookup, memory
from implementations.parts.device_cupy import CupyPass
from implementations.parts.fused import FusedPass
from implementations.parts.protocols import Lookup, Memory, Retention

_COMPILED_BLOCK = 8192


class _OnDevice(CupyPass):
    """Phase 3 with a GPU: table, state and history live on the device, and one kernel does the whole job there.

    Parameters
    ----------
    gpu
        The switch that chose it.

    Notes
    -----
    The pass is that of `gpu_cupy`, with its defaults. It leaves nothing to the techniques on the host.
    """

    approach = Approach.INTEGRATED

    def __init__(self, gpu: bool = True) -> None:
        super().__init__()


class Phased(Processor):
    """Five techniques, any of them on or off: all off is `naive`, all on is the end of the study's third phase.

    Time O(1) a reading with the index, O(S) without; memory 16 bytes a retained reading with the ring, about 160
    without.

    Parameters
    ----------
    hash_index
        Phase 1. An index from id to row: a dict, or a hash table in the compiled loops; off, a scan of the sensors.
    ring_buffer
        Phase 1. History in preallocated arrays written round and round; off, a list of objects trimmed from the front.
    pool
        Phase 2. Objects and buffers are given back and used again; off, each is new.
    arena
        Phase 2. Buffers, and what the compiled loops keep, come from one block on huge pages, a window's share freed
        at once; off, they come from the pool or the system's allocator.
    simd
        Phase 3. Compiled loops; with index and ring, which they need, the whole job in one pass on vector registers.
    block_size
        Readings a block of that pass.
    gpu
        Phase 3. The whole job on an NVIDIA GPU instead, where index, ring and pass are the device's own: the other
        parameters say nothing there, and are refused beside it.

    Notes
    -----
    Before: all off. Phase 1: `hash_index`, `ring_buffer`. Phase 2: also `pool`, `arena`. Phase 3: also `simd`. What a
    technique gains depends on its company: a ring saves a scanning processor nothing, and the scan hides it; an arena
    saves object code nothing, because objects are never in it.

    Examples
    --------
    >>> import numpy as np
    >>> sensors = Sensors(np.array([7, 9], "u4"), np.array([2, 1], "f4"), np.array([0, 0.5], "f4"))
    >>> ids, times = np.array([7, 9, 8, 7, 7], "u4"), np.arange(5)
    >>> for phased in (Phased(), Phased(simd=False), Phased(hash_index=False, arena=False)):
    ...     phased.start(sensors, retain=2)
    ...     phased.process(Readings(ids, times, np.array([1, 2, 3, np.nan, 4], "f4")))
    array([2. , 2.5, nan, nan, 8. ], dtype=float32)
    array([2. , 2.5, nan, nan, 8. ], dtype=float32)
    array([2. , 2.5, nan, nan, 8. ], dtype=float32)
    """

    approach = Approach.INTEGRATED
    in_its_place: ClassVar[Mapping[str, type[Processor]]] = {"gpu": _OnDevice}

    def __init__(
        self,
        hash_index: Annotated[bool, Choice(False, True)] = True,
        ring_buffer: Annotated[bool, Choice(False, True)] = True,
        pool: Annotated[bool, Choice(False, True)] = True,
        arena: Annotated[bool, Choice(False, True)] = True,
        simd: Annotated[bool, Choice(False, True)] = True,
        block_size: Annotated[int, IntRange(64, 8192, 16)] = 256,
        gpu: Annotated[bool, Choice(False, True)] = False,
    ) -> None:
        buffers: Memory = memory.Arena() if arena else memory.Pooled() if pool else memory.Fresh()
        self._job: Processor
        if gpu:
            self._job = self.in_its_place["gpu"]()
        elif hash_index and ring_buffer and simd:
            self._job = FusedPass(buffers, block_size, huge_pages=arena)
        else:
            self._job = Composed(
                _lookup(hash_index, simd),
                aggregation.Arrays() if simd else aggregation.Objects(reuse=pool),
                _history(ring_buffer, pool, simd),
                calibration=calibration.Compiled() if simd else calibration.Plain(),
                memory=buffers,
                block_size=_COMPILED_BLOCK if simd else None,
            )

    def start(self, sensors: Sensors, retain: int) -> None:
        """Start what the switches chose."""
        self._job.start(sensors, retain)

    def process(self, readings: Readings) -> Floats:
        """Do the job for a batch; its values are ready at once."""
        return self._job.process(readings)

    def flush(self) -> Floats:
        """Nothing is ever owed."""
        return self._job.flush()

    def close_window(self) -> Statistics:
        """Return the window's statistics and open the next."""
        return self._job.close_window()

    def history(self) -> History:
        """Copy out what is retained."""
        return self._job.history()

    def stop(self) -> None:
        """Release everything."""
        self._job.stop()

    def facts(self) -> Mapping[str, float | int | str]:
        """What the parts have to tell."""
        return self._job.facts()


def _lookup(hash_index: bool, simd: bool) -> Lookup:
    if not hash_index:
        return lookup.Scan()
    return lookup.Hashed() if simd else lookup.Dict()


def _history(ring_buffer: bool, pool: bool, simd: bool) -> Retention:
    if not ring_buffer:
        return history.PooledList() if pool else history.TrimmedList()
    return history.CompiledRing() if simd else history.Ring()
