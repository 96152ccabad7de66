"""The HTML report as a file: well-formed, self-contained, nothing unescaped, accessible."""

import base64
import hashlib
import re
import time
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from report_run import IMAGE, MARKUP, SCRIPT, write_run

from reports.formats import write
from reports.load import load

_VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Elements, texts and nesting errors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.misnested: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.misnested.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.elements if tag in tags]


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = write_run(tmp_path_factory.mktemp("html") / "run")
    return write(load(folder), folder, ["html"])[0].read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    found = Page()
    found.feed(html)
    found.close()
    return found


def test_elements_nest(page: Page) -> None:
    assert not page.misnested
    assert not page.open


def test_nothing_is_loaded_from_anywhere(html: str, page: Page) -> None:
    loading = {"src", "href", "xlink:href", "action", "data", "poster", "srcset", "background", "ping"}
    targets = [(tag, value or "") for tag, attrs in page.elements for name, value in attrs.items() if name in loading]
    assert targets
    beside = {target for tag, target in targets if not target.startswith("#")}
    assert beside == {"./javascript%3Aalert%281%29/flame%20graph.html"}, "a file of the run's folder, whatever its name"
    assert {tag for tag, target in targets if target in beside} == {"a"}
    assert not re.search(r"@import|url\((?!#)", html)
    assert {tag for tag, _ in page.elements} & {"link", "iframe", "object", "embed", "img", "base", "form"} == set()


def test_policy_allows_only_the_own_style_and_script(html: str, page: Page) -> None:
    policy = next(
        attrs["content"] for attrs in page.all("meta") if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() in policy
    assert not [attrs for _, attrs in page.elements if "style" in attrs]
    assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]


def test_ids_are_unique_and_every_reference_has_its_target(page: Page) -> None:
    ids = Counter(attrs["id"] for _, attrs in page.elements if "id" in attrs)
    assert not [name for name, times in ids.items() if times > 1]
    references = {value[1:] for _, attrs in page.elements if (value := attrs.get("href")) and value.startswith("#")}
    for _, attrs in page.elements:
        references.update((attrs.get("aria-labelledby") or "").split())
        references.update(re.findall(r"url\(#([^)]*)\)", " ".join(filter(None, attrs.values()))))
    assert references <= set(ids)


def test_hostile_names_are_shown_as_they_are(page: Page) -> None:
    assert len(page.all("script")) == 1
    text = "".join(page.texts)
    for name in (SCRIPT, IMAGE, MARKUP):
        assert name in text


def test_characters_that_reorder_or_hide_text_are_replaced(tmp_path: Path) -> None:
    from report_run import bad

    from harness.results import Status

    cell = bad("x\u202egnp.exe\x00\x1b[2J\ud800", "w\u2066", Status.CRASHED, "\x07bell")
    folder = write_run(tmp_path / "run", found=(cell,))
    for path in write(load(folder), folder, ["html", "md"]):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text.replace("\n", ""))


def test_page_is_accessible(page: Page) -> None:
    tags = Counter(tag for tag, _ in page.elements)
    assert (tags["main"], tags["h1"], tags["title"] > 0) == (1, 1, True)
    assert page.all("html")[0]["lang"] == "en"
    assert tags["caption"] == tags["table"]
    assert all(attrs.get("scope") in {"col", "row"} for attrs in page.all("th"))
    assert all(attrs.get("aria-label") for attrs in page.all("nav"))
    assert all(attrs.get("role") == "img" and attrs.get("aria-labelledby") for attrs in page.all("svg"))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_unverified_cells_have_neither_mark_nor_rank(html: str) -> None:
    rows = re.findall(r"<tr class=\"r-muted\">.*?</tr>", html, re.DOTALL)
    sleeper = next(row for row in rows if "sleeper" in row)
    assert "ran out of time" in sleeper
    assert not re.search(r'class="n"[^>]*data-v', sleeper)


def test_colours_have_contrast() -> None:
    from reports.plots.palette import COLOURS

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(one: str, two: str) -> float:
        low, high = sorted((luminance(one), luminance(two)))
        return (high + 0.05) / (low + 0.05)

    for scheme in ("light", "dark"):
        ground = getattr(COLOURS["surface"], scheme)
        for role, colour in COLOURS.items():
            if role not in {"surface", "grid"}:
                least = 4.5 if role in {"ink", "muted"} else 3.0
                assert contrast(getattr(colour, scheme), ground) >= least, (role, scheme)


def test_report_of_thirty_cells_is_made_quickly(tmp_path: Path) -> None:
    from report_run import good

    names = ("naive", "hash_indexed", "ring_buffer", "sorted_indexed", "simd", "pandas_merge", "polars_join",
             "duckdb_sql", "cached", "phased")  # fmt: skip
    cells = tuple(good(name, workload) for workload in ("steady", "telemetry", "skewed") for name in names)
    folder = write_run(tmp_path / "run", found=cells)
    began_s = time.process_time()
    write(load(folder), folder, ["html", "md", "json", "csv"])
    assert time.process_time() - began_s < 5.0
