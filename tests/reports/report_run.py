"""A run that has everything a report must cope with, made of plain cells: the reports' fixed input."""

import math
from pathlib import Path

from load_records import BACKLOG, LOADS, STALLS, STEPS, repetition
from report_channels import RECORDS as CHANNELS

from harness.results import (
    Capacity,
    Cell,
    CheckResult,
    Failure,
    Interval,
    Latency,
    Level,
    Memory,
    Proof,
    Service,
    SetUp,
    SpeedUp,
    Status,
    Throughput,
    to_builtins,
)
from harness.store import Store, write_json

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror="document.title=1">'
MARKUP = "a|b*c_d_`e`$f$ [x](javascript:alert(1)) &amp; ~~g~~ 센서"
CHECKS = (
    "calibrated_values", "statistics_exact", "sums_within_bound", "history_exact", "input_untouched",
    "whole_outputs", "independent_of_batching", "same_under_other_hash_seed", "empty_batch", "retain_zero",
)  # fmt: skip

RECORDS: tuple[dict[str, object], ...] = (
    {"kind": "sentinel", "name": "identical code", "expected": "not told apart", "verdict": "inconclusive",
     "passed": True, "ratio": {"median": 1.001, "low": 0.994, "high": 1.008}, "pairs": 8, "detectable": 0.013},
    {"kind": "sentinel", "name": "5% slower", "expected": "not the same, not faster", "verdict": "slower",
     "passed": True, "ratio": {"median": 0.951, "low": 0.944, "high": 0.958}, "pairs": 8, "detectable": 0.012},
    {"kind": "copy_bandwidth", "footprint_bytes": 1 << 20, "threads": 1, "bytes_per_s": 97.4e9, "kernel": "memcpy"},
    {"kind": "copy_bandwidth", "footprint_bytes": 1 << 29, "threads": 1, "bytes_per_s": 28.7e9, "kernel": "loop"},
    {"kind": "of a later version", "anything": [1, 2]},
    {"kind": "retention", "workload": "steady", "digest": "77d0", "fixed": {"sensors": 1_000, "batch": 10_000},
     "curves": [
         {"implementation": "ring_buffer", "approach": "memory pool", "checks": 41,
          "points": [{"retain": retain, "peak_bytes": 16 * retain + 400_000, "runtime_bytes": 130_000_000,
                      "retained_bytes": 16 * retain + 300_000, "history_bytes": 16 * retain, "children_bytes": 0,
                      "mapped_bytes": 0, "anonymous_bytes": 16 * retain + 390_000, "facts": {"longest_probe": 9}}
                     for retain in (100_000, 1_000_000, 10_000_000)],
          "left_out": [], "fit": {"bytes_per_reading": {"median": 16.0, "low": 15.98, "high": 16.02},
                                  "fixed_bytes": 400_000.0}},
         {"implementation": IMAGE, "approach": "yours", "checks": 0, "points": [],
          "left_out": [{"retain": 100_000, "reason": f"wrong: {SCRIPT}"}], "fit": None},
     ]},
    {"kind": "allocating", "buffers": 10_000, "values": 1_000, "processes": 6, "ways": [
        {"way": "fresh", "pattern": "singly", "ns": [410.0, 402.0, 420.0], "speed_up": None},
        {"way": "pool", "pattern": "singly", "ns": [21.0, 22.0, 20.5],
         "speed_up": {"median": 19.6, "low": 18.9, "high": 20.4}},
        {"way": "pool, cleared", "pattern": "singly", "ns": [390.0, 380.0, 385.0],
         "speed_up": {"median": 1.06, "low": 1.02, "high": 1.11}},
    ]},
    {"kind": "profile", "implementation": MARKUP, "workload": "steady", "size": "small", "batches": 200,
     "allocations": 5_321, "allocated_bytes": 1_000_000, "large": 40, "own_large": 12, "own_small": 2_400,
     "lines": [{"file": "ring.py", "line": 40, "function": SCRIPT, "allocations": 12, "bytes": 96_000}],
     "flame_graph": "javascript:alert(1)/flame graph.html"},
)  # fmt: skip

