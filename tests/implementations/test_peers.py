"""The peers do the job exactly, on every path that they choose between."""

import gc
import importlib
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from awkward_streams import Case, cases
from hypothesis import given, settings
from plain_reference import PlainReference
from test_parts import awkward_case, follow

from harness.contract import Processor, Readings, Sensors
from harness.errors import ContractError
from implementations.processors.duckdb_sql import DuckdbSql
from implementations.processors.pandas_merge import PandasMerge
from implementations.processors.polars_join import PolarsJoin
from implementations.processors.pyarrow_compute import PyarrowCompute

PEERS: dict[str, type[Processor]] = {
    "pandas": PandasMerge,
    "polars": PolarsJoin,
    "duckdb": DuckdbSql,
    "pyarrow": PyarrowCompute,
}
PATHS: dict[str, Callable[[], Processor]] = {
    "pandas": PandasMerge,
    "pandas, few wait": lambda: PandasMerge(most_waiting=3),
    "polars": PolarsJoin,
    "polars joins": lambda: PolarsJoin(search_ratio=10_000),
    "polars searches": lambda: PolarsJoin(most_waiting=3, search_ratio=0.001),
    "polars streams": lambda: PolarsJoin(search_ratio=10_000, streaming_from=1),
    "polars groups in memory": lambda: PolarsJoin(streaming_groups=1),
    "duckdb": DuckdbSql,
    "duckdb optimizes": lambda: DuckdbSql(optimizer_from=1),
    "duckdb, few wait": lambda: DuckdbSql(most_waiting=3),
    "pyarrow": PyarrowCompute,
    "pyarrow hashes": lambda: PyarrowCompute(most_waiting=3, search_ratio=10_000),
    "pyarrow searches": lambda: PyarrowCompute(search_ratio=0.001),
}


@pytest.mark.parametrize("make", PATHS.values(), ids=list(PATHS))
@settings(max_examples=20, deadline=None)
@given(case=cases())
def test_awkward_streams_are_answered_exactly(make: Callable[[], Processor], case: Case) -> None:
    processor = make()
    follow(processor, case)
    processor.stop()


