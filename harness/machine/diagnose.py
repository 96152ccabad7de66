"""All findings about a machine, and which of them make its numbers doubtful."""

from collections.abc import Callable, Mapping
from typing import Any

from harness.machine.findings import activity, equipment, memory, processor, system
from harness.machine.findings.finding import Finding, Severity, unknown
from harness.machine.fingerprint import Fingerprint, fingerprint
from harness.machine.host import Host
from harness.units import format_seconds

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
_COARSE_SHARE = 0.05
_LATE_S = 0.001
_LONG_STALL_S = 0.010


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
    """What a stored noise measurement (``Noise.as_dict``) says against the numbers."""
    if not isinstance(noise, Mapping):
        return ()
    lines = []
    detectable = noise.get("detectable") or {}
    pairs = min(detectable, key=int, default=None)
    if pairs is not None and detectable[pairs] > _COARSE_SHARE:
        lines.append(
            f"noise: identical work differs by {100 * noise['deviation']:.1f}% from pair to pair: "
            f"{pairs} pairs cannot show a difference below {100 * detectable[pairs]:.0f}%"
        )
    stalls = noise.get("stalls") or {}
    longest_s, late_s = stalls.get("longest_s") or 0.0, stalls.get("p999_s") or 0.0
    if late_s > _LATE_S or longest_s > _LONG_STALL_S:
        lines.append(
            f"stalls: an idle loop was held up for as long as {format_seconds(longest_s)} "
            f"(p99.9 {format_seconds(late_s)}): tail latencies are in part the machine's"
        )
    return tuple(lines)


def _guarded(name: str, judge: Callable[..., Finding], *given: object) -> Finding:
    try:
        return judge(*given)
    except Exception as error:
        return _failed(name.replace("_", " "), error)


def _failed(name: str, error: Exception) -> Finding:
    return unknown(name, f"the probe failed: {type(error).__name__}: {error}", "report this with your kernel's version")
