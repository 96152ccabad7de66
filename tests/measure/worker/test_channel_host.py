"""Inside the worker: a channel is destroyed whatever becomes of it."""

from pathlib import Path

import pytest

from harness.contract import Overflow
from harness.measure.worker.channel_host import ChannelHost

NOT_CLOSED = '''"""It cannot be closed."""

from implementations.channels.queue import Queue


class NotClosed(Queue):
    """A standard queue but for its end."""

    def close(self) -> None:
        super().close()
        raise OSError("cannot be closed")

    def destroy(self) -> None:
        super().destroy()
        (self.folder / "destroyed").touch()

    def create(self, folder, capacity, overflow):
        super().create(folder, capacity, overflow)
        self.folder = folder
'''


def test_one_that_cannot_be_closed_is_destroyed(tmp_path: Path) -> None:
    path = tmp_path / "not_closed.py"
    path.write_text(NOT_CLOSED)
    host = ChannelHost.load(f"file:{path}", "not_closed", {})
    host.make(tmp_path / "made", 100, Overflow.BLOCK)
    with pytest.raises(OSError, match="cannot be closed"):
        host.stop()
    assert host.left_in_folder() == ["destroyed"]
    assert host.channel is None
