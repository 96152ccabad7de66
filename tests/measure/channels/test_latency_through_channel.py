"""Generator, channel and processor together: each in its own process, latency counted from the schedule."""

import pytest

from harness.discovery import find
from harness.discovery import workload as find_workload
from harness.measure.load.latency import LatencySide, Load
from harness.measure.processes.handle import Limits
from harness.stream import write_stream
from harness.verify import check_under_load


@pytest.mark.parametrize("channel", ["pipe", "queue[chunk_size=64]"])
def test_all_readings_come_back_and_are_right(channel: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    label, workload = find_workload("steady")
    stream = write_stream(workload, label, workload.size("tiny"), tmp_path_factory.mktemp("stream"))
    entry = find("processors", "sorted_indexed")
    with LatencySide(
        entry, stream, workload, Limits(), warm_up_s=0.01, check=check_under_load, channel=find("channels", channel)
    ) as side:
        for interval_s in (None, 0.01):
            stretch = side.take(Load(20_000.0, 0.4, interval_s, grace_s=10.0))
            assert stretch.readings == 8_000
            assert stretch.missing == 0
            assert stretch.checked
            assert stretch.p50_s is not None
            assert stretch.p50_s > (interval_s or 0.0) / 4
