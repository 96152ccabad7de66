"""Channels: a producer and a consumer, each in a process of its own, and readings that tell which they are."""
