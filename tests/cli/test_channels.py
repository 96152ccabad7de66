"""Channels from outside, and the command that measures them, as a user meets them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema

ROOT = Path(__file__).parents[2]
_ENTRY = "import sys; from harness.cli import main; sys.argv[0] = 'sensorbench'; main()"
_OWN = '''"""Own: somebody else's way."""

from implementations.channels.pipe import Pipe


class Own(Pipe):
    """The pipe under another name."""
'''


def _sensorbench(*arguments: str, path: Path | None = None) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, filter(None, (ROOT, path))))}
    return subprocess.run(
        [sys.executable, "-c", _ENTRY, *arguments], capture_output=True, text=True, check=False, env=environment
    )


def test_a_channel_of_an_outside_package_is_found_and_proved(tmp_path: Path) -> None:
    (tmp_path / "their_channels.py").write_text(_OWN)
    told = tmp_path / "their_channels-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: their_channels\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text("[sensorbench.channels]\ntheirs = their_channels:Own\n")
    listed = json.loads(_sensorbench("list", "--json", path=tmp_path).stdout)
    (row,) = (row for row in listed["channels"] if row["name"] == "theirs")
    assert row["unavailable"] is None
    assert (row["overflows"], row["survives"]) == (["block"], False)
    done = _sensorbench("verify", "-c", "theirs", path=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("verified  channel theirs: ")


def test_a_loose_file_is_measured_and_stands_in_summary_and_report(tmp_path: Path) -> None:
    loose = tmp_path / "own.py"
    loose.write_text(_OWN)
    folder = tmp_path / "run"
    done = _sensorbench(
        "channels", "-c", str(loose), "--baseline", str(loose), "--batch", "1000", "--quick", "--json", "--out",
        str(folder),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    schema = json.loads((ROOT / "docs" / "summary.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(summary)
    (found,) = summary["channels"]
    assert (found["channel"], found["verified"], found["status"]) == ("own", True, "ok")
    assert found["carried"][0]["throughput"]["median"] > 0
    assert found["hand_over"]["p50_s"] > 0
    assert "## Channels" in _sensorbench("report", str(folder), "--format", "md").stdout + (
        (folder / "report.md").read_text()
    )


def test_says_what_is_wrong_with_the_question() -> None:
    for arguments, says in (
        (("channels", "-c", "shared_rng"), "did you mean 'shared_ring'?"),
        (("channels", "--batch", "0"), "expected"),
        (("channels", "--quick", "--rigorous"), "exclude each other"),
        (("verify", "-c", "queue[chunk_size=0]"), "out of range"),
    ):
        done = _sensorbench(*arguments)
        assert done.returncode == 2, done.stdout
        assert says in done.stderr
        assert "Traceback" not in done.stderr
