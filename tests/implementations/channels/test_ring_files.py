"""A mapped ring's file that is not what it should be: one clear line each. And room that is not there."""

import copy
import multiprocessing
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from sides import SEED, hold_open

from harness.contract import Overflow
from harness.errors import ChannelError, InputError
from harness.measure.channels.tagged import indexes, tagged
from implementations.channels.mapped_ring import MappedRing
from implementations.channels.shared_ring import SharedRing
from implementations.parts.roles import SUPPORTED

pytestmark = pytest.mark.skipif(not SUPPORTED, reason="rings need Linux (locks on open file descriptions)")

_HEAD = struct.Struct("<8sIIQIII")


def _ring(folder: Path, overflow: Overflow = Overflow.BLOCK) -> MappedRing:
    ring = MappedRing()
    ring.create(folder, 4096, overflow)
    return ring


def _rewritten(path: Path, change: Callable[[list[object]], None]) -> None:
    """The head with one field changed and its checksum made right again."""
    with path.open("r+b") as file:
        fields = list(_HEAD.unpack(file.read(_HEAD.size)))
        change(fields)
        head = _HEAD.pack(*fields)
        file.seek(0)
        file.write(head + struct.pack("<I", zlib.crc32(head)))


def _set(place: int, value: object) -> Callable[[Path], None]:
    return lambda path: _rewritten(path, lambda fields: fields.__setitem__(place, value))


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 16)


def _emptied(path: Path) -> None:
    os.truncate(path, 0)


def _grown(path: Path) -> None:
    os.truncate(path, path.stat().st_size + 4096)


def _flipped(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(17)
        file.write(b"\xff")


def _indexes_damaged(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(1024)
        file.write(struct.pack("<q", -5))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (_cut, "cut short or grown"),
        (_grown, "cut short or grown"),
        (_emptied, "not a ring"),
        (_flipped, "does not match its checksum"),
        (_set(0, b"SOMETHNG"), "not a ring"),
        (_set(1, 2), "of version 2; expected 1"),
        (_set(2, 0x04030201), "another byte order"),
        (_set(4, 24), "of 24 bytes"),
        (_set(3, 8192), "cut short or grown"),
        (_indexes_damaged, "indexes are damaged"),
    ],
    ids=["cut", "grown", "empty", "flipped", "magic", "version", "byte order", "reading", "capacity", "indexes"],
)
def test_says_in_one_line_what_is_wrong_with_the_file(
    damage: Callable[[Path], None], says: str, tmp_path: Path
) -> None:
    ring = _ring(tmp_path)
    (path,) = tmp_path.iterdir()
    damage(path)
    with pytest.raises(InputError, match=says) as raised:
        ring.open_consumer()
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "destroy it and create another" in str(raised.value)


def test_refuses_a_file_made_for_the_other_policy(tmp_path: Path) -> None:
    _ring(tmp_path, Overflow.DROP_OLDEST)
    with pytest.raises(InputError, match="a ring made for drop_oldest"):
        _ring(tmp_path)


def test_a_closed_side_can_be_taken_though_its_readings_are_still_held(tmp_path: Path) -> None:
    ring = SharedRing()
    ring.create(tmp_path, 64, Overflow.BLOCK)
    other = copy.copy(ring)
    ring.open_producer()
    ring.put(tagged(SEED, 0, 10))
    other.open_consumer()
    held = other.get(10)
    other.close()
    other.open_consumer()
    assert held is not None
    assert indexes(SEED, held).tolist() == list(range(10))
    other.close()
    ring.destroy()


@pytest.mark.parametrize("role", ["producer", "consumer"])
def test_refuses_a_file_that_is_in_use_and_has_it_once_its_user_was_killed(role: str, tmp_path: Path) -> None:
    ring = _ring(tmp_path)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    user = context.Process(target=hold_open, args=(ring, role, theirs))
    user.start()
    assert ours.poll(60)
    again = _ring(tmp_path)  # as another program would, that finds the file
    opening = again.open_producer if role == "producer" else again.open_consumer
    with pytest.raises(ChannelError, match=f"has a {role} already"):
        opening()
    user.kill()
    user.join()
    opening()
    again.close()


def test_goes_on_after_all_processes_have_ended(tmp_path: Path) -> None:
    first = _ring(tmp_path)
    first.open_producer()
    first.put(tagged(SEED, 0, 3000))
    first.close()
    reader = _ring(tmp_path)
    reader.open_consumer()
    assert reader.get(1000) is not None
    assert reader.get(500) is not None  # the first thousand are dealt with, these are not
    ring, reader._ring = reader._ring, None  # as a kill leaves it: nothing given back
    assert ring is not None
    ring.close()
    del reader, ring
    writer = _ring(tmp_path)
    writer.open_producer()
    assert writer.position() == 3000
    writer.put(tagged(SEED, 3000, 3100))
    writer.close()
    last = _ring(tmp_path)
    last.open_consumer()
    came = []
    while (found := last.get(4096)) is not None:
        came += indexes(SEED, found).tolist()
    assert came == list(range(1000, 3100))
    last.close()
    last.destroy()
    assert list(tmp_path.iterdir()) == []


_MAKE = """
import sys
from pathlib import Path
from harness.contract import Overflow
from harness.discovery import find, load
from harness.errors import SensorbenchError
if len(sys.argv) > 3:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    load(find("channels", sys.argv[1]))().create(Path(sys.argv[2]), 1 << 20, Overflow.BLOCK)
except SensorbenchError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize("name", ["mapped_ring", "shared_ring"])
def test_says_that_there_is_no_room(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _MAKE, name, str(tmp_path), "limited"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("ChannelError")
    assert "make the capacity smaller" in done.stdout
    assert done.stdout.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_says_that_a_memory_file_system_is_full(tmp_path: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here; root may")
    try:
        with pytest.raises(ChannelError, match=r"no room for a ring of 1,048,576 readings \(16 MiB: No space left"):
            MappedRing().create(tmp_path, 1 << 20, Overflow.BLOCK)
        assert list(tmp_path.iterdir()) == []
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
