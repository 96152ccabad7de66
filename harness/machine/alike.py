"""Whether two runs come from machines whose numbers may be put side by side."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from harness.errors import UnlikeError
from harness.machine.fingerprint import Fingerprint
from harness.units import format_bytes

MEMORY_TOLERANCE = 0.05

Environment = Fingerprint | Mapping[str, Any]

_IDENTITY: dict[str, Callable[[Fingerprint], object]] = {
    "CPU model": lambda machine: machine.cpu.model,
    "architecture": lambda machine: machine.cpu.architecture,
    "logical cores": lambda machine: machine.cpu.logical,
    "allowed cores": lambda machine: machine.cpu.allowed,
    "GPU": lambda machine: ", ".join(gpu.model or "unknown" for gpu in machine.gpus) or "none",
}
_CONDITIONS: dict[str, Callable[[Fingerprint], object]] = {
    "physical cores": lambda machine: machine.cpu.physical,
    "CPU quota (cores)": lambda machine: machine.cpu.quota_cores or "none",
    "L1d cache (bytes)": lambda machine: machine.cpu.l1d_bytes,
    "L2 cache (bytes)": lambda machine: machine.cpu.l2_bytes,
    "L3 cache (bytes)": lambda machine: machine.cpu.l3_bytes,
    "governor": lambda machine: machine.cpu.governor,
    "turbo": lambda machine: machine.cpu.turbo,
    "huge pages": lambda machine: machine.memory.huge_pages,
    "hypervisor": lambda machine: machine.system.hypervisor,
    "clock source": lambda machine: machine.system.clock_source,
    "operating system": lambda machine: _family(machine.system.os),
    "kernel": lambda machine: (machine.system.kernel or "").partition(".")[0] or None,
}
_REMARKS: dict[str, Callable[[Fingerprint], object]] = {
    "commit": lambda machine: machine.software.commit,
    "uncommitted changes": lambda machine: machine.software.dirty,
    "operating system": lambda machine: machine.system.os,
    "kernel": lambda machine: machine.system.kernel,
    "container": lambda machine: machine.system.container,
    "ASLR": lambda machine: machine.system.aslr,
    "GPU driver": lambda machine: ", ".join(sorted({gpu.driver or "unknown" for gpu in machine.gpus})) or None,
    "Numba threading layer": lambda machine: machine.software.numba_layer,
}


def alike(first: Environment, second: Environment) -> tuple[str, ...]:
    """Say what makes the numbers of two machines incomparable, one line each; empty if nothing does.

    What names the machine (model, cores, memory, GPU) must be known on both sides; a condition that one side could
    not read is left out.
    """
    a, b = _read(first), _read(second)
    found = _differences(a, b, _IDENTITY, unknown_differs=True)
    if missing := set(a.cpu.extensions) ^ set(b.cpu.extensions):
        only = [f"{' '.join(sorted(missing & set(side.cpu.extensions))) or 'none'}" for side in (a, b)]
        found.append(f"vector extensions: {only[0]} only in the first, {only[1]} only in the second")
    found += _memory_difference("memory", a.memory.total_bytes, b.memory.total_bytes)
    found += _memory_difference("memory limit", a.memory.limit_bytes or -1, b.memory.limit_bytes or -1)
    return (*found, *_differences(a, b, _CONDITIONS, unknown_differs=False))


def refuse_unlike(folder: Path, measured_on: Environment | None, here: Environment, remedy: str) -> None:
    """See that what is in `folder` may be added to on this machine: figures side by side must be of one.

    Raises
    ------
    UnlikeError
        If it was measured on another machine, or nobody knows on which; the message ends with `remedy`.
    """
    differences = alike(measured_on or {}, here)
    if differences:
        raise UnlikeError(f"{folder}: measured on another machine ({'; '.join(differences)}); {remedy}")


def remarks(first: Environment, second: Environment) -> tuple[str, ...]:
    """Say what else differs (versions, commit, drivers), one line each: to be named, not to be refused."""
    a, b = _read(first), _read(second)
    found = _differences(a, b, _REMARKS, unknown_differs=False)
    names = sorted({*a.software.versions, *b.software.versions})
    for name in names:
        old, new = (side.software.versions.get(name, "not installed") for side in (a, b))
        if old != new:
            found.append(f"{name}: {old} and {new}")
    return tuple(found)


def _read(environment: Environment) -> Fingerprint:
    return environment if isinstance(environment, Fingerprint) else Fingerprint.from_dict(environment)


def _differences(
    a: Fingerprint, b: Fingerprint, of: Mapping[str, Callable[[Fingerprint], object]], *, unknown_differs: bool
) -> list[str]:
    found = []
    for name, value in of.items():
        old, new = value(a), value(b)
        if old == new or (not unknown_differs and (old is None or new is None)):
            continue
        found.append(f"{name}: {_shown(old)} and {_shown(new)}")
    return found


def _memory_difference(name: str, old: int | None, new: int | None) -> list[str]:
    if old == new:
        return []
    if old is not None and new is not None and min(old, new) > 0 and abs(old - new) <= MEMORY_TOLERANCE * max(old, new):
        return []
    texts = ("unknown" if size is None else "none" if size < 0 else format_bytes(size) for size in (old, new))
    return [f"{name}: {' and '.join(texts)}"]


def _shown(value: object) -> str:
    if value is None:
        return "unknown"
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def _family(name: str | None) -> str | None:
    """``Ubuntu 24.04.2 LTS`` without what a month's updates change.

    >>> _family("Ubuntu 24.04.2 LTS"), _family("Debian GNU/Linux 12 (bookworm)")
    ('Ubuntu 24', 'Debian GNU/Linux 12')
    """
    if name is None:
        return None
    words = []
    for word in name.split():
        words.append(word.partition(".")[0])
        if word[:1].isdigit():
            break
    return " ".join(words)
