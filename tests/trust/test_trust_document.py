"""The document on the verdicts, from made-up comparisons whose counts are known."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from harness.results import Level, to_builtins
from harness.store import Store, read
from harness.trust import comparisons, sittings
from harness.trust.__main__ import missing, stored
from harness.trust.acceptance import Standing, acceptance, lower_bound, standing_of, upper_bound
from harness.trust.comparisons import Known
from harness.trust.document import trust_document
from harness.trust.sittings import Sitting, circumstances

HELD, OPEN = Standing.HELD, Standing.NOT_REFUTED
SITTING = Sitting(
    "2026-01-02T03:04:05+00:00", "2026-01-02T04:05:06+00:00", "A processor, 2 hardware threads", 4, 2.5, -10
)


def known(planted: float, verdict: str, level: str = "default", half_width: float | None = 0.01) -> Known:
    rng = np.random.default_rng(round(1000 * planted))
    baseline = tuple(rng.normal(100, 1, 24).tolist())
    candidate = tuple((rng.normal(100, 1, 24) * (1 + planted)).tolist())
    return Known(planted, level, (planted,) * 6, verdict, half_width, 8.0, baseline, candidate)


def fine(identical: int = 500, planted: int = 100) -> list[Known]:
    """Comparisons that came out as they should."""
    found = [known(0.0, "same")] * identical
    for share in (0.02, 0.05, 0.10):
        found += [known(share, "slower" if share > 0.02 else "inconclusive")] * planted
    return found


def standings(found: list[Known]) -> list[Standing]:
    return [line.standing for line in acceptance(found)]


def test_all_is_held_where_the_bounds_say_so() -> None:
    """Never is never shown, only not refuted."""
    assert standings(fine(1_497, 299)) == [HELD, HELD, HELD, OPEN]
    assert standings(fine(1_496, 298)) == [OPEN, HELD, OPEN, OPEN]
    assert standings(fine()) == [OPEN, HELD, OPEN, OPEN]


@pytest.mark.parametrize(
    ("failures", "count", "most", "expected"),
    [
        (0, 500, 1 / 500, OPEN),
        (1, 500, 1 / 500, OPEN),
        (2, 500, 1 / 500, Standing.DOUBTFUL),
        (4, 500, 1 / 500, Standing.MISSED),
        (0, 1_497, 1 / 500, HELD),
        (1, 1_497, 1 / 500, OPEN),
        (0, 48, 0.05, OPEN),
        (0, 59, 0.05, HELD),
        (0, 52, 0.01, OPEN),
        (0, 19, 0.01, Standing.TOO_FEW),
        (2, 3, 0.01, Standing.MISSED),
        (0, 0, 0.01, Standing.TOO_FEW),
        (1, 200, 0.0, Standing.MISSED),
    ],
)
def test_a_line_stands_as_its_bound_says(failures: int, count: int, most: float, expected: Standing) -> None:
    assert standing_of(failures, count, most) is expected


@pytest.mark.parametrize("most", [1 / 500, 0.05, 0.01])
def test_a_line_that_is_false_is_held_in_one_of_twenty_at_most(most: float) -> None:
    """At a true rate of twice what is allowed, 500 comparisons were "held" in 74%."""
    for count in (48, 500, 1_497, 3_000):
        held = [hits for hits in range(count) if standing_of(hits, count, most) is HELD]
        assert sum(stats.binom.pmf(hits, count, most) for hits in held) <= 0.05
        assert all(upper_bound(hits, count) <= most for hits in held)


def test_bounds_are_those_of_scipy() -> None:
    for hits, count in ((0, 500), (3, 500), (48, 48), (0, 48), (7, 9)):
        above = stats.binomtest(hits, count, alternative="less").proportion_ci(0.95, "exact").high
        below = stats.binomtest(hits, count, alternative="greater").proportion_ci(0.95, "exact").low
        assert (lower_bound(hits, count), upper_bound(hits, count)) == pytest.approx((below, above))


def test_the_document_stands_as_its_own_counts_say() -> None:
    """The figures in docs/trust.md took hours; what is said of them is what is said of the same counts now."""
    counted = [
        *[known(0.0, "inconclusive")] * 500,
        *[known(0.05, "slower", half_width=0.01)] * 48, *[known(0.05, "slower", half_width=0.03)] * 30,
        *[known(0.05, "inconclusive", half_width=0.03)] * 22,
        *[known(0.10, "slower", half_width=0.01)] * 52, *[known(0.10, "slower", half_width=0.03)] * 46,
        *[known(0.10, "inconclusive", half_width=0.03)] * 2,
    ]  # fmt: skip
    written = (Path(__file__).parents[2] / "docs" / "trust.md").read_text()
    made = trust_document(counted, [SITTING], "make it again")
    begins, ends = "## What must be achieved", "## Verdicts"
    assert written.partition(begins)[2].partition(ends)[0] == made.partition(begins)[2].partition(ends)[0]


@pytest.mark.parametrize(
    ("verdicts", "planted", "half_width", "expected"),
    [
        (["faster"], 0.0, 0.01, [OPEN, HELD, OPEN, OPEN]),
        (["faster", "slower"], 0.0, 0.01, [Standing.DOUBTFUL, HELD, OPEN, OPEN]),
        (["faster", "slower"] * 2, 0.0, 0.01, [Standing.MISSED, HELD, OPEN, OPEN]),
        (["inconclusive"] * 6, 0.05, 0.01, [OPEN, Standing.DOUBTFUL, OPEN, OPEN]),
        (["inconclusive"] * 10, 0.05, 0.01, [OPEN, Standing.MISSED, OPEN, OPEN]),
        (["inconclusive"] * 6, 0.05, 0.03, [OPEN, HELD, OPEN, OPEN]),
        (["inconclusive"] * 2, 0.10, 0.01, [OPEN, HELD, Standing.DOUBTFUL, OPEN]),
        (["same"], 0.10, 0.03, [OPEN, HELD, OPEN, Standing.MISSED]),
    ],
)
def test_what_is_missed(verdicts: list[str], planted: float, half_width: float, expected: list[Standing]) -> None:
    found = fine()
    for verdict in verdicts:
        place = next(index for index, one in enumerate(found) if one.planted == planted and one.half_width == 0.01)
        found[place] = known(planted, verdict, half_width=half_width)
        found.append(found.pop(place))
    assert standings(found) == expected


def test_too_few_say_nothing() -> None:
    some = [known(0.0, "same"), known(0.05, "slower"), known(0.10, "slower")]
    assert standings(some) == [Standing.TOO_FEW] * 4


def test_the_document_tells_levels_apart() -> None:
    found = fine(40, 20) + [known(0.0, "none", "quick", None)] * 3 + [known(0.05, "slower", "rigorous", 0.005)] * 2
    text = trust_document(found, [replace(SITTING, note="The test suite ran beside it.")], "make it again")
    assert text.count("**not refuted**") == 3
    assert text.count("**too few taken to say**") == 1
    assert "0 of 40 (0.0%; at most 7.2%)" in text
    assert "20 of 20 (100.0%; at least 86.1%); held from 59 on if none fails;" in text
    assert "asks\nfor an interval of +-5%" in text
    assert "| default | 5% | 20 | 0 | 20 | 0 | 0 | 6 | 1.00% |" in text
    assert "| rigorous | 5% | 2 | 0 | 2 | 0 | 0 | 6 | 0.50% |" in text
    assert "| quick | 3 | 6 | 8.00 s | 8.00 s | 9.20 s |" in text
    assert "| default | 100 | 6 | 8.00 s | 8.00 s | 17.6 s |" in text
    assert "| quick | 0% | 3 | no verdicts | 0 (0.0%) | 0 (0.0%) |" in text
    assert "| default | 5% | 20 | 20 (100.0%) | 20 (100.0%) | 0 (0.0%) |" in text  # 5% is within asv's factor
    assert "The test suite ran beside it." in text
    assert "make it again" in text


def test_the_circumstances_are_told() -> None:
    said = " ".join(circumstances([SITTING, replace(SITTING, load_1min=0.5, niceness=0)], 10))
    assert "A processor, 2 hardware threads" in said
    assert "2 sittings between 2026-01-02 03:04 UTC and 2026-01-02 04:05 UTC" in said
    assert "1.5 at the median, 2.5 at most" in said
    assert "-10, 0" in said
    assert "Of 2 comparisons the circumstances were not recorded" in said


def test_a_store_holds_all_levels_and_is_added_to(tmp_path: Path) -> None:
    """Also one without sittings, as the first version wrote it."""
    with Store.create(tmp_path) as store:
        for one in (known(0.0, "same"), known(0.02, "same"), known(0.0, "none", "quick", None)):
            store.append({"kind": comparisons.KIND, **to_builtins(one)})
        lacking = missing(store, {Level.DEFAULT: (3, 1), Level.QUICK: (2, 0), Level.RIGOROUS: (1, 0)})
        assert {level: len(shares) for level, shares in lacking.items()} == {"default": 4, "quick": 1, "rigorous": 1}
        store.append({"kind": sittings.KIND, **to_builtins(SITTING)})
    found, sat = stored(read(tmp_path))
    assert [one.level for one in found] == ["default", "default", "quick"]
    assert sat == [SITTING]


def test_a_document_is_written_from_what_is_stored(tmp_path: Path) -> None:
    for name in ("store", "other"):
        with Store.create(tmp_path / name) as store:
            store.append({"kind": comparisons.KIND, **to_builtins(known(0.0, "same"))})
    arguments = ["--out", tmp_path / "store", "--with", tmp_path / "other", "--stored-only"]
    arguments += ["--note", "Beside a test.", "--document", tmp_path / "it"]
    command = [sys.executable, "-m", "harness.trust", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    text = (tmp_path / "it").read_text()
    assert "Beside a test." in text
    assert "| default | 0% | 2 |" in text
    assert len(list(read(tmp_path / "store").records(comparisons.KIND))) == 1
