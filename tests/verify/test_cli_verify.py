"""``sensorbench verify`` as a user calls it: output, JSON and exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SABOTEURS = Path(__file__).parents[1] / "saboteurs"


def _verify(*arguments: str) -> "subprocess.CompletedProcess[str]":
    code = "from harness.cli import main; main()"
    size = () if "--self-test" in arguments else ("--size", "tiny")
    return subprocess.run(
        [sys.executable, "-c", code, "verify", *size, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_right() -> None:
    done = _verify("-p", str(SABOTEURS / "honest.py"), "-w", "steady", "-v")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("verified  honest on steady at tiny: ")
    assert "second_start" in done.stdout
    assert done.stderr == ""


def test_wrong() -> None:
    done = _verify("-p", str(SABOTEURS / "four_ulp_off.py"), "-w", "steady")
    assert done.returncode == 1
    first = done.stdout.splitlines()[0]
    assert "wrong: values_calibrated (four_ulp_off, steady, batch 0, position 200)" in first
    assert "ULP off" in first


def test_failed() -> None:
    done = _verify("-p", str(SABOTEURS / "fails_on_second_call.py"), "-w", "steady")
    assert done.returncode == 1
    assert "FAILED  fails_on_second_call on steady at tiny: RuntimeError" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_json() -> None:
    names = [str(SABOTEURS / "honest.py"), str(SABOTEURS / "nan_as_zero.py")]
    done = _verify("-p", names[0], "-p", names[1], "-w", "dirty", "--json")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    cells = {cell["implementation"]: cell for cell in document["cells"]}
    assert document["schema"] == 1
    assert (cells["honest"]["status"], cells["honest"]["verified"]) == ("ok", True)
    assert (cells["nan_as_zero"]["status"], cells["nan_as_zero"]["verified"]) == ("wrong", False)
    assert "rejected_are_nan" in cells["nan_as_zero"]["reason"]
    assert cells["honest"]["throughput"] is None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-p", "hash_indexd"], "did you mean 'hash_indexed'"),
        (["-w", "stedy"], "did you mean 'steady'"),
        (["-p", "nowhere/to/be/found.py"], "no such file"),
        (["--self-test", "--saboteurs", "/nowhere"], "holds no saboteur"),
        (["--self-test", "-p", "honst"], "did you mean 'honest'?"),
        (["--self-test", "-w", "steady"], "leave out --workload"),
        (["-w", "replay"], "replay"),
        (["--size", "huge"], "huge"),
    ],
)
def test_bad_usage_is_one_line(arguments: list[str], told: str) -> None:
    done = _verify(*arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_all_workloads_are_looked_at_before_the_first_proof() -> None:
    done = _verify("-p", "hash_indexed", "-w", "steady", "-w", "replay:/no/such/file.csv", "--size", "tiny")
    assert done.returncode == 2
    assert "/no/such/file.csv" in done.stderr
    assert "verified" not in done.stdout


def test_self_test_with_a_saboteur_that_is_not_found_out(tmp_path: Path) -> None:
    (tmp_path / "sly.py").write_text(
        "from harness.control import Control\nEXPECTED = ('verify', 'wrong', 'values_counted')\n"
        "class Sly(Control):\n    pass\n"
    )
    done = _verify("--self-test", "--saboteurs", str(tmp_path))
    assert done.returncode == 1
    assert "UNEXPECTED" in done.stdout
    assert "0 of 1 as expected" in done.stdout


def test_self_test_as_json(tmp_path: Path) -> None:
    for name in ("calm", "other"):
        (tmp_path / f"{name}.py").write_text((SABOTEURS / "honest.py").read_text())
    done = _verify("--self-test", "--saboteurs", str(tmp_path), "-p", "calm", "--repeat", "2", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["unexpected"] == 0
    assert [outcome["saboteur"] for outcome in document["outcomes"]] == ["calm", "calm"]
