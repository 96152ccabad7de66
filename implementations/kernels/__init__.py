"""Compiled loops; every module here imports Numba and is imported by a `start` alone."""
