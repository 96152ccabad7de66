"""Every error sensorbench raises on purpose: one hierarchy, one file.

A message says what was given, what was expected and what to do; it fits on one line. The command line prints
it without a traceback and exits with :attr:`SensorbenchError.exit_code`.
"""

from collections.abc import Iterable


def meant(name: str, known: Iterable[str], otherwise: str, cutoff: float = 0.6) -> str:
    """What to say of a `name` that nothing answers to: the nearest of `known`, or `otherwise` where none is near.

    >>> meant("smid", ("simd", "naive"), "there are two"), meant("x", ("simd", "naive"), "there are two")
    ("did you mean 'simd'?", 'there are two')
    """
    import difflib

    near = difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)
    return f"did you mean {near[0]!r}?" if near else otherwise


class SensorbenchError(Exception):
    """Base of all deliberate errors."""

    exit_code = 2


class UsageError(SensorbenchError):
    """The command asked for something that does not exist or makes no sense."""


class UnknownNameError(UsageError):
    """A name that nothing answers to; the message suggests the nearest one."""


class InputError(SensorbenchError):
    """An input file that is missing, damaged or of another format."""


class ContractError(SensorbenchError):
    """Data or a class that breaks the contract: repeated ids, wrong dtypes, no Processor in a file."""


class ChannelError(SensorbenchError):
    """A channel that cannot be had, is in use, or whose other side is gone."""


class StoreError(SensorbenchError):
    """A results folder that is locked, damaged, read-only or full."""


class CutOffError(StoreError):
    """Results that can no longer be written, as on a disk that is full; what was stored is intact."""

    exit_code = 1


class MeasurementError(SensorbenchError):
    """A measurement that cannot be made or would not be valid."""


class UnlikeError(SensorbenchError):
    """A comparison between runs of unlike machines, workloads or sizes."""


class ShortfallError(SensorbenchError):
    """All was done, and the answer is no: wrong, slower, or short of the requirement."""

    exit_code = 1
