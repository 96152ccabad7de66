"""Bytes a retained reading: a number only where it is known not to be 0."""

from typing import Any

import pytest
from report_run import RECORDS

from harness.cli import memory
from reports.content import Section, Table
from reports.load import Run
from reports.sections import retention


def record(low: float) -> dict[str, Any]:
    """One curve, whose slope has an interval from `low` on."""
    (found,) = (one for one in RECORDS if one["kind"] == "retention")
    made: dict[str, Any] = {**found, "curves": [found["curves"][0]]}  # type: ignore[index]
    fit = {"bytes_per_reading": {"median": 4.0, "low": low, "high": 9.0}, "fixed_bytes": 400_000.0}
    made["curves"] = [{**made["curves"][0], "fit": fit}]
    return made


@pytest.mark.parametrize(("low", "shown"), [(-1.0, "not resolved: retain more"), (3.0, "4.00")])
def test_a_slope_that_may_be_none_is_not_a_number(low: float, shown: str) -> None:
    made = record(low)
    section = retention.build(Run("made", {}, (), {"retention": (made,)}))
    assert section is not None
    (part,) = (block for block in section.blocks if isinstance(block, Section))
    table = next(block for block in part.blocks if isinstance(block, Table))
    assert table.rows[0].values[1].text == shown


@pytest.mark.parametrize(("low", "shown"), [(0.0, "not resolved: retain more"), (3.0, "4.00 (3.00 to 9.00)")])
def test_nor_is_it_on_the_command_line(low: float, shown: str) -> None:
    assert memory._row(record(low)["curves"][0])[1] == shown
