"""Writers that are killed at random moments, and writers that compete: no finished record is lost.

``SENSORBENCH_TRUST_ROUNDS`` sets how many writers are killed.
"""

import os
import random
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from harness.store import CELLS_NAME, Store, read, read_json, write_json

ROUNDS = int(os.environ.get("SENSORBENCH_TRUST_ROUNDS", "25"))
ROUNDS_A_STORE = 4

_APPENDING = """
import pathlib, sys
from harness.store import Store
folder, writer, big_bytes = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
store = Store.open(folder)
number = 0
while True:
    print("begin", number, flush=True)
    store.append({"kind": "cell", "writer": writer, "number": number, "text": "x" * (big_bytes if number % 2 else 100)})
    print("end", number, flush=True)
    number += 1
"""

_REPLACING = """
import pathlib, sys
from harness.store import write_json
path, number = pathlib.Path(sys.argv[1]), 0
while True:
    number += 1
    write_json(path, {"number": number, "filling": [number] * 20_000})
    print("end", number, flush=True)
"""

_COMPETING = """
import pathlib, sys, time
from harness.errors import StoreError
from harness.store import Store
folder, writer, wanted = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
refused = 0
while wanted:
    try:
        with Store.open(folder) as store:
            wanted -= 1
            store.append({"kind": "cell", "writer": writer, "left": wanted})
            time.sleep(0.001)  # so that the others meet a locked store
    except StoreError as error:
        assert "is writing here" in str(error), error
        refused += 1
        time.sleep(0.001)
print(refused)
"""


def run_and_kill(code: str, arguments: list[str], wait: Callable[[], None]) -> list[str]:
    """Start a writer, kill it `wait` after its first word, and return the words it got out."""
    with subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert select.select([writer.stdout], [], [], 60)[0]
        wait()
        writer.kill()
        said = writer.stdout.read().decode().splitlines(keepends=True)
    return [line.strip() for line in said if line.endswith("\n")]


def any_moment(rng: random.Random) -> Callable[[], None]:
    """A wait of up to 60 ms."""
    return lambda: time.sleep(rng.uniform(0, 0.06))


def middle_of_a_write(path: Path, at_least_bytes: int) -> Callable[[], None]:
    """A wait until `path` has grown, within one long write."""
    longer = path.stat().st_size + at_least_bytes

    def wait() -> None:
        deadline = time.monotonic() + 60
        while path.stat().st_size < longer and time.monotonic() < deadline:
            pass

    return wait


def test_a_writer_that_is_killed_loses_no_finished_record(tmp_path: Path) -> None:
    rng = random.Random(20)
    torn = finished = 0
    for turn in range(ROUNDS):
        folder = tmp_path / str(turn // ROUNDS_A_STORE)
        if turn % ROUNDS_A_STORE == 0:
            Store.create(folder).close()
            earlier: list[tuple[int, int]] = []
        if turn % 2:
            wait, big_bytes = middle_of_a_write(folder / CELLS_NAME, rng.randrange(10_000, 3_000_000)), 4_000_000
        else:
            wait, big_bytes = any_moment(rng), rng.choice([1_000, 200_000])
        said = run_and_kill(_APPENDING, [str(folder), str(turn), str(big_bytes)], wait)
        ended = sum(line.startswith("end") for line in said)
        finished += ended
        with Store.open(folder) as store:
            torn += len(store.damage)
            assert all(damage.torn for damage in store.damage)
            found = [(record["writer"], record["number"]) for record in store.records()]
        mine = [(turn, number) for number in range(len(found) - len(earlier))]
        assert found == earlier + mine
        assert ended <= len(mine) <= ended + 1  # the one that was being written may have come through
        earlier = found
    assert finished
    assert torn, "no writer was killed in the middle of a write, so that half of it was not tested"
    print(f"{ROUNDS} writers killed: {finished} records finished, none lost; {torn} cut off while being written")


def test_a_small_file_survives_the_kill_of_its_writer(tmp_path: Path) -> None:
    rng = random.Random(21)
    path = tmp_path / "run.json"
    write_json(path, {"number": 0, "filling": []})
    for _ in range(max(5, ROUNDS // 5)):
        said = run_and_kill(_REPLACING, [str(path)], any_moment(rng))
        found = read_json(path)
        ended = int(said[-1].split()[1]) if said else 0
        assert ended <= found["number"] <= ended + 1 or not ended
        assert found["filling"] == [found["number"]] * len(found["filling"])


def test_competing_writers_lose_nothing(tmp_path: Path) -> None:
    wanted = 40
    Store.create(tmp_path).close()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _COMPETING, str(tmp_path), str(number), str(wanted)], stdout=subprocess.PIPE
        )
        for number in range(3)
    ]
    refused = [int(writer.communicate(timeout=120)[0]) for writer in writers]
    assert sum(refused), "the writers never met, so that nothing was tested"
    contents = read(tmp_path)
    assert contents.damage == ()
    for number in range(3):
        left = [record["left"] for record in contents.records() if record["writer"] == number]
        assert left == list(range(wanted - 1, -1, -1))
