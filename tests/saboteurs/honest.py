"""Honest control: right, and found right."""

from harness.control import Control

EXPECTED = ("verify", "ok", "")


class Honest(Control):
    """The control as it is."""
