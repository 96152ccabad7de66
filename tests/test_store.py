"""The store: what goes in comes out, one writer at a time, and every fault is one plain line."""

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import CutOffError, StoreError
from harness.store import CELLS_NAME, Store, decode, encode, read, read_json, write_json, write_whole

CELL = {"kind": "cell", "implementation": "simd", "per_s": 1.5}


def one_line(error: pytest.ExceptionInfo[StoreError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    assert len(text) < 400
    return text


def test_appended_records_are_read_back_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "results" / "run"
    with Store.create(folder) as store:
        store.append(CELL)
        store.append({"kind": "plan", "cells": 3})
        assert [record["kind"] for record in store.records()] == ["cell", "plan"]
    contents = read(folder)
    assert contents.damage == ()
    assert list(contents.records()) == [CELL, {"kind": "plan", "cells": 3}]
    assert list(contents.records("cell")) == [CELL]


def test_a_store_is_continued_where_it_ended(tmp_path: Path) -> None:
    with Store.create(tmp_path) as store:
        store.append(CELL)
    with Store.open(tmp_path) as store:
        store.append({"kind": "cell", "implementation": "naive"})
    assert len(list(read(tmp_path).records("cell"))) == 2


def test_latest_keeps_the_last_record_of_a_key_in_the_order_of_first_appearance(tmp_path: Path) -> None:
    with Store.create(tmp_path) as store:
        for name, figure in (("a", 1), ("b", 2), ("a", 3)):
            store.append({"kind": "cell", "name": name, "figure": figure})
        found = store.latest("cell", lambda record: record["name"])
    assert [(key, record["figure"]) for key, record in found.items()] == [("a", 3), ("b", 2)]


def test_what_a_store_holds_is_what_was_written_not_what_the_caller_changed_later(tmp_path: Path) -> None:
    inner = [1, 2]
    with Store.create(tmp_path) as store:
        store.append({"kind": "cell", "inner": inner})
        inner.append(3)
        assert next(store.records())["inner"] == [1, 2]


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Figure:
    value: float
    names: tuple[str, ...]


def test_numpy_dataclasses_enumerations_and_paths_become_json() -> None:
    given = {
        "single": np.float32(0.1),
        "count": np.int64(2**62),
        "flag": np.bool_(True),
        "array": np.arange(3, dtype=np.uint8),
        "scalar array": np.array(2.5),
        "figure": Figure(float("inf"), ("a", "b")),
        "colour": Colour.RED,
        "path": Path("a/b"),
        "missing": [float("nan"), np.float64("-inf")],
        Colour.RED: "as key",
    }
    assert decode(encode(given)) == {
        "single": float(np.float32(0.1)),
        "count": 2**62,
        "flag": True,
        "array": [0, 1, 2],
        "scalar array": 2.5,
        "figure": {"value": None, "names": ["a", "b"]},
        "colour": "red",
        "path": "a/b",
        "missing": [None, None],
        "red": "as key",
    }


@pytest.mark.parametrize(
    "value", [{1: "a"}, {"a": b"bytes"}, {"a": {1, 2}}, {"a": 1j}, {"a": np.datetime64("2024-01-01")}]
)
def test_what_json_lacks_is_refused_with_its_place(value: object) -> None:
    with pytest.raises(StoreError, match="value") as error:
        encode(value)
    one_line(error)


def test_endless_nesting_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(StoreError) as error:
        encode(endless)
    one_line(error)


@pytest.mark.parametrize("record", [{}, {"kind": 1}, {"kind": "sensorbench store"}])
def test_a_record_without_a_kind_of_its_own_is_refused(tmp_path: Path, record: dict[str, object]) -> None:
    with Store.create(tmp_path) as store, pytest.raises(StoreError, match="kind") as error:
        store.append(record)
    one_line(error)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=40, deadline=None)
@given(records=st.lists(st.dictionaries(st.text(), JSON, max_size=5), max_size=4))
def test_any_json_comes_back_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, object]]
) -> None:
    given = [{**record, "kind": "cell"} for record in records]
    folder = tmp_path_factory.mktemp("round-trip")
    with Store.create(folder) as store:
        for record in given:
            store.append(record)
    found = list(read(folder).records())
    assert found == given
    assert repr(found) == repr(given)  # -0.0 too


def test_a_second_writer_is_told_who_holds_the_store_until_its_end(tmp_path: Path) -> None:
    opening = "import sys, pathlib, harness.store as s; s.Store.open(pathlib.Path(sys.argv[1]))"
    command = [sys.executable, "-c", f"{opening}; print('open', flush=True); input()", str(tmp_path)]
    Store.create(tmp_path).close()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(StoreError, match=f"process {holder.pid}") as error:
            Store.open(tmp_path)
        one_line(error)
        assert list(read(tmp_path).records()) == []  # reading needs no lock
        holder.kill()
    Store.open(tmp_path).close()


def test_a_folder_with_a_run_is_not_begun_afresh(tmp_path: Path) -> None:
    with Store.create(tmp_path) as store:
        store.append(CELL)
    with pytest.raises(StoreError, match="holds a run already") as error:
        Store.create(tmp_path)
    one_line(error)
    assert list(read(tmp_path).records()) == [CELL]


def test_a_folder_without_a_run_is_named_and_left_alone(tmp_path: Path) -> None:
    for action in (Store.open, read):
        with pytest.raises(StoreError, match="holds no run") as error:
            action(tmp_path)
        one_line(error)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for folder in (file, file / "below"):
        for action in (Store.create, Store.open, read):
            with pytest.raises(StoreError) as error:
                action(folder)
            one_line(error)
    assert file.read_text() == "mine"


