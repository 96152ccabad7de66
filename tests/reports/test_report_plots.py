"""Pictures: the same every time, no inline style, hostile names as text, and nothing heavy until they are drawn."""

import subprocess
import sys
import warnings
from pathlib import Path
from xml.etree import ElementTree

import pytest
from report_run import MARKUP, SCRIPT, cells, good, write_run

from harness.errors import InputError
from reports.load import load
from reports.plots.bars import Bar, bars
from reports.plots.hero import hero
from reports.plots.palette import COLOURS, role_of, stand_in
from reports.plots.throughput import throughput
from reports.ranking import rankings


def test_names_are_text_and_never_formulas() -> None:
    (ranking, *_) = rankings(cells())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawing = throughput(ranking, "plot", 1000)
    texts = ["".join(text.itertext()) for text in ElementTree.fromstring(drawing).iter("text")]
    assert SCRIPT in texts
    assert any(text.startswith("no rank: ") for text in texts)
    assert any(text.startswith(MARKUP[:6]) for text in texts)


@pytest.mark.parametrize("width", [360, 1000])
def test_drawings_are_equal_every_time_and_hold_no_colour_of_their_own(width: int) -> None:
    (ranking, *_) = rankings(cells())
    drawing = throughput(ranking, "plot", width)
    assert drawing == throughput(ranking, "plot", width)
    assert " style=" not in drawing
    assert "#0101" not in drawing
    root = ElementTree.fromstring(drawing)
    assert root.get("viewBox", "").startswith(f"0 0 {width} ")


def test_an_impossible_amount_is_hatched() -> None:
    rows = [Bar("simd", 131.0, "131%", "SIMD and GPU", beyond=True), Bar("naive", 0.0, "0%", "before")]
    drawing = bars(rows, "%", "", str, "alt", "name", 1000)
    pattern = next(element for element in ElementTree.fromstring(drawing).iter("pattern"))
    assert f"url(#{pattern.get('id')})" in drawing


@pytest.mark.parametrize("speeds", [(1.0,), (1.0, 1.0), (1e-9, 1e9), (3e-3, 4e-3)])
def test_any_range_of_speeds_can_be_drawn(speeds: tuple[float, ...]) -> None:
    names = ("simd", "naive")
    found = tuple(good(name, "steady", speed) for name, speed in zip(names, speeds, strict=False))
    (ranking,) = rankings(found)
    assert "text" in throughput(ranking, "plot", 360)


def test_the_hero_is_a_document_that_follows_the_scheme(tmp_path: Path) -> None:
    run = load(write_run(tmp_path / "run"))
    picture = hero(rankings(run.cells)[0], "A title")
    root = ElementTree.fromstring(picture)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "prefers-color-scheme:dark" in picture
    assert "A title" in picture
    assert "no rank" not in picture


def test_readme_pieces_come_from_the_run(tmp_path: Path) -> None:
    from reports.readme import picture, renewed, table

    run = load(write_run(tmp_path / "run"))
    assert picture(run).startswith("<?xml")
    text = table(run)
    assert text.startswith("Fastest verified on real input: **simd**")
    assert "| 10 | naive (before) |" in text
    assert "sleeper" not in text
    assert "one that holds for all of them at once at 99%. Rank follows the speed-up over naive, from pairs;" in text
    page = "before\n<!-- comparison: written -->\nold\n<!-- end of comparison -->\nafter\n"
    assert renewed(page, run) == page.replace("old\n", text)
    with pytest.raises(InputError, match="put them in"):
        renewed("a page without marks", run)


def test_every_role_has_its_stand_in() -> None:
    assert [role_of(stand_in(role)) for role in COLOURS] == list(COLOURS)
    assert role_of("#0101ff") is None


def test_importing_reports_loads_nothing_heavy() -> None:
    heavy = ("matplotlib", "jinja2", "pyarrow", "numpy", "pandas")
    code = f"import reports, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_picture_is_drawn_for_markdown(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    code = (
        "import sys; from pathlib import Path; import reports\n"
        "run = reports.load_run(Path(sys.argv[1])); reports.write_report(run, Path(sys.argv[1]), ('md', 'csv'))\n"
        "reports.summary(run); print('matplotlib' in sys.modules, 'jinja2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"
