"""What a run keeps of loads: the evidence of a capacity, and latencies by the length of micro-batches."""

from typing import Any

BACKLOG = {"sample_s": [1.0, 2.0, 3.0], "backlog": [120, 0, 340]}
STALLS = {"longest_s": 0.0231, "count": 4, "watched_s": 3.0}


def repetition(p99_s: float, offered_per_s: float = 1e6, growth: float = 0.0001) -> dict[str, Any]:
    """The figures of one stretch."""
    return {
        "offered_per_s": offered_per_s,
        "p50_s": p99_s / 4,
        "p99_s": p99_s,
        "p999_s": p99_s * 2,
        "max_s": p99_s * 5,
        "slope_upper_per_s": growth * offered_per_s,
        "invalid": None,
    }


def _step(offered_per_s: float, p99_s: float, fault: str | None = None) -> dict[str, Any]:
    growth = 0.41 if fault else 0.0001
    return {
        "offered_per_s": offered_per_s,
        "sustained": fault is None,
        "faults": [fault, fault],
        "repetitions": [repetition(p99_s, offered_per_s, growth), repetition(1.2 * p99_s, offered_per_s, growth)],
    }


STEPS: dict[str, Any] = {
    "failed_per_s": 63e6,
    "limit": "more readings waited than p99 within 100 ms allows",
    "limited_by_generator": False,
    "ramp": [_step(610_000.0, 0.00003), _step(6.1e6, 0.0004)],
    "steps": [
        _step(45e6, 0.0021),
        _step(90e6, 0.108, "more readings waited than p99 within 100 ms allows"),
        _step(61e6, 0.0093),
        _step(63e6, 0.109, "more readings waited than p99 within 100 ms allows"),
    ],
}


def _load(name: str, interval_s: float | None, p99_s: float | None, arrivals: str = "workload") -> dict[str, Any]:
    latency = None if p99_s is None else {
        "offered_per_s": 1e6, "p50_s": p99_s / 2, "p99_s": p99_s, "p999_s": p99_s * 1.1, "max_s": p99_s * 1.2,
        "kept_up": True, "valid": True, "details": {},
    }  # fmt: skip
    return {
        "kind": "load", "implementation": name, "approach": None, "workload": "steady", "size": "small",
        "requested_size": "small", "workload_digest": "77d0e4ab12c955f0", "threads": 1, "arrivals": arrivals,
        "interval_s": interval_s, "offered_per_s": 1e6, "seconds": 3.0, "latency": latency,
        "reason": None if latency else "crashed: died of SIGSEGV in 'latency'",
    }  # fmt: skip


LOADS = (
    _load("simd", 0.001, 0.00103),
    _load("simd", 0.01, 0.0101),
    _load("simd", 0.1, 0.0993),
    _load("simd", None, 0.00082),
    _load("simd", None, 0.0038, "bursty"),
    _load("phased", 0.1, None),
    _load("nobody", None, 0.001),
)
