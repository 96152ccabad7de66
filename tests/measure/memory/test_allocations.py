"""Steady state as the harness counts it, and what profile makes of it: files that need no network, linked."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.contract import Size
from harness.discovery import find
from harness.discovery import workload as find_workload
from harness.measure.memory.allocations import measure_allocations
from harness.measure.processes.handle import Limits
from harness.stream import Stream, write_stream
from reports.formats import write
from reports.load import load

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    label, dirty = find_workload("dirty", None)
    return write_stream(dirty, label, Size("some", 20_000, 200, 500, 5_000, 4), tmp_path_factory.mktemp("stream"))


@pytest.mark.parametrize("name", ["simd", "ring_buffer", "arena"])
def test_no_large_allocation_in_a_thousand_batches(name: str, stream: Stream) -> None:
    found = measure_allocations(find("processors", name), stream, Limits(), batches=1_000)
    assert found["batches"] >= 1_000
    assert found["own_large"] == 0, [line for line in found["lines"] if line["bytes"] / line["allocations"] >= 512]


def test_those_who_allocate_are_found_out_line_by_line(stream: Stream) -> None:
    found = measure_allocations(find("processors", "sorted_indexed"), stream, Limits(), batches=40)
    assert found["own_large"] >= found["batches"]
    assert found["lines"][0]["bytes"] >= 512
    assert found["lines"][0]["file"].endswith(".py")


def test_a_profile_needs_no_network_and_is_linked_from_the_report(tmp_path: Path) -> None:
    run = tmp_path / "run"
    start = [sys.executable, "-c", "from harness.cli import main; main()"]
    made = [*start, "memory", "-p", "sorted_indexed", "--retain", "100,200,300", "--no-allocating", "--out", str(run)]
    subprocess.run(made, check=True, capture_output=True, timeout=120)
    profile = [*start, "profile", "sorted_indexed", "--size", "tiny", "--batches", "20", "--run", str(run), "--json"]
    done = subprocess.run(profile, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    graph = Path(json.loads(done.stdout)["flame_graph"])
    page = graph.read_text(encoding="utf-8")
    assert not re.search(r"<(script|img|iframe)[^>]+src=|<link[^>]+href=", page.partition("<body")[0] + page[-2_000:])
    (report,) = write(load(run), run, ["html"])
    link = re.search(r'<a href="\./(profiles/[^"]+/flamegraph\.html)"', report.read_text(encoding="utf-8"))
    assert link is not None
    assert (run / link[1]).samefile(graph)
    if CHROMIUM is None:
        pytest.skip("no chromium here to draw the graph in; 'apt-get install chromium' mends that")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--virtual-time-budget=5000"]
    offline = ["--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={tmp_path / 'browser'}", "--dump-dom"]
    drawn = subprocess.run([CHROMIUM, *flags, *offline, graph.as_uri()], capture_output=True, text=True, timeout=120)
    frames = re.findall(r'<g [^>]*name="([^"]+)"[^>]*class="frame"', drawn.stdout)
    assert any("processor.process" in frame for frame in frames), "the frames are drawn, by the page's own script"
