"""What an implementation tells about itself, as values that a message can carry."""

import numpy as np

from harness.contract import Processor
from harness.errors import ContractError


def facts_of(processor: Processor) -> dict[str, float | int | str]:
    """The facts of `processor`; numbers of NumPy become Python's.

    Raises
    ------
    ContractError
        If one is neither a number nor text.
    """
    found: dict[str, float | int | str] = {}
    for name, value in processor.facts().items():
        plain = value.item() if isinstance(value, np.generic) else value
        if not isinstance(plain, float | int | str):
            raise ContractError(f"facts() tells {name!r} as {type(value).__name__}; expected a number or text")
        found[str(name)] = plain
    return found
