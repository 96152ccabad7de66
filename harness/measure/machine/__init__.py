"""What the machine itself does to a figure: its noise, its stalls, and how fast it copies memory at most.

Measured here; what the machine says of itself is read in :mod:`harness.machine`.
"""
