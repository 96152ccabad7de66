"""The counters of the computer itself as sensors: where they are read, which are taken, how they are recorded."""

from workloads.counters.recorder import Outcome, record_telemetry

__all__ = ["Outcome", "record_telemetry"]
