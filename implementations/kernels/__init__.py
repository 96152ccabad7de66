"""Compiled loops; every module here but `sensor_state` imports Numba and is imported by a `start` alone."""
