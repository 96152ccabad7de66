"""Who measures keeps off the CPUs that are measured on, with all threads, and comes back."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.measure.processes.affinity import Elsewhere, allowed_cpus

pytestmark = pytest.mark.skipif(len(allowed_cpus()) < 2, reason="there is one CPU, or the system does not say")
BEFORE = set(allowed_cpus())
MEASURED, *OTHERS = sorted(BEFORE)


def where_in(pool: ThreadPoolExecutor) -> set[int]:
    return pool.submit(os.sched_getaffinity, 0).result()


def test_every_thread_is_moved_and_put_back() -> None:
    with ThreadPoolExecutor(1) as free, ThreadPoolExecutor(1) as pinned, ThreadPoolExecutor(1) as later:
        assert where_in(free) == BEFORE
        pinned.submit(os.sched_setaffinity, 0, {MEASURED}).result()
        with Elsewhere([MEASURED]):
            assert os.sched_getaffinity(0) == set(OTHERS)
            assert where_in(free) == set(OTHERS)
            assert where_in(pinned) == set(OTHERS)
            assert where_in(later) == set(OTHERS), "it began meanwhile"
        assert os.sched_getaffinity(0) == BEFORE
        assert where_in(free) == BEFORE
        assert where_in(pinned) == {MEASURED}
        assert where_in(later) == BEFORE


def test_threads_that_end_meanwhile_are_no_error() -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    with Elsewhere([MEASURED]):
        over.set()
        thread.join()
    assert os.sched_getaffinity(0) == BEFORE


@pytest.mark.parametrize("cpus", [BEFORE, []])
def test_where_there_is_no_other_cpu_it_stays(cpus: "set[int] | list[int]") -> None:
    with Elsewhere(sorted(cpus)):
        assert os.sched_getaffinity(0) == BEFORE
    assert os.sched_getaffinity(0) == BEFORE
