"""Findings: what this machine will do to the numbers. One small function each, gathered by :mod:`.diagnose`."""

from harness.machine.findings.finding import Finding, Severity

__all__ = ["Finding", "Severity"]
