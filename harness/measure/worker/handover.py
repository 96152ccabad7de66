"""Inside the worker: copies of what an implementation hands back, taken at once, and what is wrong with its form.

Nothing lazy is trusted: an object that is not exactly the type the contract names is never asked for its content.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contract import History, Statistics

VALUES, STATISTICS, HISTORY = "values", "statistics", "history"
_FORMS: Mapping[str, Mapping[str, str]] = {
    VALUES: {"values": "float32"},
    STATISTICS: {"count": "int64", "sum": "float64", "minimum": "float32", "maximum": "float32", "last": "float32"},
    HISTORY: {"sensor_id": "uint32", "time": "int64", "calibrated": "float32"},
}
_TYPES = {STATISTICS: Statistics, HISTORY: History}


@dataclass(frozen=True, slots=True)
class Breach:
    """What is wrong with the form of something handed back: which rule, what was expected, what came."""

    rule: str
    expected: str
    got: str


@dataclass(slots=True, eq=False)
class Handed:
    """One thing handed back: copies of its arrays, the arrays themselves, and breaches of form.

    `counts` are the two rejection counts of Statistics.
    """

    kind: str
    copies: dict[str, NDArray[Any]]
    originals: dict[str, NDArray[Any]]
    breaches: list[Breach] = field(default_factory=list)
    counts: tuple[int, int] = (0, 0)

    def changed(self) -> Breach | None:
        """A breach, if what was handed back is no longer what it was when it was copied."""
        for name, original in self.originals.items():
            copy = self.copies[name]
            if original.shape != copy.shape or original.dtype != copy.dtype:
                return Breach("outputs_whole", f"{name} as handed back", "another shape before the next call")
            bits = f"u{copy.itemsize}"
            places = np.flatnonzero(original.view(bits) != copy.view(bits))
            if len(places):
                first = places[0]
                return Breach(
                    "outputs_whole",
                    f"{name}[{first}] = {copy[first]!s} to stay until the next call",
                    f"{original[first]!s} ({len(places)} of {len(copy)} changed after the return)",
                )
        return None


def take(kind: str, returned: object) -> Handed:
    """Copy what a method has returned."""
    if kind == VALUES:
        arrays: dict[str, object] = {"values": returned}
    elif type(returned) is _TYPES[kind]:
        arrays = {name: getattr(returned, name, None) for name in _FORMS[kind]}
    else:
        breach = Breach("types_plain", _TYPES[kind].__name__, _type_of(returned))
        return Handed(kind, _empty(kind), {}, [breach])
    handed = Handed(kind, {}, {})
    for name, dtype in _FORMS[kind].items():
        handed.copies[name] = _copy(handed, name, arrays.get(name), np.dtype(dtype))
    lengths = {name: len(copy) for name, copy in handed.copies.items()}
    if len(set(lengths.values())) > 1:
        handed.breaches.append(Breach("forms_exact", "arrays of one length", f"lengths {lengths}"))
        handed.copies = _empty(kind)
        handed.originals = {}
    if isinstance(returned, Statistics):
        handed.counts = (_count(handed, returned, "unmatched"), _count(handed, returned, "invalid"))
    return handed


def _empty(kind: str) -> dict[str, NDArray[Any]]:
    return {name: np.empty(0, dtype) for name, dtype in _FORMS[kind].items()}


def _type_of(thing: object) -> str:
    return f"{type(thing).__module__}.{type(thing).__qualname__}"


def _copy(handed: Handed, name: str, array: object, dtype: "np.dtype[Any]") -> NDArray[Any]:
    if type(array) is not np.ndarray:
        handed.breaches.append(Breach("types_plain", f"{name} as exactly numpy.ndarray", _type_of(array)))
        return np.empty(0, dtype)
    if array.dtype != dtype or array.ndim != 1:
        got = f"{array.dtype} of shape {array.shape}"
        handed.breaches.append(Breach("forms_exact", f"{name} as one-dimensional {dtype}", got))
        if array.dtype.kind not in "fiu" or array.ndim != 1:
            return np.empty(0, dtype)
        with np.errstate(all="ignore"):
            return array.astype(dtype)
    copy = array.copy()
    handed.originals[name] = array
    return copy


def _count(handed: Handed, statistics: Statistics, name: str) -> int:
    count = getattr(statistics, name)
    if type(count) is bool or not isinstance(count, int | np.integer) or not -(2**63) <= int(count) < 2**63:
        handed.breaches.append(Breach("forms_exact", f"{name} as a whole number", _type_of(count)))
        return -1
    return int(count)
