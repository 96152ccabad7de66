"""Threads that share one batch: each takes whole parts of it, by claiming them with an atomic word.

A batch is cut at places that depend on its length and the number of parts alone, and each part has a window of its
own, so that it does not matter which thread did what: the answer is the same bit for bit whatever the number of
threads. Whoever is late finds its parts taken, so that nobody waits for a thread that sleeps.

The board is one array of words by which the threads speak to one another: which job it is (`JOB_DTYPE`), and for each
part the number of the last job in which it was claimed and in which it was finished. Jobs are numbered from 1; a
negative number ends the threads.
"""

import numpy as np
from numba import boolean, from_dtype, int64, njit, void

from implementations.kernels.atomics import (
    compare_and_swap,
    fence,
    give_way,
    load_acquire,
    monotonic_ns,
    relax,
    store_release,
)
from implementations.kernels.closing import hand_out_rows
from implementations.kernels.columns import COLUMN
from implementations.kernels.fused import PLAN, take
from implementations.kernels.memory import record_at
from implementations.kernels.plan import WORD_BYTES
from implementations.kernels.retaining import close_gap, reserve
from implementations.kernels.vectors import LANES
from implementations.kernels.window import fold, forget_stamps

MOST_ROUND_READINGS = 1 << 18
"""Readings that the threads share at a time, at most; the ring has room for a round beyond those that it keeps."""

JOB_DTYPE = np.dtype(
    [
        (name, "i8")
        for name in (
            "number",  # of the job; written last, with release
            "parts",
            "shared_from",  # readings from which a round is shared
            "round_readings",  # how many a round has
            "plans",  # address of the parts' plans, a lead plan behind them
            "plan_bytes",  # from one to the next
            "marks",  # address of the parts' marks: claimed, finished
            "mark_bytes",  # from one to the next
            "task",
            "count",  # readings of the round
            "ids",
            "times",
            "values",
            "id_stride",
            "time_stride",
            "value_stride",
            "output",
            "place",  # in the ring
            "stamp",  # of the first part
            "counts",  # addresses of what is handed out
            "totals",
            "extremes",
            "extremes_stride",  # from minimum to maximum, and on to last
        )
    ]
)
_JOB = from_dtype(JOB_DTYPE)
_TAKE, _FOLD, _HAND_OUT = range(3)
_MOST_STAMP = (1 << 32) - 1
_SPINS_A_LOOK = 64


@njit(inline="always")
def _plan_of(job, part):  # type: ignore[no-untyped-def]
    return record_at(job.plans + job.plan_bytes * part, PLAN)


