"""What must hold of every channel: one small named function each."""

import numpy as np

from harness.verify.channels.evidence import (
    ASKED,
    CHANGED,
    FOUND,
    POSITION,
    Ending,
    Notice,
    Passage,
    Refusals,
    Resumption,
    Wait,
)
from harness.verify.check import check
from harness.verify.evidence import Finding

_SLACK_S = 5.0
"""A call may return this much after its timeout: the machine may be busy."""

_LARGE = 65_536
"""Readings that any channel may hold beyond its capacity: what systems make their buffers of."""

SIDES, POLICIES = "sides", "policies"


@check(Ending)
def never_stuck(ending: Ending) -> Finding | None:
    """Every call returns by its timeout, or when the other side has made that possible; no side dies of it."""
    return Finding("an answer", ending.stuck) if ending.stuck else None


@check(Passage)
def forms_exact(passage: Passage) -> Finding | None:
    """What is handed out is Readings of the contract's dtypes, no more than was asked for."""
    if passage.form:
        return Finding("Readings of uint32, int64 and float32", passage.form)
    over = np.flatnonzero(passage.calls[:, FOUND] > passage.calls[:, ASKED])
    if not len(over):
        return None
    asked, found = passage.calls[over[0], :2]
    return Finding(f"at most {asked} readings", f"{found}", index=_place(passage, int(over[0])))


@check(Passage)
def nothing_torn(passage: Passage) -> Finding | None:
    """Every reading handed out is one that was put in, bit for bit: id, time and value belong together."""
    highest = passage.indexes.max(initial=-1) if passage.went_in is None else passage.went_in - 1
    wrong = np.flatnonzero((passage.indexes < 0) | (passage.indexes > highest))
    if not len(wrong):
        return None
    record = passage.records[wrong[0]]
    return Finding("a reading that was put in", f"{record} ({len(wrong):,} such)", index=int(wrong[0]))


@check(Passage)
def nothing_doubled(passage: Passage) -> Finding | None:
    """No reading is handed out twice."""
    values, first, counts = np.unique(passage.whole, return_index=True, return_counts=True)
    doubled = np.flatnonzero(counts > 1)
    if not len(doubled):
        return None
    return Finding("each reading once", f"reading {values[doubled[0]]} {counts[doubled[0]]} times",
                   index=int(first[doubled[0]]))  # fmt: skip


@check(Passage)
def order_kept(passage: Passage) -> Finding | None:
    """Readings are handed out in the order in which they were put in."""
    back = np.flatnonzero(np.diff(passage.whole) < 0)
    if not len(back):
        return None
    before, after = passage.whole[back[0] : back[0] + 2]
    return Finding(f"a reading after {before}", f"reading {after}", index=int(back[0]) + 1)


@check(Passage, lambda passage: not passage.drops)
def nothing_lost(passage: Passage) -> Finding | None:
    """Every reading that went in is handed out; before a killed producer's end no reading is left out."""
    found = np.unique(passage.whole)
    end = passage.went_in if passage.went_in is not None else int(found.max(initial=passage.first - 1)) + 1
    missing = np.setdiff1d(np.arange(passage.first, end), found, assume_unique=True)
    if not len(missing):
        return None
    return Finding(f"readings {passage.first} to {end - 1}", f"{len(missing):,} are missing, the first {missing[0]}")


@check(Passage, lambda passage: passage.dropped is not None)
def drops_counted(passage: Passage) -> Finding | None:
    """`dropped` is exactly how many readings were put in and not handed out; 0 under block."""
    came = len(np.unique(passage.whole))
    expected = (passage.went_in or 0) - passage.first - came if passage.drops else 0
    return None if passage.dropped == expected else Finding(f"{expected:,} dropped", f"{passage.dropped:,}")


@check(Passage, lambda passage: passage.drops)
def newest_kept(passage: Passage) -> Finding | None:
    """What is dropped is the oldest: the newest reading is always handed out."""
    newest = int(passage.whole.max(initial=-1))
    expected = (passage.went_in or 0) - 1
    return None if newest == expected else Finding(f"reading {expected} as the last", f"{newest}")


@check(Passage)
def positions_true(passage: Passage) -> Finding | None:
    """A consumer's `position` is the index of the first reading that it was handed last."""
    calls = passage.calls[passage.calls[:, FOUND] > 0]
    begins = np.cumsum(calls[:, FOUND]) - calls[:, FOUND]
    shown = passage.indexes[begins] if len(begins) else begins
    wrong = np.flatnonzero((shown != calls[:, POSITION]) & (shown >= 0))
    if not len(wrong):
        return None
    call = wrong[0]
    return Finding(f"position {shown[call]}", f"{calls[call, POSITION]}", index=int(begins[call]))


