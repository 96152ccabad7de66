"""Sittings: when comparisons were taken, on which machine, and with what else going on."""

import datetime
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from harness.machine import fingerprint
from harness.store import moment

KIND = "sitting"


@dataclass(frozen=True, slots=True)
class Sitting:
    """One stretch in which comparisons were taken, as it is stored; without any where only a note was left.

    Parameters
    ----------
    began, ended : str
        Moments, ISO 8601 in UTC.
    machine : str
    comparisons : int
    load_1min : float or None
        The system's load average at the end.
    niceness : int
        Of the process that took them; below 0 is a raised priority.
    note : str or None
        What the one who took them says of the circumstances.
    """

    began: str
    ended: str
    machine: str
    comparisons: int
    load_1min: float | None
    niceness: int
    note: str | None = None


def begin(note: str | None) -> Sitting:
    """A sitting that begins now."""
    cpu = fingerprint().cpu
    machine = f"{cpu.model or 'unknown processor'}, {cpu.logical or 'unknown'} hardware threads"
    return Sitting(moment(), moment(), machine, 0, None, os.getpriority(os.PRIO_PROCESS, 0), note)


def end(sitting: Sitting, comparisons: int) -> Sitting:
    """`sitting`, ending now after that many comparisons."""
    return replace(sitting, ended=moment(), comparisons=comparisons, load_1min=round(os.getloadavg()[0], 2))


def circumstances(sittings: Sequence[Sitting], comparisons: int) -> list[str]:
    """Machine, time, load and notes of all `sittings`, a sentence each, in which `comparisons` were taken in all."""
    taking = [sitting for sitting in sittings if sitting.comparisons]
    said = [f"Machine: {machine}." for machine in dict.fromkeys(sitting.machine for sitting in sittings)]
    if taking:
        began, ended = min(sitting.began for sitting in taking), max(sitting.ended for sitting in taking)
        sat = "1 sitting" if len(taking) == 1 else f"{len(taking)} sittings"
        said.append(f"Taken in {sat} between {_minute(began)} and {_minute(ended)}.")
        loads = [sitting.load_1min for sitting in taking if sitting.load_1min is not None]
        if loads:
            said.append(
                f"Load average at the end of a sitting: {median(loads):.1f} at the median, {max(loads):.1f} at most "
                "(the comparison itself is 1)."
            )
        if any(sitting.niceness for sitting in taking):
            values = ", ".join(map(str, sorted({sitting.niceness for sitting in taking})))
            said.append(f"Niceness of the measuring processes: {values}.")
    unrecorded = comparisons - sum(sitting.comparisons for sitting in taking)
    if unrecorded > 0:
        said.append(f"Of {unrecorded} comparisons the circumstances were not recorded, beyond what is noted here.")
    return said + list(dict.fromkeys(sitting.note for sitting in sittings if sitting.note))


def _minute(moment: str) -> str:
    return f"{datetime.datetime.fromisoformat(moment):%Y-%m-%d %H:%M} UTC"
