"""Effects, intervals, verdicts, histograms and fits: numbers in, numbers out; nothing here measures or prints."""

from harness.statistics.caches import leaving, place_of
from harness.statistics.crossover import Crossover, crossovers
from harness.statistics.effects import ORDERS, Block, Order, SpeedUp, block_effects, count_outliers, pair_effect
from harness.statistics.growth import Curve, Growth, GrowthFit, Prediction, fit_growth
from harness.statistics.histogram import Histogram, Percentiles, recording_cost_ns
from harness.statistics.intervals import (
    ALPHA,
    Interval,
    bootstrap_interval,
    corrected_confidence,
    median_interval,
    t_interval,
)
from harness.statistics.line import Line, line
from harness.statistics.power_law import power_law
from harness.statistics.processes import per_second, process_logs
from harness.statistics.steadiness import Drift, Steadiness, drift, steadiness
from harness.statistics.stopping import Stopping
from harness.statistics.verdict import BAND, LEAST_PAIRS, Judgement, Verdict, judge, smallest_detectable

__all__ = [
    "ALPHA",
    "BAND",
    "LEAST_PAIRS",
    "ORDERS",
    "Block",
    "Crossover",
    "Curve",
    "Drift",
    "Growth",
    "GrowthFit",
    "Histogram",
    "Interval",
    "Judgement",
    "Line",
    "Order",
    "Percentiles",
    "Prediction",
    "SpeedUp",
    "Steadiness",
    "Stopping",
    "Verdict",
    "block_effects",
    "bootstrap_interval",
    "corrected_confidence",
    "count_outliers",
    "crossovers",
    "drift",
    "fit_growth",
    "judge",
    "leaving",
    "line",
    "median_interval",
    "pair_effect",
    "per_second",
    "place_of",
    "power_law",
    "process_logs",
    "recording_cost_ns",
    "smallest_detectable",
    "steadiness",
    "t_interval",
]
