"""The command: plain text, JSON, exit codes."""

import json

import pytest
from click.testing import CliRunner

from harness.cli.doctor import command
from harness.errors import UsageError


def test_findings_come_with_effect_and_remedy() -> None:
    done = CliRunner().invoke(command, ["--no-noise"], catch_exceptions=False)
    assert done.exit_code == 0
    assert "governor:" in done.stdout
    assert "effect:" in done.stdout
    assert "Noise:" not in done.stdout
    assert "\x1b[" not in done.stdout


def test_json_is_a_whole_document() -> None:
    done = CliRunner().invoke(command, ["--no-noise", "--json"], catch_exceptions=False)
    document = json.loads(done.stdout)
    assert set(document) == {"environment", "findings", "unstable"}
    assert set(document["findings"][0]) == {"name", "state", "effect", "remedy", "severity"}
    assert document["environment"]["cpu"]["logical"] >= 1


def test_noise_is_measured_for_as_long_as_asked() -> None:
    done = CliRunner().invoke(command, ["--seconds", "1", "--json"], catch_exceptions=False)
    noise = json.loads(done.stdout)["environment"]["noise"]
    assert done.exit_code == 0
    assert noise["pairs"] >= 3
    assert 0 < noise["deviation"] < 1
    assert noise["stalls"]["watched_s"] > 0
    assert list(noise["detectable"]) == sorted(noise["detectable"], key=int)


@pytest.mark.parametrize("seconds", ["0", "-3", "soon", "nan"])
def test_a_time_that_is_none_is_refused(seconds: str) -> None:
    with pytest.raises(UsageError, match="duration"):
        CliRunner().invoke(command, ["--seconds", seconds], catch_exceptions=False)
