"""Results as JSON text and back: floats bit for bit, NumPy by an explicit rule, nothing that JSON lacks."""

import dataclasses
import json
import math
from collections.abc import Mapping
from enum import Enum
from pathlib import PurePath
from typing import Any

import numpy as np

from harness.errors import StoreError


def plain(value: object, where: str = "value") -> Any:
    """`value` as JSON's own types: None, bool, int, float, str, list and dict.

    NumPy scalars and arrays, tuples, dataclasses, enumerations and paths are converted. NaN and the infinities
    become None, because JSON has none and a result that is not a number was not measured.

    Raises
    ------
    StoreError
        On any other type and on keys that are not texts, naming the place.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return plain(value.value, where)
    if isinstance(value, str | PurePath):
        return str(value)
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        number = float(value)
        return number if math.isfinite(number) else None
    return _plain_container(value, where)


def _plain_container(value: object, where: str) -> Any:
    if isinstance(value, np.ndarray):
        return plain(value.tolist(), where)
    if isinstance(value, list | tuple):
        return [plain(item, f"{where}[{position}]") for position, item in enumerate(value)]
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise StoreError(f"{where} has the key {key!r}; expected texts as keys: JSON has no others")
        return {str.__str__(key): plain(item, f"{where}.{key}") for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: plain(getattr(value, field.name), f"{where}.{field.name}")
            for field in dataclasses.fields(value)
        }
    raise StoreError(f"{where} is of type {type(value).__name__}; expected numbers, texts, lists, mappings or arrays")


def encode(value: object, *, indent: int | None = None) -> str:
    """`value` as JSON in ASCII, on one line unless indented; raises StoreError where `plain` does.

    >>> encode({"kind": "cell", "per_s": np.float32(0.5), "shape": (1, 2), "missing": float("nan")})
    '{"kind":"cell","per_s":0.5,"shape":[1,2],"missing":null}'
    """
    separators = (",", ":") if indent is None else None
    try:
        return json.dumps(plain(value), allow_nan=False, indent=indent, separators=separators)
    except (ValueError, RecursionError) as error:
        raise StoreError(f"a result cannot be written as JSON ({error}); expected finite, plain, flat data") from error


def decode(text: str | bytes) -> Any:
    """The value that `text` holds.

    Raises
    ------
    StoreError
        If it is not JSON; NaN and the infinities are not.
    """
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise StoreError(f"not JSON ({error}); the file is damaged or was written by something else") from error


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")
