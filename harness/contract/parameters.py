"""Tunable parameters: the ranges that a constructor declares by annotation.

    def __init__(self, batch_size: Annotated[int, LogRange(64, 1_000_000)] = 8192) -> None

is all that ``tune`` and ``ablate`` need.
"""

import inspect
from dataclasses import dataclass
from typing import Annotated, get_args, get_origin, get_type_hints

from harness.errors import ContractError

Value = int | float | str | bool


@dataclass(frozen=True, slots=True)
class IntRange:
    """Whole numbers from `low` to `high`, both included, `step` apart."""

    low: int
    high: int
    step: int = 1

    def contains(self, value: Value) -> bool:
        """Whether `value` lies in the range."""
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and self.low <= value <= self.high and (value - self.low) % self.step == 0  # type: ignore[operator]

    def __str__(self) -> str:
        steps = f" in steps of {self.step}" if self.step != 1 else ""
        return f"a whole number from {self.low} to {self.high}{steps}"


@dataclass(frozen=True, slots=True)
class LogRange:
    """Numbers from `low` to `high`, both included, explored by ratio; both above zero."""

    low: float
    high: float

    def contains(self, value: Value) -> bool:
        """Whether `value` lies in the range."""
        return isinstance(value, int | float) and not isinstance(value, bool) and self.low <= value <= self.high

    def __str__(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few named values; ``Choice(False, True)`` is a switch."""

    options: tuple[Value, ...]

    def __init__(self, *options: Value) -> None:
        object.__setattr__(self, "options", options)

    def contains(self, value: Value) -> bool:
        """Whether `value` is one of the options."""
        return any(value == option and type(value) is type(option) for option in self.options)

    def __str__(self) -> str:
        return f"one of {', '.join(map(repr, self.options))}"


Range = IntRange | LogRange | Choice


@dataclass(frozen=True, slots=True)
class Parameter:
    """A constructor parameter with its default and, if declared, the range it may be tuned over."""

    name: str
    default: Value
    range: Range | None


def parameters_of(subject: type) -> dict[str, Parameter]:
    """The constructor parameters of `subject` by name.

    Raises
    ------
    ContractError
        If a parameter has no default, or a default outside its declared range.
    """
    constructor = subject.__init__  # type: ignore[misc]
    if constructor is object.__init__:
        return {}
    hints = get_type_hints(constructor, include_extras=True)
    found = {}
    for name, parameter in list(inspect.signature(constructor).parameters.items())[1:]:
        if parameter.default is inspect.Parameter.empty:
            raise ContractError(f"{subject.__name__}({name}) has no default; expected one, so that it runs untuned")
        hint = hints.get(name)
        declared = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
        range_ = next((item for item in declared if isinstance(item, IntRange | LogRange | Choice)), None)
        if range_ is not None and not range_.contains(parameter.default):
            raise ContractError(f"{subject.__name__}({name}={parameter.default!r}) is outside its own range {range_}")
        found[name] = Parameter(name, parameter.default, range_)
    return found
