"""Recordings: files of readings of many forms, read into one.

`read_recording` tells the form by the content, never by the file's name.
"""

from workloads.recordings.files import read_recording
from workloads.recordings.hints import Hints
from workloads.recordings.recording import Calibration, Recording

__all__ = ["Calibration", "Hints", "Recording", "read_recording"]
