"""Damaged stores: every record whose line is whole is recovered, everything else is reported, never a traceback."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.store import CELLS_NAME, Store, read

STORES_A_KIND = 125
"""Times eight kinds of damage: 1,000 stores."""

Harm = Callable[[bytes, random.Random], bytes]


def cut_short(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))]


def flip_a_bit(content: bytes, rng: random.Random) -> bytes:
    harmed = bytearray(content)
    harmed[rng.randrange(len(harmed))] ^= 1 << rng.randrange(8)
    return bytes(harmed)


def flip_many_bits(content: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.randrange(2, 20)):
        content = flip_a_bit(content, rng)
    return content


def flip_a_line_feed(content: bytes, rng: random.Random) -> bytes:
    place = rng.choice([position for position, byte in enumerate(content) if byte == 10])
    return content[:place] + bytes([10 ^ 1 << rng.randrange(8)]) + content[place + 1 :]


def zero_a_stretch(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content))
    end = min(len(content), start + rng.randrange(1, 400))
    return content[:start] + bytes(end - start) + content[end:]


def zero_the_tail(content: bytes, rng: random.Random) -> bytes:
    """What some file systems leave after a power cut: the length is there, the content is not."""
    start = rng.randrange(len(content))
    return content[:start] + bytes(len(content) - start)


def lose_a_stretch(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content))
    return content[:start] + content[start + rng.randrange(1, 400) :]


def gain_a_stretch(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content))
    return content[:start] + rng.randbytes(rng.randrange(1, 200)) + content[start:]


def lines_of_a_store(folder: Path) -> list[bytes]:
    with Store.create(folder) as store:
        for number in range(12):
            text = f'"quoted" line {number}: 0a1b2c3d 12 {{"kind":"cell"}}'
            store.append({"kind": "cell", "number": number, "text": text, "figures": [number / 7] * number})
    return (folder / CELLS_NAME).read_bytes().splitlines(keepends=True)


def is_refused(folder: Path) -> bool:
    try:
        read(folder)
    except StoreError as error:
        return "\n" not in str(error)
    return False


@pytest.mark.parametrize(
    "harm",
    [
        cut_short,
        flip_a_bit,
        flip_many_bits,
        flip_a_line_feed,
        zero_a_stretch,
        zero_the_tail,
        lose_a_stretch,
        gain_a_stretch,
    ],
)
def test_damage_costs_the_lines_it_touches_and_is_reported(tmp_path: Path, harm: Harm) -> None:
    lines = lines_of_a_store(tmp_path / "whole")
    content = b"".join(lines)
    folder = tmp_path / "harmed"
    folder.mkdir()
    path = folder / CELLS_NAME
    for seed in range(STORES_A_KIND):
        harmed = harm(content, random.Random(f"{harm.__name__} {seed}"))
        path.write_bytes(harmed)
        whole = [number - 1 for number, line in enumerate(lines) if number and line.rstrip() in harmed]
        if not whole and is_refused(folder):
            continue
        contents = read(folder)
        assert [record["number"] for record in contents.records()] == whole
        at_a_line_end = any(harmed == b"".join(lines[:count]) for count in range(1, len(lines) + 1))
        assert bool(contents.damage) != at_a_line_end, (seed, contents.damage)
        assert all(str(damage) and "\n" not in str(damage) for damage in contents.damage)
        with Store.open(folder) as store:
            assert store.damage == contents.damage
            store.append({"kind": "cell", "number": "after"})
        again = read(folder)
        assert [record["number"] for record in again.records()] == [*whole, "after"]
        assert not any(damage.torn for damage in again.damage)


def test_a_torn_tail_is_cut_off_and_reported_once(tmp_path: Path) -> None:
    with Store.create(tmp_path) as store:
        store.append({"kind": "cell", "number": 0})
    path = tmp_path / CELLS_NAME
    whole = path.read_bytes()
    path.write_bytes(whole + whole[-20:-1])
    with Store.open(tmp_path) as store:
        assert [damage.torn for damage in store.damage] == [True]
        assert store.damage[0].offset == len(whole)
        assert store.damage[0].length_bytes == 19
    assert path.read_bytes() == whole
    assert read(tmp_path).damage == ()


def test_reading_never_changes_a_damaged_store(tmp_path: Path) -> None:
    lines_of_a_store(tmp_path)
    path = tmp_path / CELLS_NAME
    path.write_bytes(path.read_bytes()[:-7])
    before = path.read_bytes()
    read(tmp_path)
    assert path.read_bytes() == before


def test_a_hundred_thousand_heads_in_a_row_are_read_in_time(tmp_path: Path) -> None:
    """Junk that looks like the beginning of records must not make reading quadratic."""
    with Store.create(tmp_path) as store:
        store.append({"kind": "cell", "number": 0})
    with (tmp_path / CELLS_NAME).open("ab") as file:
        file.write(b"00000000 800000 {" * 100_000)
    assert [record["number"] for record in read(tmp_path).records()] == [0]
