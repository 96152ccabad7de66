"""The benchmark of the verdicts: how often they are false, what they find and what they cost, on this machine.

``python -m harness.trust`` takes the comparisons, resumable, level by level, and writes docs/trust.md from what is
stored.
"""
