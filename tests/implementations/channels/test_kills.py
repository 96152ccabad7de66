"""Writers killed at random points: no reader ever returns a torn record, and nothing before the kill is lost."""

import multiprocessing
import os
import random
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sides import SEED, put_for_ever

from harness.contract import Channel, Overflow
from harness.discovery import find, load
from harness.errors import ChannelError
from harness.measure.channels.tagged import indexes

ROUNDS = int(os.environ.get("SENSORBENCH_TRUST_ROUNDS", "3"))
"""`make trust` takes 200."""


Indexes = NDArray[np.int64]


def _drain(channel: Channel, came: list[Indexes]) -> None:
    """Get all that is there until the end."""
    while (found := channel.get(1000, 5.0)) is not None:
        came.append(indexes(SEED, found))


def _drained(channel: Channel, came: list[Indexes]) -> None:
    """Get all that is there; a killed producer must not pass for one that has closed."""
    with pytest.raises(ChannelError, match="without closing"):
        _drain(channel, came)


@pytest.mark.parametrize("name", ["mapped_ring", "pipe", "queue", "shared_ring"])
def test_no_reader_returns_a_torn_record(name: str, tmp_path: Path) -> None:
    made = load(find("channels", name))
    if made.unavailable():  # type: ignore[attr-defined]
        pytest.skip(f"{name}: {made.unavailable()}")  # type: ignore[attr-defined]
    rng = random.Random(1)
    context = multiprocessing.get_context("spawn")
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        folder.mkdir()
        channel: Channel = made()
        channel.create(folder, 4096, Overflow.BLOCK)
        ours, theirs = context.Pipe()
        writer = context.Process(target=put_for_ever, args=(channel, theirs, rng.choice((1, 7, 333, 1000))))
        writer.start()
        channel.open_consumer()
        assert ours.poll(60)
        ours.recv()
        kill_at_s = time.monotonic() + rng.uniform(0, 0.1)
        came: list[Indexes] = []
        while time.monotonic() < kill_at_s:
            found = channel.get(1000, 0.01)
            assert found is not None
            came.append(indexes(SEED, found))
        writer.kill()
        writer.join()
        _drained(channel, came)
        all_of_it = np.concatenate(came) if came else np.empty(0, np.int64)
        assert np.array_equal(all_of_it, np.arange(len(all_of_it))), f"round {number}: torn, lost, doubled or moved"
        channel.close()
        channel.destroy()


def test_a_mapped_ring_goes_on_after_every_kill_of_its_writer(tmp_path: Path) -> None:
    made = load(find("channels", "mapped_ring"))
    rng = random.Random(2)
    context = multiprocessing.get_context("spawn")
    channel: Channel = made()
    channel.create(tmp_path, 4096, Overflow.BLOCK)
    channel.open_consumer()
    came: list[Indexes] = []
    for _ in range(ROUNDS):
        ours, theirs = context.Pipe()
        writer = context.Process(target=put_for_ever, args=(channel, theirs, rng.choice((1, 333, 1000))))
        writer.start()
        assert ours.poll(60)
        ours.recv()
        kill_at_s = time.monotonic() + rng.uniform(0, 0.1)
        while time.monotonic() < kill_at_s:
            found = channel.get(1000, 0.01)
            assert found is not None
            came.append(indexes(SEED, found))
        writer.kill()
        writer.join()
        _drained(channel, came)
    all_of_it = np.concatenate(came)
    assert np.array_equal(all_of_it, np.arange(len(all_of_it)))
    channel.close()
    channel.destroy()
