"""Workloads: one workload, one file, found by being there; the other files are what they share."""
