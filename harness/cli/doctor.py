"""Say what this machine will do to the numbers, and what would mend that."""

import sys
from typing import TYPE_CHECKING

import click

from harness.cli.console import note, say, say_json, say_table
from harness.machine import Severity, diagnose, fingerprint, unstable
from harness.units import format_bytes, format_seconds, parse_seconds

if TYPE_CHECKING:
    from harness.machine import Finding, Fingerprint
    from harness.measure.machine.noise import Noise

_ORDER = (Severity.WARNING, Severity.NOTE, Severity.UNKNOWN, Severity.GOOD)


@click.command()
@click.option("--seconds", default="20", show_default=True, help="How long to measure the noise, such as 20 or 1min.")
@click.option("--no-noise", is_flag=True, help="Leave out the measurement; done in a second.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
def command(seconds: str, no_noise: bool, as_json: bool) -> None:
    """Say what this machine will do to the numbers: governor, load, cores, hypervisor, clock, memory, GPU, services.

    Each finding comes with its effect and its remedy. Then identical work is compared with itself, the way 'run'
    compares implementations, to see how small a difference this machine can resolve at all. Advice never fails: the
    exit code is 0 with any findings.

    \b
    Examples:
      sensorbench doctor                 with 20 s of comparing identical work
      sensorbench doctor --no-noise      what can be read off alone, in a second
    """  # noqa: D301
    lasting_s = parse_seconds(seconds)
    machine = fingerprint()
    findings = sorted(diagnose(), key=lambda finding: _ORDER.index(finding.severity))
    noise = None if no_noise else _measured(lasting_s)
    environment = machine.as_dict() | ({"noise": noise.as_dict()} if noise else {})
    if as_json:
        rows = [
            {name: getattr(finding, name) for name in ("name", "state", "effect", "remedy", "severity")}
            for finding in findings
        ]
        say_json({"environment": environment, "findings": rows, "unstable": list(unstable(environment))})
        return
    say(_title(machine))
    say()
    _say_findings(findings)
    say()
    if noise:
        _say_noise(noise)
    doubts = unstable(environment)
    say(
        "This machine's numbers are doubtful:"
        if doubts
        else "Nothing found that makes this machine's numbers doubtful."
    )
    for doubt in doubts:
        say(f"  {doubt}")


def _measured(seconds: float) -> "Noise":
    from harness.measure.machine.noise import measure_noise

    note(f"comparing identical work with itself for {format_seconds(seconds)} ...")
    if not sys.stderr.isatty():
        return measure_noise(seconds)
    with click.progressbar(length=100, file=sys.stderr) as bar:
        return measure_noise(seconds, progress=lambda share: bar.update(round(100 * share) - bar.pos))


def _title(machine: "Fingerprint") -> str:
    cpu, memory = machine.cpu, machine.memory
    parts = [
        cpu.model or "unknown processor",
        f"{cpu.allowed or cpu.logical or 'unknown'} cores",
        format_bytes(memory.total_bytes) if memory.total_bytes else "unknown memory",
        machine.system.os or "unknown system",
        f"kernel {machine.system.kernel or 'unknown'}",
    ]
    return ", ".join(parts)


def _say_findings(findings: list["Finding"]) -> None:
    """A table on a terminal; elsewhere a few lines each, since the columns would be too wide to read."""
    if sys.stdout.isatty():
        rows = [(str(one.severity), one.name, one.state, one.effect, one.remedy) for one in findings]
        say_table(("", "finding", "state", "what it does to the numbers", "remedy"), rows)
        return
    for finding in findings:
        say(f"{finding.severity:8} {finding.name}: {finding.state}")
        for label, text in (("effect", finding.effect), ("remedy", finding.remedy)):
            if text:
                say(f"{'':8}   {label}: {text}")


def _say_noise(noise: "Noise") -> None:
    say(
        f"Noise: identical work differs by {100 * noise.deviation:.2f}% from pair to pair "
        f"(standard deviation, {len(noise.effects)} pairs in {format_seconds(noise.seconds)}); "
        + ("too few for a verdict" if noise.verdict == "none" else f"the verdict's rule says: {noise.verdict}")
    )
    for pairs, share in noise.resolutions().items():
        say(f"  smallest difference that {pairs} pairs show four times in five: {100 * share:.1f}%")
    stalls = noise.stalls
    say(
        f"Stalls of an idle loop in {format_seconds(stalls.watched_ns / 1e9)}: {stalls.found} above "
        f"{format_seconds(stalls.threshold_ns / 1e9)}, longest {format_seconds(stalls.longest_ns / 1e9)}, "
        f"p99.9 of what an arrival would wait {format_seconds(stalls.delay_ns(0.999) / 1e9)}"
    )
    say()
