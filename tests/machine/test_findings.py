"""Each finding, on machines where it matters and where it does not."""

import inspect
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from machine_trees import graviton, laid_down, laptop, pod, quiet

from harness.machine import Finding, Fingerprint, Host, Severity, diagnose, fingerprint, unstable
from harness.machine.diagnose import JUDGED, PROBED, WATCHED
from harness.machine.findings import activity, equipment, memory, processor, system
from harness.machine.findings.activity import Activity


def _by_name(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def _severities(tree: dict[str, str], folder: Path) -> dict[str, str]:
    machine = fingerprint(laid_down(tree, folder))
    return {finding.name: str(finding.severity) for finding in (judge(machine) for judge in JUDGED)}


def test_a_laptop_is_warned_of(tmp_path: Path) -> None:
    assert _severities(laptop(), tmp_path) == {
        "governor": "warning",
        "turbo": "note",
        "cores": "note",
        "CPU quota": "good",
        "load": "warning",
        "memory": "note",
        "swap": "warning",
        "huge pages": "note",
        "hypervisor": "good",
        "container": "good",
        "clock source": "warning",
        "ASLR": "good",
        "Numba threads": "unknown",
    }


def test_a_quiet_machine_is_not(tmp_path: Path) -> None:
    found = _severities(quiet(), tmp_path)
    assert {name for name, severity in found.items() if severity != "good"} == {"Numba threads"}
    assert unstable(fingerprint(laid_down(quiet(), tmp_path))) == ()


def test_an_arm_guest(tmp_path: Path) -> None:
    found = _severities(graviton(), tmp_path)
    assert {name for name, severity in found.items() if severity == "warning"} == {"cores", "hypervisor", "ASLR"}
    assert found["clock source"] == "good"
    assert found["governor"] == "note"


def test_a_pod(tmp_path: Path) -> None:
    found = _by_name(diagnose(laid_down(pod(), tmp_path), watch_s=0.01))
    assert found["CPU quota"].severity is Severity.WARNING
    assert found["quota stops"].severity is Severity.WARNING
    assert "7 so far" in found["quota stops"].state
    assert "2.00 GiB" in found["memory"].state
    assert found["container"].state == "kubepods"
    assert "NVIDIA H100" in found["GPU"].state


@pytest.mark.parametrize(
    ("layer", "layers", "versions", "state"),
    [
        ("default", ("tbb", "omp", "workqueue"), {"tbb": "2022"}, "default of tbb, omp, workqueue"),
        ("default", ("tbb", "omp", "workqueue"), {}, "default of omp, workqueue"),
        ("workqueue", ("workqueue",), {}, "workqueue of workqueue"),
        ("default", (), {}, "Numba is not installed"),
    ],
)
def test_numba_threads(layer: str, layers: tuple[str, ...], versions: dict[str, str], state: str) -> None:
    machine = Fingerprint()
    software = replace(machine.software, numba_layer=layer, numba_layers=layers, versions=versions)
    found = system.numba_threads(replace(machine, software=software))
    assert found.state == state
    assert (found.severity is Severity.NOTE) == (state.startswith(("workqueue", "Numba")))


def _activity(**changes: Any) -> Activity:
    return replace(Activity(busy_s=100.0, steal_s=0.0, all_s=1000.0, own_s=1.0, stops=0, throttles=0), **changes)


def test_steal_time_is_seen_while_time_is_asked_for() -> None:
    before = _activity()
    assert activity.steal(before, _activity(busy_s=100.5, all_s=1001.0)).severity is Severity.GOOD
    now = activity.steal(before, _activity(busy_s=100.45, steal_s=0.05, all_s=1001.0))
    assert now.severity is Severity.WARNING
    assert now.state.startswith("10.0% of the time asked for now")
    earlier = _activity(steal_s=1.0)
    assert activity.steal(earlier, replace(earlier, busy_s=100.5)).severity is Severity.NOTE


def test_our_own_work_is_not_others() -> None:
    before = _activity()
    assert activity.others(before, _activity(busy_s=100.5, own_s=1.5, all_s=1001.0)).severity is Severity.GOOD
    assert activity.others(before, _activity(busy_s=101.0, own_s=1.5, all_s=1001.0)).severity is Severity.WARNING


def test_throttling_now_and_earlier() -> None:
    assert activity.throttling(_activity(), _activity()).severity is Severity.GOOD
    assert activity.throttling(_activity(throttles=3), _activity(throttles=3)).severity is Severity.NOTE
    assert activity.throttling(_activity(throttles=3), _activity(throttles=4)).severity is Severity.WARNING


def test_counters_of_a_laid_down_machine(tmp_path: Path) -> None:
    found = activity.read_activity(laid_down(laptop(), tmp_path))
    ticks = activity._ticks_per_s()
    assert found.busy_s == pytest.approx(1530 / ticks)
    assert found.all_s == pytest.approx(91630 / ticks)
    assert found.throttles == 15
    assert activity.read_activity(Host(tmp_path / "nowhere")).steal_s is None


def test_the_watch_lasts_as_long_as_asked() -> None:
    moments = iter([0.0, 0.2, 0.4, 0.6])
    activity.watch(Host(), 0.5, clock=lambda: next(moments))
    assert list(moments) == []


def test_every_finding_of_every_file_is_asked_for() -> None:
    asked = {f"{function.__module__}.{function.__name__}" for function in (*JUDGED, *WATCHED, *PROBED)}
    written = {
        f"{module.__name__}.{name}"
        for module in (processor, memory, system, activity, equipment)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and inspect.signature(function).return_annotation is Finding
    }
    assert written == asked


def test_this_machine_is_diagnosed() -> None:
    found = diagnose(watch_s=0.02)
    assert len({finding.name for finding in found}) == len(found) == len(JUDGED) + len(WATCHED) + len(PROBED)
    for finding in found:
        assert "\n" not in finding.line()
        assert finding.severity is Severity.GOOD or finding.effect
        assert "probe failed" not in finding.state


def test_a_machine_that_tells_nothing_is_diagnosed(tmp_path: Path) -> None:
    found = _by_name(diagnose(Host(tmp_path), watch_s=0.001))
    assert found["governor"].severity is Severity.UNKNOWN
    assert found["steal time"].severity is Severity.UNKNOWN
    assert found["shared memory"].severity is Severity.UNKNOWN
    assert unstable(Fingerprint()) == ()


def test_a_failing_probe_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(machine: Fingerprint) -> Finding:
        raise ZeroDivisionError("no such thing")

    monkeypatch.setattr(sys.modules["harness.machine.diagnose"], "JUDGED", (broken,))
    found = _by_name(diagnose(watch_s=0.001))
    assert found["broken"].severity is Severity.UNKNOWN
    assert "ZeroDivisionError: no such thing" in found["broken"].state


def test_stored_environments_name_their_doubts(tmp_path: Path) -> None:
    stored = fingerprint(laid_down(laptop(), tmp_path)).as_dict()
    named = [line.partition(":")[0] for line in unstable(stored)]
    assert named == ["governor", "load", "swap", "clock source"]
    assert all("\n" not in line for line in unstable(stored))


def test_measured_noise_is_a_doubt() -> None:
    quiet_noise = {"deviation": 0.002, "detectable": {"6": 0.014, "12": 0.012}, "stalls": {"longest_s": 0.0005}}
    assert unstable({"noise": quiet_noise}) == ()
    loud = {"deviation": 0.05, "detectable": {"6": 0.118, "12": 0.07}, "stalls": {"longest_s": 0.023, "p999_s": None}}
    noise, stalls = unstable({"noise": loud})
    assert noise.startswith("noise: identical work differs by 5.0%")
    assert noise.endswith("6 pairs cannot show a difference below 12%")
    assert "23.0 ms" in stalls
    assert unstable({"noise": None}) == ()
    assert unstable({}) == ()
