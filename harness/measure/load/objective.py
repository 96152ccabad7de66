"""A service-level objective: so much latency at a percentile, at most.

>>> objective_of("p99=100ms"), str(objective_of("max = 2s"))
(Objective(percentile=99.0, most_s=0.1), 'longest within 2.00 s')
"""

from dataclasses import dataclass

from harness.errors import UsageError
from harness.measure.load.schedule import Schedule
from harness.units import format_seconds, parse_seconds

PERCENTILES = {"p50": 50.0, "p99": 99.0, "p99.9": 99.9, "max": 100.0}
"""What latencies are quoted at, by the name that an objective has."""


@dataclass(frozen=True, slots=True)
class Objective:
    """Latency of at most `most_s` at `percentile`, which is one of `PERCENTILES`."""

    percentile: float
    most_s: float

    def __str__(self) -> str:
        """In words."""
        name = "longest" if self.percentile == 100 else f"p{self.percentile:g}"
        return f"{name} within {format_seconds(self.most_s)}"

    def most_backlog(self, schedule: Schedule) -> int:
        """With more readings than this waiting at any moment, a stretch of `schedule` misses it beyond doubt.

        Of all that wait, those that came within the last `most_s` may still be in time, and as many others may be
        late as the percentile allows.
        """
        late = int((100 - self.percentile) / 100 * schedule.total)
        return schedule.most_within(int(self.most_s * 1e9)) + late


def objective_of(text: str) -> Objective:
    """The objective that a text such as ``p99=100ms`` names.

    Raises
    ------
    UsageError
        If it names none.
    """
    name, equals, time = (part.strip() for part in text.partition("="))
    if not equals or name not in PERCENTILES:
        known = ", ".join(PERCENTILES)
        raise UsageError(f"objective {text!r}; expected a percentile ({known}) and a time, as in p99=100ms")
    return Objective(PERCENTILES[name], parse_seconds(time))
