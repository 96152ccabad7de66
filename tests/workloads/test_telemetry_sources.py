"""Counters: where the numbers stand in each file, what happens when rows come and go, and which are taken."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from workloads.counters import layouts
from workloads.counters.number_source import NumberSource, sensor_files
from workloads.counters.psutil_source import PsutilSource, psutil_sources
from workloads.counters.source import Counter, Source
from workloads.counters.survey import available_sources, shares, survey
from workloads.counters.text_source import TextSource

LAYOUTS: list[tuple[layouts.Layout, str, dict[str, tuple[float, bool]]]] = [
    (
        layouts.stat,
        "cpu  10 0 5\ncpu0 7 0 3\nintr 99 0 0 4\nctxt 1933\nbtime 1795489279\nprocs_running 2\n",
        {
            "cpu/user": (10, True),
            "cpu/system": (5, True),
            "cpu0/user": (7, True),
            "intr": (99, True),
            "ctxt": (1933, True),
            "procs_running": (2, False),
        },
    ),
    (
        layouts.by_cpu,
        "      CPU0   CPU1\n 24:   1   2  IO-APIC  5-edge  ttyS0\nLOC:  3   4   Local timer interrupts\nERR:  5\n",
        {
            "24 ttyS0/CPU0": (1, True),
            "24 ttyS0/CPU1": (2, True),
            "LOC interrupts/CPU1": (4, True),
            "ERR/all": (5, True),
        },
    ),
    (
        layouts.meminfo,
        "MemFree:   123 kB\nHugePages_Total:  0\n",
        {"MemFree": (123, False), "HugePages_Total": (0, False)},
    ),
    (layouts.vmstat, "nr_free_pages 5\npgfault 7\n", {"nr_free_pages": (5, False), "pgfault": (7, True)}),
    (
        layouts.diskstats,
        " 254 0 vda 1 2 3 4 5 6 7 8 9 10 11\n",
        {"vda/reads": (1, True), "vda/in_flight": (9, False), "vda/weighted_ms": (11, True)},
    ),
    (
        layouts.net_dev,
        "Inter-|   Receive  |  Transmit\n face |bytes packets\n eth0:577 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
        {"eth0/rx_bytes": (577, True), "eth0/tx_bytes": (9, True), "eth0/tx_compressed": (16, True)},
    ),
    (
        layouts.snmp,
        "Ip: Forwarding InReceives\nIp: 2 12538\nTcp: MaxConn CurrEstab\nTcp: -1 3\n",
        {"Ip/InReceives": (12538, True), "Tcp/MaxConn": (-1, True), "Tcp/CurrEstab": (3, False)},
    ),
    (layouts.schedstat, "version 15\ncpu0 0 0 1 2 3 4 5 6 7\ndomain0 3 1\n", {"cpu0/slices": (7, True)}),
    (
        layouts.loadavg,
        "0.71 0.61 0.37 2/103 14009\n",
        {"all/load_1min": (0.71, False), "all/threads": (103, False), "all/last_pid": (14009, True)},
    ),
    (
        layouts.pressure,
        "some avg10=1.16 avg60=1.12 total=560\nfull avg10=0.00 avg60=0.00 total=7\n",
        {"some/avg10": (1.16, False), "some/total": (560, True), "full/total": (7, True)},
    ),
]


@pytest.mark.parametrize(("layout", "text", "expected"), LAYOUTS, ids=[layout.__name__ for layout, _, _ in LAYOUTS])
def test_layouts(tmp_path: Path, layout: layouts.Layout, text: str, expected: dict[str, tuple[float, bool]]) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    source = TextSource("f", path, layout)
    found = {
        counter.name.removeprefix("f/"): (value, counter.grows)
        for counter, value in zip(source.counters, source.sample(), strict=True)
    }
    assert {name: found[name] for name in expected} == expected
    source.close()


def test_rows_that_come_and_go(tmp_path: Path) -> None:
    path = tmp_path / "vmstat"
    path.write_text("a 1\nb 2\nc 3\n")
    source = TextSource("v", path, layouts.vmstat)
    source.select([0, 2])
    assert [counter.name for counter in source.counters] == ["v/a", "v/c"]
    assert source.sample() == [1, 3]
    path.write_text("new 9\na 4\nb 5\nc 6\n")
    assert source.sample() == [4, 6]
    assert source.sample() == [4, 6]
    path.write_text("other 9\na 4\nb 5\n")
    assert str(source.sample()) == "[4.0, nan]"
    path.write_text("c 8\na 7\n")
    assert source.sample() == [7, 8]
    # As many words as before, but another row in the place of one.
    path.write_text("d 8\na 7\n")
    assert str(source.sample()) == "[7.0, nan]"
    source.close()


class Made(Source):
    """A source of the test's own."""

    def __init__(self, name: str, values: Sequence[float], wait: Callable[[], None] = lambda: None) -> None:
        self.name = name
        self.counters = [Counter(f"{name}/{number}", False) for number in range(len(values))]
        self.values = list(values)
        self.closed = False
        self._wait = wait

    def sample(self) -> list[float]:
        self._wait()
        return list(self.values)

    def select(self, chosen: Sequence[int]) -> None:
        self.counters = [self.counters[index] for index in chosen]
        self.values = [self.values[index] for index in chosen]

    def close(self) -> None:
        self.closed = True


