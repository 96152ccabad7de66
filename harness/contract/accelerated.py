"""What a processor on a device with memory of its own can do besides, so that transfers are told from work."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from harness.contract.data import Floats, Readings
from harness.contract.processor import Processor


class Accelerated(Processor):
    """A processor whose readings pass over a link; everything here is asked of a started one."""

    @abstractmethod
    def register(self, array: NDArray[Any]) -> None:
        """Page-lock the memory of `array` until `stop`, so that batches in it are read without a copy on the host."""

    @abstractmethod
    def place(self, readings: Readings) -> Any:
        """Put readings on the device, with room for their calibrated values, and return a handle."""

    @abstractmethod
    def pass_over(self, placed: Any) -> None:
        """Process placed readings as the next batch; their values stay on the device. May return before it is done."""

    @abstractmethod
    def values_of(self, placed: Any) -> Floats:
        """The calibrated values of readings that were passed over."""

    @abstractmethod
    def synchronize(self) -> None:
        """Wait until the whole device is idle."""

    @abstractmethod
    def trace(self, *, on: bool) -> Mapping[str, float]:
        """Begin or end to time every piece by the device's events; seconds since it began, by what took them.

        ``copy_in_s``, ``wait_s`` (for the kernels of the piece before), ``kernel_s``, ``copy_out_s``; sums over all
        pieces, which overlap: together they may exceed the time that passed.
        """

    @abstractmethod
    def bandwidths(self) -> Mapping[str, float]:
        """Bytes a second, measured now: ``to_device``, ``to_host``, ``both_ways``, ``device_copy``.

        ``both_ways`` is the sum of both directions at once, ``device_copy`` of what is read and written.
        """
