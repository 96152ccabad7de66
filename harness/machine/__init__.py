"""The machine: what it is (`fingerprint`), what it does to the numbers (`diagnose`, `unstable`), who is `alike`.

Cheap to import: the standard library alone.
"""

from harness.machine.alike import alike, refuse_unlike, remarks
from harness.machine.diagnose import diagnose, unstable
from harness.machine.findings.finding import Finding, Severity
from harness.machine.fingerprint import Fingerprint, fingerprint
from harness.machine.host import Host

__all__ = [
    "Finding",
    "Fingerprint",
    "Host",
    "Severity",
    "alike",
    "diagnose",
    "fingerprint",
    "refuse_unlike",
    "remarks",
    "unstable",
]