def gone() -> Source:
    raise OSError(2, "not here")


def test_the_survey_takes_what_lives_and_shares_the_room() -> None:
    wide, narrow = Made("wide", [0.0, 1.0] * 200), Made("narrow", [5.0, 6.0])
    found = survey(0.01, 12, [lambda: wide, gone, lambda: narrow])
    assert found.sources == (wide, narrow)
    assert narrow.values == [5, 6]
    assert wide.values == [1.0] * 10
    # From the whole width, not from its beginning.
    assert wide.counters[-1].name == "wide/361"


def test_the_survey_keeps_the_dead_where_the_living_are_few() -> None:
    only = Made("only", [0.0, 1.0, 0.0])
    assert survey(0.01, 10, [lambda: only]).sources[0].sample() == [0, 1, 0]


def test_the_survey_leaves_out_what_is_slow() -> None:
    import time

    slow, quick = Made("slow", [1.0], lambda: time.sleep(0.002)), Made("quick", [1.0])
    found = survey(0.004, 10, [lambda: slow, lambda: quick])
    assert found.sources == (quick,)
    assert slow.closed
    assert found.left_out[0].startswith("slow: takes ")


def test_shares_leave_no_room_unused() -> None:
    assert shares([], 5) == []
    assert shares([3, 0, 50, 7], 20) == [3, 0, 10, 7]
    assert sum(shares([300, 200, 100], 512)) == 512
    assert shares([5, 5], 0) == [0, 0]


def test_this_machine_shows_its_counters() -> None:
    found = survey(0.01, 512)
    try:
        names = [counter.name for source in found.sources for counter in source.counters]
        assert len(names) == len(set(names))
        assert len(names) >= 50
        assert sum(len(source.sample()) for source in found.sources) == len(names)
    finally:
        found.close()
    assert list(available_sources())


def test_psutil_stands_in_where_there_is_no_proc() -> None:
    found = survey(0.05, 512, list(psutil_sources()))
    names = {counter.name for source in found.sources for counter in source.counters}
    assert any(name.startswith("cpu_times/0/") for name in names)
    assert "virtual_memory/available" in names
    for source in found.sources:
        assert len(source.sample()) == len(source.counters)


def test_psutil_numbers_that_go_are_nan() -> None:
    numbers = {"a": {"x": 1, "y": 2.5, "text": "no", "flag": True}, "b": [3, None]}
    source = PsutilSource("made", lambda: numbers, True)
    assert [counter.name for counter in source.counters] == ["made/a/x", "made/a/y", "made/b/0"]
    assert source.sample() == [1, 2.5, 3]
    del numbers["b"]
    assert str(source.sample()) == "[1.0, 2.5, nan]"
    with pytest.raises(OSError, match="psutil knows no nothing"):
        PsutilSource("nothing", dict, True)


def test_files_of_one_number(tmp_path: Path) -> None:
    zone = tmp_path / "class/thermal/thermal_zone0"
    chip = tmp_path / "class/hwmon/hwmon1"
    clock = tmp_path / "devices/system/cpu/cpu3/cpufreq"
    for folder in (zone, chip, clock):
        folder.mkdir(parents=True)
    (zone / "type").write_text("x86_pkg_temp\n")
    (zone / "temp").write_text("45000\n")
    (chip / "fan1_input").write_text("1200\n")
    (chip / "temp1_input").write_text("broken\n")
    (clock / "scaling_cur_freq").write_text("3400000\n")
    source = NumberSource("sensors", sensor_files(tmp_path))
    assert [counter.name for counter in source.counters] == [
        "sensors/thermal_zone0/x86_pkg_temp",
        "sensors/hwmon1/unnamed/fan1",
        "sensors/cpu3/clock_khz",
    ]
    assert source.sample() == [45000, 1200, 3400000]
    source.select([0, 2])
    assert source.sample() == [45000, 3400000]
    (zone / "temp").write_text("\n")
    assert str(source.sample()) == "[nan, 3400000.0]"
    source.close()