_APPROACH = {
    "naive": "before", "hash_indexed": "algorithm and data structures", "ring_buffer": "memory pool",
    "sorted_indexed": "algorithm and data structures", "simd": "SIMD and GPU", "pandas_merge": "peer",
    "polars_join": "peer", "duckdb_sql": "peer", "cached": "caching and batching", "phased": "integrated",
}  # fmt: skip
_SPEED = {
    "naive": 51_300.0, "hash_indexed": 2_140_000.0, "ring_buffer": 1_980_000.0, "sorted_indexed": 8_460_000.0,
    "simd": 118_500_000.0, "pandas_merge": 9_310_000.0, "polars_join": 7_020_000.0, "duckdb_sql": 1_310_000.0,
    "cached": 262_000.0, "phased": 117_900_000.0,
}  # fmt: skip
_PEAK = {
    "naive": 48_200_000, "hash_indexed": 9_100_000, "ring_buffer": 2_400_000, "sorted_indexed": 3_900_000,
    "simd": 2_100_000, "pandas_merge": 31_000_000, "polars_join": 58_000_000, "duckdb_sql": 120_500_000,
    "cached": 50_100_000, "phased": 2_300_000,
}  # fmt: skip


def proof(worst: float = 0.5, failures: tuple[Failure, ...] = ()) -> Proof:
    """A proof by all checks, the first of which has `failures`."""
    checks = tuple(CheckResult(name, failures if index == 0 else ()) for index, name in enumerate(CHECKS))
    return Proof(checks, 200_000, 1.83, worst, 1.5, worst / 1.5, 6)


def good(name: str, workload: str, factor: float = 1.0, level: Level = Level.DEFAULT, size: str = "small") -> Cell:
    """A verified cell with everything that a run measures."""
    speed = _SPEED[name] * factor
    ratio = speed / (_SPEED["naive"] * factor)
    wide = 1.02 if level is not Level.QUICK else 1.09
    versus = None
    if name != "naive":
        verdict = None if level is Level.QUICK else "faster"
        effects = tuple(-math.log(ratio * (1 + 0.004 * step)) for step in (-2, -1, 0, 0, 1, 2))
        interval = Interval(ratio, ratio / wide, ratio * wide)
        detectable = None if level is Level.QUICK else 0.0123
        versus = SpeedUp(interval, "naive", effects, 0.9986, verdict, detectable, level)
    per_s = Interval(speed, speed / wide, speed * wide)
    samples = Throughput(
        per_s, 24, 6, 200_000, 10, 1.04, 5, True, True, (), 0.012, speed * 36 / 26.4e9, 5_242_880, "L2"
    )
    call_s = 10_000 / speed
    return Cell(
        name, workload, size, size, "3f2a9c01bb77e1d2" if workload == "telemetry" else "77d0e4ab12c955f0", 1, Status.OK,
        None, proof(), SetUp(0.012, 0.31 if name in {"simd", "phased"} else 0.0131), samples, versus,
        Service(10_000, 240, call_s, call_s * 1.35, call_s * 4.1),
        Memory(62_914_560, _PEAK[name], 1_600_000, 1_640_000, 0.0 if name in {"simd", "phased"} else 12.5,
               {"children_bytes": 0, "mapped_bytes": 3_200_000 if name == "simd" else 0, "history_full": True,
                "gc_pauses": {"count": 298, "longest_s": 0.0155, "total_s": 0.0498},
                "steady_gc_pauses": {"count": 0 if name == "ring_buffer" else 31, "longest_s": 0.0121,
                                     "total_s": 0.0183, "readings": 200_000},
                "allocations": {"batches": 100, "own_small": 1_200},
                "over_time": {"seconds": [0.1, 0.2, 0.3], "resident_bytes": [62_914_560, 63_000_000, 65_000_000]}}),
        approach=_APPROACH[name], is_real=workload == "telemetry",
        notes=("content repeats: a recording, each pass begins at another batch",) if workload == "telemetry" else (),
        facts={"widest_registers": "zmm (512 bits)", "vector_share": 0.83} if name == "simd" else {},
        counters={"per_reading": {"instructions": 14.25, "page_faults": 0.0}, "missing": {"cycles": "not offered here"},
                  "whole": True} if name == "simd" else {},
        parameters={"block_size": 512, "padded": True} if name == "simd" else {},
        counts={"readings": 200_000, "sensors": 1_000, "batch": 10_000, "retain": 100_000, "workers": 12},
        account_s={"verification": 1.83, "processes": 0.92, "warm-up": 6.2, "samples": 3.1, "memory": 1.4},
    )  # fmt: skip


