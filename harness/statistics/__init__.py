"""Effects, intervals, verdicts, histograms and fits: numbers in, numbers out; nothing here measures or prints."""

from harness.statistics.effects import ORDERS, Block, Order, SpeedUp, block_effects, count_outliers, pair_effect
from harness.statistics.intervals import (
    ALPHA,
    Interval,
    bootstrap_interval,
    corrected_confidence,
    median_interval,
    t_interval,
)
from harness.statistics.stopping import Stopping
from harness.statistics.verdict import BAND, LEAST_PAIRS, Judgement, Verdict, judge, smallest_detectable

__all__ = [
    "ALPHA",
    "BAND",
    "LEAST_PAIRS",
    "ORDERS",
    "Block",
    "Interval",
    "Judgement",
    "Order",
    "SpeedUp",
    "Stopping",
    "Verdict",
    "block_effects",
    "bootstrap_interval",
    "corrected_confidence",
    "count_outliers",
    "judge",
    "median_interval",
    "pair_effect",
    "smallest_detectable",
    "t_interval",
]
