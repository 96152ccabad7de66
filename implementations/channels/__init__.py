"""Channels: one way of carrying readings between two processes, one file; found by being there."""