def bad(name: str, workload: str, status: Status, reason: str | None, failures: tuple[Failure, ...] = ()) -> Cell:
    """A cell without a figure."""
    found = proof(4.0, failures) if failures else None
    return Cell(
        name, workload, "small", "small", None, 1, status, reason, found, approach="yours",
        is_real=workload == "telemetry", account_s={"verification": 0.7},
    )  # fmt: skip


def cells() -> tuple[Cell, ...]:
    """Every status, hostile names, ties, sizes out of reach, inconclusive and doubtful figures."""
    from dataclasses import replace

    moved = Failure("calibrated_values", IMAGE, "telemetry", 3, 30_017, "21.400001", "21.400009", "1.9e-06 (1 ULP)")
    doubtful = good("sorted_indexed", "steady")
    assert doubtful.speed_up
    assert doubtful.throughput
    versus = replace(doubtful.speed_up, ratio=Interval(1.004, 0.991, 1.017), verdict="inconclusive", detectable=0.021)
    doubtful = replace(
        doubtful, speed_up=versus, throughput=replace(doubtful.throughput, steady=False, history_full=False)
    )
    fast = good("phased", "steady", 1.9)
    assert fast.throughput
    fast = replace(fast, throughput=replace(fast.throughput, roofline_share=1.31))
    lying = replace(good("cached", "steady"), proof=proof(9.0, (moved,)), status=Status.OK)
    late = replace(
        good("simd", "steady", 1.2),
        latency=Latency(
            1e6, 0.00021, 0.00082, 0.0021, 0.0107, kept_up=True,
            details={
                "repetitions": [repetition(p99_s) for p99_s in (0.00079, 0.00082, 0.00091)],
                "lines": {"tail_share": [1.0, 0.5, 0.01, 1e-6], "tail_s": [2e-6, 0.00021, 0.00082, 0.0107], **BACKLOG},
                "slip_p999_s": 0.000031, "stalls": STALLS, "invalid": None, "interval_s": None,
            },
        ),
        capacity=Capacity(61_000_000.0, 99.0, 0.1, STEPS),
    )  # fmt: skip
    behind = replace(
        good("naive", "steady"),
        latency=Latency(1e6, 1.9, 4.6, 4.7, 4.8, kept_up=False, details={"lines": {
            "tail_share": [1.0, 0.5, 0.01, 1e-6], "tail_s": [0.011, 1.9, 4.6, 4.8],
            "sample_s": [1.0, 2.0, 3.0], "backlog": [950_000, 1_900_000, 2_850_000]}}),
        capacity=Capacity(None, 99.0, 0.1, {"failed_per_s": 400.0, "limit": "140 ms is above p99 within 100 ms"}),
    )  # fmt: skip
    slow = replace(
        good("naive", "steady", size="small"),
        requested_size="medium",
        notes=("measured at small, not extrapolated (medium: would take about 28 min; 1 min 30 s are allowed a cell)",),
    )
    medium = replace(good("simd", "steady", 1.1), size="medium", requested_size="medium", workload_digest="aa11")
    return (
        *(good(name, "telemetry") for name in _SPEED),
        bad(SCRIPT, "telemetry", Status.WRONG, None, (moved,)),
        bad(IMAGE, "telemetry", Status.CRASHED, f"died of SIGSEGV while proving {MARKUP}"),
        bad("sleeper", "telemetry", Status.TIMED_OUT, "did not answer 'process' within 90 s"),
        bad("hoarder", "telemetry", Status.OUT_OF_MEMORY, "held 14.1 GiB; 13.9 GiB were allowed"),
        bad("gpu_cupy", "telemetry", Status.UNAVAILABLE, "no CUDA device; needs an NVIDIA GPU and the extra 'gpu'"),
        bad("gpu_cupy", "steady", Status.UNAVAILABLE, "no CUDA device; needs an NVIDIA GPU and the extra 'gpu'"),
        bad(MARKUP, "telemetry", Status.FAILED, "process: ValueError: =1+1 " + "long " * 60),
        behind, doubtful, fast, lying, late, slow, medium,
        replace(good("hash_indexed", "steady"), memory=None, service=None),
    )  # fmt: skip


