"""The compiled pass: that it is on vector registers, and that every kind of table leads to the right sensor."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from llvmlite import binding

from harness.contract import Readings, Sensors
from implementations.kernels import tables
from implementations.kernels.plan import Kind
from implementations.processors.simd import Simd

_LOOPS = {
    "_places_hashed": ("gather", "pmulld", "pmaddwd", "pmulhuw"),
    "settle_and_add": ("punpck", "fmadd", "addpd", "maxps", "movnt"),
    "keep_accepted": ("compress",),
}
"""What each hot loop must hold on a processor with AVX-512, in part of an instruction's name."""

_READ_CODE = """
import json, re
from implementations.kernels import fused
text = "\\n".join(fused.process.inspect_asm().values())
parts = re.split(r"(?m)^(\\w+):\\n", text)
print(json.dumps(dict(zip(parts[1::2], parts[2::2]))))
"""


@pytest.fixture(scope="module")
def machine_code(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Assembly by function, compiled afresh since the cache keeps none: some ten seconds, for all tests together."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path_factory.mktemp("numba"))}
    done = subprocess.run(
        [sys.executable, "-c", _READ_CODE],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    functions: dict[str, str] = json.loads(done.stdout)
    return functions


@pytest.mark.slow
@pytest.mark.parametrize("loop", _LOOPS)
def test_the_hot_loops_are_on_vector_registers(machine_code: dict[str, str], loop: str) -> None:
    features = binding.get_host_cpu_features()
    mangled = f"{len(loop)}{loop}"
    code = "\n".join(text for name, text in machine_code.items() if mangled in name)
    assert code, f"{loop} is not in {list(machine_code)}"
    if features.get("avx512f"):
        assert "zmm" in code
        for instruction in _LOOPS[loop]:
            assert instruction in code
    elif features.get("avx2"):
        assert "ymm" in code
    else:
        assert "xmm" in code or ".4s" in code or ".2d" in code


def _ids(kind: Kind, count: int) -> np.ndarray:
    rng = np.random.default_rng(count)
    if kind is Kind.DIRECT:
        return rng.permutation(np.arange(5, 5 + count, dtype=np.uint32))
    spread = rng.choice(2**31, count, replace=False).astype(np.uint32) * np.uint32(2)
    spread[: min(2, count)] = (0, 2**32 - 2)[: min(2, count)]
    return spread


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 1_000, 20_000])
def test_every_kind_of_table_finds_its_sensors(kind: Kind, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind is Kind.SORTED:
        monkeypatch.setattr(tables, "_SEEDS", ())
    if kind is not Kind.DIRECT:
        monkeypatch.setattr(tables, "DIRECT_IDS_ALWAYS", 0)
    ids = _ids(kind, count)
    if kind is not Kind.DIRECT and count == 1:
        pytest.skip("one id is always dense")
    gain = np.arange(count, dtype=np.float32)
    sensors = Sensors(ids, gain, np.full(count, 0.5, np.float32))
    assert tables.table_for(sensors).kind is kind
    simd = Simd()
    simd.start(sensors, retain=10)
    unknown = np.setdiff1d(np.array([1, 3, 2**32 - 1, 4_000_000_001], np.uint32), ids)
    asked = np.concatenate((ids, unknown))
    values = simd.process(Readings(asked, np.zeros(len(asked), np.int64), np.ones(len(asked), np.float32))).copy()
    assert np.array_equal(values[:count], gain + np.float32(0.5))
    assert np.isnan(values[count:]).all()
    closed = simd.close_window()
    assert closed.unmatched == len(unknown)
    assert (closed.count == 1).all()
    assert np.array_equal(closed.last, gain + np.float32(0.5))


@pytest.mark.parametrize("seed", range(4))
def test_ids_that_follow_a_rule_are_hashed_as_well(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = np.arange(20_000, dtype=np.uint64)
    stride, low_bits = int(rng.integers(3, 2**17)), int(rng.integers(1, 17))
    families = {
        "a progression": steps * np.uint64(stride),
        "the same low bits": steps << np.uint64(low_bits),
        "sites and numbers": (steps // np.uint64(32) << np.uint64(20))
        + steps % np.uint64(32) * np.uint64(stride % 999),
        "upper bits alone": (steps % np.uint64(4096) << np.uint64(20)) + np.uint64(77),
        "bits reversed": np.array([int(f"{step:032b}"[::-1], 2) for step in range(20_000)], np.uint64),
        "bits of float32": np.linspace(0.1, 10.0 * (seed + 1), 20_000, dtype=np.float32).view(np.uint32),
    }
    for name, wide in families.items():
        ids = np.unique((wide & np.uint64(2**32 - 1)).astype(np.uint32))
        table = tables.table_for(Sensors(ids, np.ones(len(ids), np.float32), np.zeros(len(ids), np.float32)))
        assert table.kind is not Kind.SORTED, name
        assert len(np.unique(table.places)) == len(ids), name
        assert table.places.max() < table.span, name


def test_an_empty_table_matches_nothing_not_even_id_0() -> None:
    simd = Simd()
    simd.start(Sensors.empty(), retain=3)
    values = simd.process(Readings(np.zeros(17, np.uint32), np.zeros(17, np.int64), np.ones(17, np.float32)))
    assert np.isnan(values).all()
    assert simd.close_window().unmatched == 17


def test_it_names_its_registers() -> None:
    simd = Simd()
    simd.start(Sensors.empty(), retain=0)
    assert "bits" in str(simd.facts()["widest_registers"])