@check(Passage)
def held_unchanged(passage: Passage) -> Finding | None:
    """What was handed out stays as it is until the next call, whatever the producer puts in meanwhile."""
    wrong = np.flatnonzero(passage.calls[:, CHANGED] >= 0)
    if not len(wrong):
        return None
    place = _place(passage, int(wrong[0])) + int(passage.calls[wrong[0], CHANGED])
    return Finding("the same readings as when they were handed out", "others before the next call", index=place)


@check(Passage, lambda passage: passage.closed)
def end_seen(passage: Passage) -> Finding | None:
    """Behind the last reading of a closed producer comes the end, and stays."""
    return None if passage.ended else Finding("None after the last reading, again and again", "something else")


@check(Wait, lambda wait: wait.verb == "put")
def put_waits(wait: Wait) -> Finding | None:
    """A put into a full channel waits as long as it may, and says how many readings went in."""
    return _in_time(wait) or (None if wait.moved < wait.wanted else Finding("a full channel", "room for all"))


@check(Wait, lambda wait: wait.verb == "put")
def room_bounded(wait: Wait) -> Finding | None:
    """A channel takes in about as many readings as it was made for, and no end of them."""
    most = 4 * wait.capacity + _LARGE
    return None if 1 <= wait.moved <= most else Finding(f"1 to {most:,} readings", f"{wait.moved:,}", "about its room")


@check(Wait, lambda wait: wait.verb == "get")
def get_waits(wait: Wait) -> Finding | None:
    """A get from an empty channel waits as long as it may and hands out no reading."""
    return _in_time(wait) or (None if not wait.moved else Finding("no reading", f"{wait.moved} readings"))


def _in_time(wait: Wait) -> Finding | None:
    if wait.timeout_s <= wait.took_s <= wait.timeout_s + _SLACK_S:
        return None
    return Finding(f"a return after {wait.timeout_s:g} s", f"after {wait.took_s:.3f} s", f"{_SLACK_S:g} s more")


@check(Notice, lambda notice: notice.what == "killed producer")
def killed_producer_noticed(notice: Notice) -> Finding | None:
    """A consumer whose producer was killed is told so by a ChannelError, behind the last whole reading."""
    return _noticed(notice)


@check(Notice, lambda notice: notice.what == "killed consumer")
def killed_consumer_noticed(notice: Notice) -> Finding | None:
    """A producer whose consumer was killed is told so by a ChannelError once the channel is full."""
    return _noticed(notice)


@check(Notice, lambda notice: notice.what == "closed consumer")
def closed_consumer_noticed(notice: Notice) -> Finding | None:
    """A producer whose consumer has closed is told so by a ChannelError once the channel is full."""
    return _noticed(notice)


def _noticed(notice: Notice) -> Finding | None:
    if notice.error is not None and notice.error["kind"] == "ChannelError":
        return None
    got = f"{notice.error['kind']}: {notice.error['text']}" if notice.error else notice.instead
    return Finding(f"a ChannelError because of the {notice.what}", got)


@check(Refusals, lambda refusals: refusals.about == SIDES)
def one_of_each(refusals: Refusals) -> Finding | None:
    """A second producer and a second consumer are refused by a ChannelError."""
    return _refused(refusals)


@check(Refusals, lambda refusals: refusals.about == POLICIES)
def policies_as_declared(refusals: Refusals) -> Finding | None:
    """It can do what `overflows` says when it is full, and refuses the rest by a ChannelError."""
    return _refused(refusals)


def _refused(refusals: Refusals) -> Finding | None:
    for what, refuse in refusals.expected.items():
        error = refusals.errors[what]
        kind = error["kind"] if error else None
        if kind != ("ChannelError" if refuse else None):
            expected = f"a ChannelError for {what}" if refuse else f"{what} to be granted"
            return Finding(expected, f"{kind}: {error['text']}" if error else "nothing of the kind")
    return None


@check(Resumption)
def resumes(resumption: Resumption) -> Finding | None:
    """A side that replaces a killed one goes on where it was: nothing dealt with again, nothing left out."""
    if resumption.position == resumption.expected:
        return None
    return Finding(f"the new {resumption.role} at reading {resumption.expected}", f"at {resumption.position}")


@check(Ending, lambda ending: ending.left is not None)
def nothing_left(ending: Ending) -> Finding | None:
    """Destroyed, it leaves no file and no named memory behind."""
    return Finding("nothing", ", ".join(ending.left)) if ending.left else None


def _place(passage: Passage, call: int) -> int:
    """Where among all that came out the readings of a call begin."""
    return int(passage.calls[:call, FOUND].sum())


CHANNEL_CHECKS = (
    never_stuck,
    forms_exact,
    nothing_torn,
    nothing_doubled,
    order_kept,
    nothing_lost,
    drops_counted,
    newest_kept,
    positions_true,
    held_unchanged,
    end_seen,
    put_waits,
    get_waits,
    room_bounded,
    killed_producer_noticed,
    killed_consumer_noticed,
    closed_consumer_noticed,
    one_of_each,
    policies_as_declared,
    resumes,
    nothing_left,
)
"""In the order in which their failures are told."""