@pytest.mark.filterwarnings("ignore:Constructing a Categorical")
@pytest.mark.parametrize("library", ["pandas", "polars", "duckdb", "arrow"])
def test_every_way_on_the_page_is_exact(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever docs/peers.md compares with a peer does the same job; compiling for one of them takes too long."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "docs" / "peers"))
    for way in importlib.import_module(f"{library}_ways").WAYS:
        if "numba" not in way.text and way.remark != "values lag":
            processor = way.make()
            follow(processor, awkward_case())
            processor.stop()


@pytest.mark.parametrize("make", PATHS.values(), ids=list(PATHS))
def test_a_second_start_begins_afresh(make: Callable[[], Processor]) -> None:
    processor = make()
    follow(processor, awkward_case())
    follow(processor, awkward_case())
    processor.stop()
    follow(processor, awkward_case())
    processor.stop()


@pytest.mark.parametrize("make", PATHS.values(), ids=list(PATHS))
def test_a_longer_stream_in_batches_of_every_length_is_answered_exactly(make: Callable[[], Processor]) -> None:
    """Lengths rise and fall; the caller's buffers are overwritten after each call; ids are unknown now and then."""
    generator = np.random.default_rng(3)
    ids = np.unique(generator.integers(0, 2**32, 300, dtype=np.uint32))
    generator.shuffle(ids)
    gain, offset = generator.normal(size=(2, len(ids))).astype(np.float32)
    sensors = Sensors(ids, gain, offset)
    processor, reference = make(), PlainReference(sensors, retain=1_500)
    processor.start(sensors, 1_500)
    for number, length in enumerate([700, 1, 2_048, 650, 3, 701, 1_023, 4_000, 0, 511, 2]):
        sensor_id = generator.choice(ids, length)
        sensor_id[generator.random(length) < 0.1 * (number % 3)] += 1
        times = generator.integers(-(2**62), 2**62, length)
        values = generator.normal(size=length).astype(np.float32)
        values[generator.random(length) < 0.1 * (number % 2)] = np.nan
        kept = Readings(sensor_id.copy(), times.copy(), values.copy())
        reference.follow(kept, processor.process(Readings(sensor_id, times, values)))
        sensor_id[:], times[:], values[:] = ids[0], -1, 1e9
        if number % 4 == 3:
            reference.check_window(processor.close_window())
            reference.check_history(processor.history())
    reference.check_window(processor.close_window())
    reference.check_history(processor.history())
    processor.stop()


@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("name", PEERS)
def test_many_groups_keep_their_order(name: str, threads: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many that libraries partition them: `last` is the last in arrival order all the same, `sum` is float64."""
    monkeypatch.setenv("SENSORBENCH_THREADS", threads)
    generator = np.random.default_rng(4)
    count, readings = 60_000, 400_000
    ids = np.arange(count, dtype=np.uint32) * np.uint32(71_582)
    sensors = Sensors(ids, np.full(count, 0.1, np.float32), np.full(count, 1e6, np.float32))
    row = generator.integers(0, count, readings)
    values = generator.random(readings, dtype=np.float32)
    processor = PEERS[name]()
    processor.start(sensors, 10)
    batches = Readings(ids[row], np.arange(readings), values).batches(99_000)
    calibrated = np.concatenate([processor.process(batch).copy() for batch in batches])
    got = processor.close_window()
    processor.stop()

    last, total = np.full(count, np.nan, np.float32), np.zeros(count)
    last[row] = calibrated
    np.add.at(total, row, calibrated.astype(np.float64))
    assert np.array_equal(got.last, last, equal_nan=True)
    assert np.array_equal(got.count, np.bincount(row, minlength=count))
    np.testing.assert_allclose(got.sum, total, rtol=1e-14)


@pytest.mark.parametrize("name", PEERS)
def test_stop_releases_everything(name: str) -> None:
    processor = PEERS[name]()
    processor.start(awkward_case().sensors, 1_000)
    processor.process(awkward_case().readings)
    made = {key: value for key, value in vars(processor).items() if key not in untouched(name)}
    table, connection = made.pop("_sensors"), made.pop("_connection", None)
    arrays = [item for value in made.values() for item in nested(value) if isinstance(item, np.ndarray)]
    held = [weakref.ref(array) for array in (table.id, table.gain, table.offset, *arrays)]
    assert len(held) >= 3 + 8
    del made, table, arrays
    processor.stop()
    assert set(vars(processor)) - untouched(name) <= {"_pandas", "_polars", "_arrow", "_compute"}
    if connection is not None:
        with pytest.raises(Exception, match="closed"):
            connection.execute("SELECT 1")
        del connection
    gc.collect()
    assert [reference() for reference in held if reference() is not None] == []


def untouched(name: str) -> set[str]:
    """The attributes that a processor has before it is started."""
    return set(vars(PEERS[name]()))


def nested(value: object) -> Iterator[object]:
    """`value`, what it holds and what that holds."""
    yield value
    for item in value.values() if isinstance(value, dict) else getattr(value, "__dict__", {}).values():
        yield from nested(item) if type(item).__module__.startswith(("implementations", "numpy")) else ()


@pytest.mark.parametrize("name", PEERS)
def test_use_before_start_is_refused(name: str) -> None:
    for processor in (PEERS[name](), stopped(PEERS[name]())):
        for method in (lambda p=processor: p.process(Readings.empty()), processor.close_window, processor.history):
            with pytest.raises(ContractError, match="before start"):
                method()


def stopped(processor: Processor) -> Processor:
    processor.start(Sensors.empty(), 0)
    processor.stop()
    processor.stop()
    return processor


def test_classes_are_imported_without_their_libraries() -> None:
    code = (
        "import sys\n"
        "from implementations.processors import duckdb_sql, pandas_merge, polars_join, pyarrow_compute\n"
        "sys.exit(', '.join({'pandas', 'polars', 'duckdb', 'pyarrow', 'numba'} & set(sys.modules)) or 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True).stderr == ""


@pytest.mark.parametrize("threads", ["1", "2"])
def test_polars_takes_no_more_threads_than_allowed(threads: str) -> None:
    code = (
        "from harness.contract import Sensors\n"
        "from implementations.processors.polars_join import PolarsJoin\n"
        "processor = PolarsJoin()\n"
        "processor.start(Sensors.empty(), 0)\n"
        "print(processor.facts()['polars_threads'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env={"SENSORBENCH_THREADS": threads}
    )
    assert done.stdout.strip() == threads


@pytest.mark.parametrize("name", PEERS)
def test_a_missing_library_is_named_with_its_remedy(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert PEERS[name].unavailable() is None
    monkeypatch.setattr(
        "implementations.parts.requirement.find_spec",
        lambda package: None if package == name else find_spec(package),
    )
    assert PEERS[name].unavailable() == f"the package {name} is not installed; run: pip install {name}"
