"""Record files: there under their name when they are whole, and else not at all."""

import os
from pathlib import Path

import numpy as np
import pytest

from harness.contract import Readings
from harness.records import write_records

READINGS = Readings(np.array([1, 2], np.uint32), np.array([3, 4]), np.array([5, 6], np.float32))


@pytest.mark.parametrize("where", ["fsync", "open"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_interrupt_leaves_no_part_behind(
    where: str, error: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(os, where)

    def interrupted(*arguments: object) -> None:
        real(*arguments)
        raise error

    monkeypatch.setattr(os, where, interrupted)
    with pytest.raises(error):
        write_records(tmp_path / "x.rec", [READINGS])
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []
