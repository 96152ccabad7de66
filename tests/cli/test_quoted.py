"""Commands that are printed to be typed again hold for any path."""

import shlex
from pathlib import Path

from commands import sensorbench


def test_a_path_with_a_blank_can_be_typed_again(tmp_path: Path) -> None:
    (tmp_path / "my plant.csv").write_text("time,sensor,value\n1,a,1\n2,b,2\n")
    outcome = sensorbench("record", "convert", "my plant.csv", "--out", "my plant.rec", cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    command = outcome.out.rpartition("replay it: ")[2].strip()
    assert shlex.split(command) == ["sensorbench", "run", "-w", "replay:my plant.rec"]
