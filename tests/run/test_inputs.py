"""What a run knows of its inputs."""

from dataclasses import replace

from harness.run.inputs import Inputs


def test_how_many_readings_fill_a_history_depends_on_its_length() -> None:
    """Two sizes of the same readings have one digest."""
    with Inputs() as inputs:
        size = inputs.size("steady", "tiny")
        short, long = (
            inputs.stream("steady", replace(size, name=f"retain {retain}", retain=retain)) for retain in (10, 1_000)
        )
        assert short.digest == long.digest
        assert inputs.fill_readings(short) < 1_000 <= inputs.fill_readings(long)
