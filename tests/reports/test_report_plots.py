"""Pictures: the same every time, no inline style, hostile names as text, and nothing heavy until they are drawn."""

import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from report_run import MARKUP, SCRIPT, cells, good, write_run

from harness.errors import InputError
from harness.results import Cell, Interval, Latency
from reports.load import load
from reports.plots.bars import Bar, bars
from reports.plots.hero import hero
from reports.plots.palette import COLOURS, role_of, stand_in
from reports.plots.pareto import Point, front, points_of
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


def point(
    name: str, ratio: tuple[float, float, float] | None, peak_bytes: int, p99_s: float, repeated: float = 0.0
) -> Cell:
    """A cell whose throughput says nothing, and its speed-up, memory and p99; the latter within `repeated`."""
    cell = good(name, "steady")
    versus = good("simd", "steady").speed_up
    assert cell.memory
    assert versus
    repetitions = [{"p99_s": p99_s * factor} for factor in (1 - repeated, 1.0, 1 + repeated)]
    return replace(
        cell,
        speed_up=replace(versus, ratio=Interval(*ratio)) if ratio else None,
        memory=replace(cell.memory, peak_bytes=peak_bytes),
        latency=Latency(1e6, p99_s / 2, p99_s, None, p99_s, kept_up=True, details={"repetitions": repetitions}),
    )


@pytest.mark.parametrize(
    ("simd", "phased", "unbeaten"),
    [
        pytest.param(((9, 8, 10), 10, 0.01), ((5, 4, 6), 10, 0.01), ["simd"], id="clearly faster"),
        pytest.param(((9, 8, 10), 10, 0.01), ((8, 7, 9), 10, 0.01), ["simd", "phased"], id="perhaps faster"),
        pytest.param(((9, 8, 10), 12, 0.01), ((5, 4, 6), 10, 0.01), ["simd", "phased"], id="faster, larger"),
        pytest.param(((9, 8, 10), 10.2, 0.01), ((5, 4, 6), 10, 0.01), ["simd"], id="larger within a weighing"),
        pytest.param(((9, 8, 10), 10, 0.010), ((9, 8, 10), 10, 0.013), ["simd"], id="clearly sooner"),
        pytest.param(((9, 8, 10), 10, 0.0106), ((5, 4, 6), 10, 0.01), ["simd"], id="later within the repetitions"),
        pytest.param(((5, 4, 6), 8, 0.01), ((5, 4, 6), 10, 0.01), ["simd"], id="clearly smaller"),
    ],
)
def test_beaten_is_who_is_clearly_worse_in_one_and_better_in_none(
    simd: tuple[tuple[float, float, float], float, float],
    phased: tuple[tuple[float, float, float], float, float],
    unbeaten: list[str],
) -> None:
    made = [
        point(name, ratio, round(mebibytes * 2**20), p99_s, repeated=0.05)
        for name, (ratio, mebibytes, p99_s) in (("simd", simd), ("phased", phased))
    ]
    (ranking,) = rankings(made)
    assert sorted(one.name for one in front(points_of(ranking))) == sorted(unbeaten)


def test_where_each_is_beaten_in_turn_all_are_large() -> None:
    low, wide, high = Interval(1.0, 1.0, 1.0), Interval(1.5, 0.9, 2.1), Interval(2.0, 2.0, 2.0)
    circle = (
        Point("a", None, 1.0, 1.0, 1.0, high, wide, high),
        Point("b", None, 1.0, 1.0, 1.0, low, low, wide),
        Point("c", None, 1.0, 1.0, 1.0, wide, high, low),
    )
    assert front(circle) == circle


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
