"""Markdown, JSON and CSV of the fixed run, compared whole.

After a change that is meant: ``SENSORBENCH_UPDATE_GOLDEN=1 pytest tests/reports`` and read the difference.
"""

import json
import os
from pathlib import Path

import jsonschema
import pytest
from report_run import write_run

from harness.results import Level
from reports.formats import FORMATS, write
from reports.load import load

GOLDEN = Path(__file__).parent / "golden"
SCHEMA = Path(__file__).parents[2] / "docs" / "summary.schema.json"


@pytest.mark.parametrize("level", [Level.DEFAULT, Level.QUICK])
@pytest.mark.parametrize("name", ["md", "json", "csv"])
def test_report_is_as_recorded(name: str, level: Level, tmp_path: Path) -> None:
    run = load(write_run(tmp_path / "run", level))
    (path,) = write(run, tmp_path / "out", [name])
    golden = GOLDEN / f"{level.value}-{FORMATS[name][0]}"
    if os.environ.get("SENSORBENCH_UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_bytes(path.read_bytes())
    assert path.read_text(encoding="utf-8") == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("level", list(Level))
def test_summary_fits_its_schema(level: Level, tmp_path: Path) -> None:
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    (path,) = write(load(write_run(tmp_path / "run", level)), tmp_path, ["json"])
    jsonschema.Draft202012Validator(schema).validate(json.loads(path.read_text()))


def test_schema_refuses_what_the_summary_must_not_say(tmp_path: Path) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    (path,) = write(load(write_run(tmp_path / "run")), tmp_path, ["json"])
    document = json.loads(path.read_text())
    wrong = next(index for index, cell in enumerate(document["cells"]) if not cell["verified"])
    good = next(index for index, cell in enumerate(document["cells"]) if cell["verified"])
    changes = [
        (wrong, {"throughput": document["cells"][good]["throughput"]}),
        (wrong, {"reason": None}),
        (good, {"throughput": 0}),
        (good, {"proof": None}),
        (good, {"status": "fine"}),
        (good, {"surprise": 1}),
    ]
    for index, change in changes:
        cells = [cell | change if at == index else cell for at, cell in enumerate(document["cells"])]
        assert not validator.is_valid(document | {"cells": cells}), change
    grown, wrong_one = document["retention"]
    assert (grown["verified"], wrong_one["verified"]) == (True, False)
    for change in (
        {"points": grown["points"]},
        {"bytes_per_reading": grown["bytes_per_reading"]},
        {"left_out": []},
        {"surprise": 1},
    ):
        assert not validator.is_valid(document | {"retention": [wrong_one | change]}), change


def test_parquet_holds_what_csv_holds(tmp_path: Path) -> None:
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    run = load(write_run(tmp_path / "run"))
    parquet, text = write(run, tmp_path, ["parquet", "csv"])
    typed, plain = pq.read_table(parquet), csv.read_csv(text)
    assert typed.column_names == plain.column_names
    assert typed.num_rows == plain.num_rows == len(run.cells)
    assert typed["throughput_per_s"].to_pylist() == plain["throughput_per_s"].to_pylist()
    assert typed["verified"].to_pylist() == plain["verified"].to_pylist()
    assert typed["throughput_per_s"].null_count > 0


def test_reports_do_not_change_from_one_making_to_the_next(tmp_path: Path) -> None:
    run = load(write_run(tmp_path / "run"))
    first = [path.read_bytes() for path in write(run, tmp_path / "a", FORMATS)]
    assert first == [path.read_bytes() for path in write(run, tmp_path / "b", FORMATS)]