@njit(inline="always")
def _begins(job, part):  # type: ignore[no-untyped-def]
    """Where a part of the round begins; the whole round is part 0 if it is too short to be shared."""
    if job.count < job.shared_from:
        return np.int64(0) if part == 0 else job.count
    return (job.count * part // job.parts) & ~(LANES - 1) if part < job.parts else job.count


@njit
def _do_part(job, part):  # type: ignore[no-untyped-def]
    if job.task == _FOLD:
        _fold_part(job, part)
    elif job.task == _HAND_OUT:
        _hand_out_part(job, part)
    else:
        _take_part(job, part)


@njit
def _take_part(job, part):  # type: ignore[no-untyped-def]
    plan = _plan_of(job, part)
    first, end = _begins(job, part), _begins(job, part + 1)
    plan.accepted = 0
    plan.position = job.place + first
    plan.stamp = job.stamp + part
    plan.output = job.output + 4 * first
    ids = job.ids + job.id_stride * first
    times = job.times + job.time_stride * first
    values = job.values + job.value_stride * first
    take(plan, ids, times, values, (job.id_stride, job.time_stride, job.value_stride), end - first)


@njit
def _fold_part(job, part):  # type: ignore[no-untyped-def]
    """Bring one piece of all parts' records together, in the order in which they lie."""
    plan = _plan_of(job, 0)
    first, end = plan.record_count * part // job.parts, plan.record_count * (part + 1) // job.parts
    for other in range(1, job.parts):
        fold(plan.records, _plan_of(job, other).records, WORD_BYTES * plan.record_words, first, end)


@njit
def _hand_out_part(job, part):  # type: ignore[no-untyped-def]
    """Hand out some rows of what was brought together."""
    plan = _plan_of(job, 0)
    first, end = plan.sensors * part // job.parts, plan.sensors * (part + 1) // job.parts
    low = job.extremes
    high = low + job.extremes_stride
    last = high + job.extremes_stride
    hand_out_rows(plan, first, end, job.counts, job.totals, low, high, last)


@njit
def _work(job, number, own):  # type: ignore[no-untyped-def]
    """Do whatever parts of the job are not claimed yet, beginning with one's own."""
    for step in range(job.parts):
        part = (own + step) % job.parts
        mark = job.marks + job.mark_bytes * part
        before = load_acquire(mark)
        if before < number and compare_and_swap(mark, before, number):
            _do_part(job, part)
            fence()
            store_release(mark + WORD_BYTES, number)


@njit([boolean(COLUMN, int64, int64)], cache=True, nogil=True)
def serve(board, own, idle_ns):  # type: ignore[no-untyped-def]
    """Work on jobs as they come; return True after `idle_ns` without one, False at the end."""
    job = record_at(board.address, _JOB)
    done = np.int64(0)
    since_ns = monotonic_ns()
    while True:
        number = load_acquire(board.address)
        if number < 0:
            return False
        if number > done:
            _work(job, number, own)
            done = number
            since_ns = monotonic_ns()
        else:
            for _ in range(_SPINS_A_LOOK):
                relax()
            if monotonic_ns() - since_ns > idle_ns:
                return True


@njit
def _share(board):  # type: ignore[no-untyped-def]
    """Publish the job on the board, do what one can of it and see it finished."""
    job = record_at(board, _JOB)
    number = job.number + 1
    store_release(board, number)
    _work(job, number, 0)
    for part in range(job.parts):
        looks = 0
        while load_acquire(job.marks + job.mark_bytes * part + WORD_BYTES) < number:
            relax()
            looks += 1
            if looks % _SPINS_A_LOOK == 0:
                give_way()


@njit
def _settle(job, lead):  # type: ignore[no-untyped-def]
    """Close the gaps that rejected readings left in the ring between the parts."""
    end = job.place
    for part in range(job.parts):
        accepted = _plan_of(job, part).accepted
        first = job.place + _begins(job, part)
        if accepted > 0 and first != end:
            close_gap(lead, first, end, accepted)
        end += accepted
    lead.position = end
    lead.accepted -= job.place + job.count - end


@njit
def _begin_stamps_anew(job):  # type: ignore[no-untyped-def]
    plan = _plan_of(job, 0)
    pitch_bytes = WORD_BYTES * plan.record_words
    for part in range(1, job.parts):
        fold(plan.records, _plan_of(job, part).records, pitch_bytes, 0, plan.record_count)
    forget_stamps(plan.records, pitch_bytes, plan.record_count)
    job.stamp = 1


@njit([void(COLUMN, COLUMN, COLUMN, COLUMN)], cache=True, nogil=True)
def process(board, sensor_id, time, value):  # type: ignore[no-untyped-def]
    """Do the job for a batch, contiguous or strided; the values go to the lead plan's output."""
    job = record_at(board.address, _JOB)
    lead = _plan_of(job, job.parts)
    job.task = _TAKE
    job.id_stride, job.time_stride, job.value_stride = sensor_id.stride, time.stride, value.stride
    for first in range(0, sensor_id.length, job.round_readings):
        job.count = min(job.round_readings, sensor_id.length - first)
        job.ids = sensor_id.address + sensor_id.stride * first
        job.times = time.address + time.stride * first
        job.values = value.address + value.stride * first
        job.output = lead.output + 4 * first
        job.place = reserve(lead, job.count) if lead.retain > 0 else np.int64(0)
        if job.stamp + 2 * job.parts > _MOST_STAMP:
            _begin_stamps_anew(job)
        if job.count < job.shared_from:
            for part in range(job.parts):
                _plan_of(job, part).accepted = 0
            _do_part(job, 0)
        else:
            _share(board.address)
        if lead.retain > 0:
            _settle(job, lead)
        job.stamp += job.parts


@njit([void(COLUMN, COLUMN, COLUMN, COLUMN)], cache=True, nogil=True)
def close(board, count, total, extremes):  # type: ignore[no-untyped-def]
    """Hand out the window (minimum, maximum and last in the rows of `extremes`) and open the next one."""
    job = record_at(board.address, _JOB)
    job.counts, job.totals = count.address, total.address
    job.extremes, job.extremes_stride = extremes.address, extremes.stride
    job.task = _FOLD
    _share(board.address)
    job.task = _HAND_OUT
    _share(board.address)
    for part in range(job.parts):
        plan = _plan_of(job, part)
        plan.unmatched = 0
        plan.invalid = 0
    job.stamp = 1
