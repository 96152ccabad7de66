"""All findings about a machine, and which of them make its numbers doubtful."""

from collections.abc import Callable, Mapping
from typing import Any

from harness.machine.findings import activity, equipment, memory, processor, system
from harness.machine.findings.finding import Finding, Severity, unknown
from harness.machine.fingerprint import Fingerprint, fingerprint
from harness.machine.host import Host

JUDGED: tuple[Callable[[Fingerprint], Finding], ...] = (
    processor.governor,
    processor.turbo,
    processor.cores,
    processor.quota,
    processor.load,
    memory.memory,
    memory.swap,
    memory.huge_pages,
    system.hypervisor,
    system.container,
    system.clock_source,
    system.aslr,
    system.numba_threads,
)
"""Judged from a fingerprint, hence from a stored run as well."""

WATCHED: tuple[Callable[[activity.Activity, activity.Activity], Finding], ...] = (
    activity.steal,
    activity.others,
    activity.quota_stops,
    activity.throttling,
)
"""Judged from two looks at the machine's own counters."""

PROBED: tuple[Callable[[Host], Finding], ...] = (
    equipment.gpu,
    equipment.hardware_counters,
    equipment.services,
    equipment.disk,
    equipment.shared_memory,
)
"""Looked up now."""

WATCH_S = 0.5


def diagnose(host: Host | None = None, *, watch_s: float = WATCH_S) -> tuple[Finding, ...]:
    """Every finding about `host`, by default the machine this runs on.

    Keeps one CPU busy for `watch_s` to see steal time and other work. Never raises: a probe that fails is a finding
    that says so.
    """
    host = host or Host()
    found = [_guarded(judge.__name__, judge, fingerprint(host)) for judge in JUDGED]
    try:
        moments = activity.watch(host, watch_s)
    except Exception as error:
        found.append(_failed("activity", error))
    else:
        found += [_guarded(judge.__name__, judge, *moments) for judge in WATCHED]
    return (*found, *(_guarded(probe.__name__, probe, host) for probe in PROBED))


def unstable(environment: Mapping[str, Any] | Fingerprint) -> tuple[str, ...]:
    """Say in one line each what makes the numbers of a machine doubtful; empty for a quiet one.

    Parameters
    ----------
    environment
        Of a stored run: a fingerprint as plain data, with what was measured of its noise under ``noise``.
    """
    stored = environment if isinstance(environment, Mapping) else environment.as_dict()
    machine = Fingerprint.from_dict(stored)
    findings = [_guarded(judge.__name__, judge, machine) for judge in JUDGED]
    lines = [finding.line() for finding in findings if finding.severity is Severity.WARNING]
    return (*lines, *_noise_lines(stored.get("noise")))


def _noise_lines(noise: object) -> tuple[str, ...]:
    return ()


def _guarded(name: str, judge: Callable[..., Finding], *given: object) -> Finding:
    try:
        return judge(*given)
    except Exception as error:
        return _failed(name.replace("_", " "), error)


def _failed(name: str, error: Exception) -> Finding:
    return unknown(name, f"the probe failed: {type(error).__name__}: {error}", "report this with your kernel's version")
