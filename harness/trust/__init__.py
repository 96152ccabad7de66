"""The benchmark of the verdicts: how often they are false, and what they find, on this machine.

``python -m harness.trust`` takes the comparisons, resumable, and writes docs/trust.md from what is stored.
"""