def test_a_foreign_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / CELLS_NAME).write_bytes(b'{"kind": "cell"}\nno newline')
    for action in (Store.open, read):
        with pytest.raises(StoreError, match="no intact record") as error:
            action(tmp_path)
        one_line(error)
    assert (tmp_path / CELLS_NAME).read_bytes() == b'{"kind": "cell"}\nno newline'


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    from harness.store.lines import line_of

    (tmp_path / CELLS_NAME).write_bytes(line_of({"kind": "sensorbench store", "version": 99}))
    with pytest.raises(StoreError, match="version 99") as error:
        read(tmp_path)
    one_line(error)


def test_a_store_that_is_removed_under_the_run_is_noticed(tmp_path: Path) -> None:
    with Store.create(tmp_path) as store:
        (tmp_path / CELLS_NAME).unlink()
        with pytest.raises(StoreError, match="removed") as error:
            store.append(CELL)
        one_line(error)


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = Store.create(tmp_path)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.append(CELL)


def append_until_refused(store: Store, text_bytes: int) -> tuple[int, str]:
    """How many records went in before one did not, and what was said of it."""
    for number in range(1_000):
        try:
            store.append({"kind": "cell", "number": number, "text": "x" * text_bytes})
        except StoreError as error:
            return number, str(error)
    pytest.fail("every record went in")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here (needs root); the file size limit below stands in for it")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_costs_the_record_being_written_and_nothing_else(small_disk: Path) -> None:
    folder = small_disk / "run"
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * 40_000)
    with Store.create(folder) as store:
        written, why = append_until_refused(store, 1_500)
        assert os.strerror(errno.ENOSPC) in why
        assert "\n" not in why
        assert [record["number"] for record in read(folder).records()] == list(range(written))
        assert read(folder).damage == ()
        with pytest.raises(StoreError):
            write_whole(folder / "run.json", "x" * 60_000)
        filler.unlink()
        store.append({"kind": "cell", "number": written, "text": "x" * 1_500})
    with Store.open(folder) as store:
        assert store.damage == ()
        assert [record["number"] for record in store.records()] == list(range(written + 1))
    assert {path.name for path in folder.iterdir()} == {CELLS_NAME, ".lock"}


def test_no_store_is_begun_on_a_full_disk(small_disk: Path) -> None:
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        (small_disk / "filler").write_bytes(b"x" * 100_000)
    with pytest.raises(StoreError) as error:
        Store.create(small_disk / "run")
    one_line(error)
    (small_disk / "filler").unlink()
    Store.create(small_disk / "run").close()


def test_a_limit_on_the_size_of_files_is_a_full_disk_too(tmp_path: Path) -> None:
    """The write that crosses the limit is cut short by the kernel, which is a torn record that is taken back."""
    limit_bytes = 10_000
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Store.create(tmp_path) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, before[1]))
        try:
            written, why = append_until_refused(store, 300)
            with pytest.raises(StoreError):
                write_whole(tmp_path / "run.json", "x" * 20_000)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert os.strerror(errno.EFBIG) in why
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, before[1]))
        try:
            with pytest.raises(CutOffError) as refused:
                store.append({"kind": "cell", "text": "x" * limit_bytes})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert refused.value.exit_code == 1, "the run was cut off, and goes on from here; nothing was asked wrongly"
        assert "\n" not in why
        store.append({"kind": "cell", "number": written})
    contents = read(tmp_path)
    assert contents.damage == ()
    assert [record["number"] for record in contents.records()] == list(range(written + 1))


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder with a store in which nothing can be written, whoever runs this."""
    place = tmp_path / "fixed"
    place.mkdir()
    if os.geteuid() == 0:
        if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(place)], capture_output=True).returncode:
            pytest.skip("root may write everywhere, and no file system can be mounted here")
        with Store.create(place) as store:
            store.append(CELL)
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        yield place
        subprocess.run(["umount", str(place)], check=True)
    else:
        with Store.create(place) as store:
            store.append(CELL)
        place.chmod(0o555)
        (place / ".lock").chmod(0o444)
        yield place
        place.chmod(0o755)


def test_a_read_only_folder_is_read_and_not_written(read_only: Path) -> None:
    assert list(read(read_only).records()) == [CELL]
    for action in (lambda: Store.open(read_only), lambda: write_whole(read_only / "run.json", "{}")):
        with pytest.raises(StoreError) as error:
            action()
        one_line(error)
    with pytest.raises(StoreError) as error:
        Store.create(read_only / "new")
    one_line(error)


def test_a_small_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write_json(path, {"schema": 1, "low": 0.1})
    write_json(path, {"schema": 2, "low": 0.1})
    assert read_json(path) == {"schema": 2, "low": 0.1}
    assert [item.name for item in tmp_path.iterdir()] == ["run.json"]


def test_what_a_killed_writer_of_a_small_file_left_is_swept_by_a_later_one(tmp_path: Path) -> None:
    old, new, foreign = (tmp_path / name for name in (".run.json.1.partial", ".run.json.2.partial", ".other.1.partial"))
    for path in (old, new, foreign):
        path.write_text("half")
    for path in (old, foreign):
        os.utime(path, (0, 0))
    write_json(tmp_path / "run.json", 1)
    assert {path.name for path in tmp_path.iterdir()} == {"run.json", new.name, foreign.name}


@pytest.mark.parametrize("content", [b"", b"{", b"NaN", b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_small_file_is_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"run\.json") as error:
        read_json(path)
    one_line(error)


def test_a_missing_small_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"run\.json") as error:
        read_json(tmp_path / "run.json")
    one_line(error)
