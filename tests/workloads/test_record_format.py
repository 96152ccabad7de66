"""The page that documents the record file tells the truth: its own reader reads what we write."""

import re
from pathlib import Path
from typing import Any

import pytest
from recorded_tables import write_record_file

from workloads.recordings import read_recording

PAGE = Path(__file__).resolve().parents[2] / "docs" / "record-format.md"


def test_the_documented_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    path = write_record_file(tmp_path / "plant.rec", [(n, "abc"[n % 3], n / 3) for n in range(100)])
    monkeypatch.chdir(tmp_path)
    room: dict[str, Any] = {}
    exec(found.group(1), room)  # the page's own text
    recording = read_recording(path)
    assert room["names"] == list(recording.names)
    assert room["readings"].tobytes() == recording.readings.to_records().tobytes()
