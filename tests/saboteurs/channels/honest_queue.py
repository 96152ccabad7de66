"""Honest control of the channels: the standard queue, right, and found right"""

from implementations.channels.queue import Queue

EXPECTED = ("verify", "ok", "")


class HonestQueue(Queue):
    """Changes nothing."""
