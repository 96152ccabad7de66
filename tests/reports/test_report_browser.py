"""The HTML report in a real browser: no console message, sorting, keyboard, narrow page."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest
from report_run import IMAGE, MARKUP, SCRIPT, write_run

from reports.formats import write
from reports.load import load

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--virtual-time-budget=3000",
    "--enable-logging=stderr", "--dump-dom",
]  # fmt: skip

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; 'apt-get install chromium' mends that")

SORT = """
const said = [];
const table = document.querySelector("#throughput table[data-sortable]");
const names = () => [...table.tBodies[0].rows].map((row) => row.querySelector("th").firstChild.textContent.trim());
const head = [...table.tHead.rows[0].cells].find((cell) => cell.textContent.startsWith("Throughput"));
const button = head.querySelector("button");
button.focus();
said.push(document.activeElement === button ? "focused" : "no focus");
for (const wanted of ["descending", "ascending"]) {
  button.click();
  said.push(head.getAttribute("aria-sort") === wanted ? wanted : "not " + wanted);
  said.push(names()[0], names().at(-1));
}
const implementation = [...table.tHead.rows[0].cells].find((cell) => cell.textContent.startsWith("Implementation"));
implementation.querySelector("button").click();
said.push(head.getAttribute("aria-sort"), names()[1]);
said.push(document.title.includes("sensorbench") ? "title kept" : "title lost");
said.push(document.documentElement.scrollWidth <= window.innerWidth ? "no sideways scroll" : "scrolls sideways");
const out = document.createElement("output");
out.id = "said";
out.textContent = JSON.stringify(said);
document.body.append(out);
"""


def browse(path: Path, profile: Path, *flags: str) -> tuple[str, str]:
    """The page after its scripts have run, and what the browser had to say."""
    assert CHROMIUM is not None
    command = [CHROMIUM, *FLAGS, *flags, f"--user-data-dir={profile}", path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_run(tmp_path_factory.mktemp("browser") / "run")
    return write(load(folder), folder, ["html"])[0]


def test_page_renders_without_a_message(report: Path, tmp_path: Path) -> None:
    page, messages = browse(report, tmp_path / "profile")
    assert "CONSOLE" not in messages
    assert page.count("aria-sort") > 50
    assert "<title>sensorbench" in page


def test_tables_sort_and_a_narrow_page_does_not_scroll_sideways(report: Path, tmp_path: Path) -> None:
    script_hash = base64.b64encode(hashlib.sha256(SORT.encode()).digest()).decode()
    html = report.read_text(encoding="utf-8")
    html = html.replace("script-src '", f"script-src 'sha256-{script_hash}' '", 1)
    html = html.replace("</body>", f"<script>{SORT}</script></body>")
    driven = tmp_path / "driven.html"
    driven.write_text(html, encoding="utf-8")
    page, messages = browse(driven, tmp_path / "profile", "--window-size=420,900")
    assert "CONSOLE" not in messages
    found = re.search(r'<output id="said">(.*?)</output>', page)
    assert found is not None
    focus, down, fastest, last, up, slowest, again, unsorted, second, title, scroll = json.loads(
        unescape(found.group(1))
    )
    assert (focus, down, up, unsorted) == ("focused", "descending", "ascending", "none")
    assert (fastest, slowest) == ("simd", "naive")
    assert last == again == "sleeper"
    assert second in {SCRIPT, IMAGE, MARKUP}
    assert (title, scroll) == ("title kept", "no sideways scroll")
