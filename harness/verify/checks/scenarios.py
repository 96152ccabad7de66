"""One check a scenario: all that must hold of a run holds of this one."""

from harness.results import Failure
from harness.verify.check import Check
from harness.verify.checks import conduct, history, statistics, values
from harness.verify.evidence import Evidence, Scenario
from harness.verify.scenarios import SCRIPTS

_PARTS = (*conduct.CHECKS, *values.CHECKS, *statistics.CHECKS, *history.CHECKS)


def _find(scenario: Scenario) -> Failure | None:
    """The first failure of any check on the scenario's run, its windows and its histories."""
    pieces: tuple[Evidence, ...] = (scenario.run, *scenario.run.windows, *scenario.run.histories)
    return next((failure for part in _PARTS for failure in part.failures(pieces)), None)


def _check(name: str, about: str) -> Check:
    return Check(name, about, lambda piece: isinstance(piece, Scenario) and piece.name == name, _find)


CHECKS = tuple(_check(script.name, script.about) for script in SCRIPTS)