SOURCES = Path(__file__).parent / "sources"
COMPILED = {"simd", "phased", "ring_buffer"}
"""What the fixed run's implementations rest on, lest the reports change with the implementations."""


def manifest(level: Level = Level.DEFAULT) -> dict[str, object]:
    """What a run writes about itself."""
    return {
        "schema": 1,
        "run": "20261124T033000Z-" + level.value,
        "started": "2026-11-24T03:30:00+00:00",
        "finished": "2026-11-24T03:34:12+00:00",
        "level": level.value,
        "environment": {
            "schema": 1,
            "cpu": {"model": "AMD EPYC 9B14", "architecture": "x86_64", "extensions": ["avx2", "avx512f", "fma"],
                    "logical": 8, "physical": 4, "allowed": 2, "quota_cores": None, "l1d_bytes": 32768,
                    "l2_bytes": 1048576, "l3_bytes": 33554432, "governor": None, "turbo": True},
            "memory": {"total_bytes": 25276514304, "swap_bytes": 0, "huge_pages": "madvise"},
            "system": {"os": "Debian GNU/Linux 12 (bookworm)", "kernel": "6.1.0", "hypervisor": "KVM", "aslr": True},
            "gpus": [],
            "software": {"commit": "4ee8db5", "dirty": False, "numba_layers": ["tbb", "omp"],
                         "versions": {"python": "3.11.2 (CPython)", "numpy": "2.4.0", "numba": "0.68.0"}},
        },
        "plan": {"seed": 7, "subjects": [
            {"name": name, "reference": f"file:{SOURCES / ('compiled.py' if name in COMPILED else 'plain.py')}"}
            for name in dict.fromkeys(one.implementation for one in cells())
        ]},
        "unstable": ["hypervisor: KVM: a neighbour's load shows in every figure: compare within one run only"],
        "noise": {"pairs": 9, "deviation": 0.0061, "verdict": "inconclusive", "detectable": {"6": 0.0113, "30": 0.0041},
                  "seconds": 20.1, "stalls": {"longest_s": 0.0231, "count": 4}},
        "account": {"seconds": 252.4},
    }  # fmt: skip


def write_run(folder: Path, level: Level = Level.DEFAULT, found: tuple[Cell, ...] | None = None) -> Path:
    """The run as it would lie in `folder`."""
    with Store.create(folder) as store:
        for cell in cells() if found is None else found:
            store.append({"kind": "cell", **to_builtins(cell)})
        for record in (*RECORDS, *LOADS, *CHANNELS):
            store.append(record)
    write_json(folder / "run.json", manifest(level))
    return folder
