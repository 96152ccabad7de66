"""Counters where there is no ``/proc``: what psutil knows, one source a kind."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from workloads.counters.source import Counter, Source


class PsutilSource(Source):
    """The numbers that one function of psutil gives, by name.

    Raises
    ------
    OSError
        If this system has no such numbers.
    """

    def __init__(self, name: str, read: Callable[[], Any], grows: bool) -> None:
        self.name = name
        self._read = read
        self._names = list(self._numbers())
        if not self._names:
            raise OSError(f"psutil knows no {name} here")
        self.counters: Sequence[Counter] = [Counter(f"{name}/{called}", grows) for called in self._names]

    def select(self, chosen: Sequence[int]) -> None:
        """Give only the counters at these indexes from now on."""
        self.counters = [self.counters[index] for index in chosen]
        self._names = [self._names[index] for index in chosen]

    def sample(self) -> list[float]:
        """The values now; NaN for one that has gone."""
        numbers = self._numbers()
        return [numbers.get(name, float("nan")) for name in self._names]

    def _numbers(self) -> dict[str, float]:
        try:
            return dict(_flat("", self._read()))
        except (NotImplementedError, RuntimeError) as error:
            raise OSError(str(error)) from error


def _flat(prefix: str, given: Any) -> Iterator[tuple[str, float]]:
    """Every number inside named tuples, mappings and lists, named by the way to it."""
    if isinstance(given, bool) or given is None or isinstance(given, str):
        return
    if isinstance(given, int | float):
        yield prefix or "value", float(given)
        return
    if hasattr(given, "_asdict"):
        parts: Mapping[str, Any] = given._asdict()
    elif isinstance(given, Mapping):
        parts = given
    else:
        parts = {str(number): part for number, part in enumerate(given)}
    for name, part in parts.items():
        yield from _flat(f"{prefix}/{name}" if prefix else str(name), part)


def psutil_sources() -> Iterator[Callable[[], Source]]:
    """What makes each source that psutil may have."""
    import psutil

    for name, function, grows, keywords in (
        ("cpu_times", "cpu_times", True, {"percpu": True}),
        ("cpu_stats", "cpu_stats", True, {}),
        ("virtual_memory", "virtual_memory", False, {}),
        ("swap_memory", "swap_memory", False, {}),
        ("disk_io", "disk_io_counters", True, {"perdisk": True}),
        ("net_io", "net_io_counters", True, {"pernic": True}),
        ("load", "getloadavg", False, {}),
        ("cpu_freq", "cpu_freq", False, {"percpu": True}),
        ("temperatures", "sensors_temperatures", False, {}),
        ("fans", "sensors_fans", False, {}),
    ):
        read = getattr(psutil, function, None)
        if read is not None:
            yield _maker(name, read, grows, keywords)


def _maker(name: str, read: Callable[..., Any], grows: bool, keywords: dict[str, bool]) -> Callable[[], Source]:
    return lambda: PsutilSource(name, lambda: read(**keywords), grows)
