"""The scenarios: small scripts, each on a channel of its own, that yield what came of them as evidence."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from harness.contract import Overflow
from harness.measure.channels.side import CONSUMER, PRODUCER
from harness.verify.channels.checks import POLICIES, SIDES
from harness.verify.channels.evidence import FOUND, ChannelEvidence, Notice, Refusals, Resumption, Wait
from harness.verify.channels.stage import Stage

CAPACITY = 2048
TIMEOUT_S = 0.2
_BOTH = {PRODUCER: PRODUCER, CONSUMER: CONSUMER}
_RIVALS = {"second producer": PRODUCER, "second consumer": CONSUMER}
_LENGTHS = (1, 7, 250, 0, 3000, 1000)
_MOST = (1000, 7, 5000, 1)
_ENDLESS: dict[str, Any] = {"first": 0, "count": None, "lengths": (1000, 7, 333)}
_KILLED_WITHIN_S = (0.02, 0.2)
_NOTICED_WITHIN_S = 8.0
"""A side that is not told of the other's end by then waits for ever; the channels here look every 20 ms."""

Scenario = Callable[[Stage], Iterator[ChannelEvidence]]


def _put(first: int, count: int | None, lengths: tuple[int, ...], **more: Any) -> tuple[str, dict[str, Any]]:
    return "put", {"first": first, "count": count, "lengths": list(lengths), **more}


def _get(most: tuple[int, ...], **more: Any) -> tuple[str, dict[str, Any]]:
    return "get", {"most": list(most), **more}


def policies(stage: Stage) -> Iterator[ChannelEvidence]:
    """Every way of being full is granted or refused as the class declares."""
    errors, refused = {}, {}
    for overflow in Overflow:
        errors[str(overflow)] = stage.make(CAPACITY, overflow)
        refused[str(overflow)] = str(overflow) not in stage.described["overflows"]
    yield Refusals(stage.subject, POLICIES, refused, errors)


def whole_life(stage: Stage) -> Iterator[ChannelEvidence]:
    """From the first reading to the end under block: batches of all lengths, strided ones, waits on both sides."""
    stage.open(CAPACITY, Overflow.BLOCK, _BOTH, last=False)
    rivals = stage.start(_RIVALS)
    yield Refusals(
        stage.subject, SIDES, dict.fromkeys(_RIVALS, True), {name: rivals[name].get("error") for name in _RIVALS}
    )
    ahead = 20_000
    hold = {"hold_s": 0.01, "hold_calls": 5}
    stage.play({CONSUMER: _get(_MOST, count=ahead, **hold), PRODUCER: _put(0, ahead, _LENGTHS)})
    strided = 6_000
    stage.play({CONSUMER: _get(_MOST, count=strided, **hold), PRODUCER: _put(ahead, strided, _LENGTHS, strided=True)})
    ahead += strided
    idle = stage.play({CONSUMER: _get((100,), timeout_s=TIMEOUT_S, empties=1)})[CONSUMER]
    yield Wait(stage.subject, "get", TIMEOUT_S, idle["elapsed_s"], 100, int(idle["calls"][:, FOUND].sum()), CAPACITY)
    wanted = 64 * CAPACITY
    full = stage.play({PRODUCER: _put(ahead, wanted, (wanted,), timeout_s=TIMEOUT_S, once=True)})[PRODUCER]
    yield Wait(stage.subject, "put", TIMEOUT_S, full["elapsed_s"], wanted, full["done"], CAPACITY)
    ahead += full["done"]
    rest = 3 * CAPACITY
    stage.play({PRODUCER: _put(ahead, rest, (rest,)), CONSUMER: _get((500,), count=full["done"] + rest, **hold)})
    ahead += rest
    told = stage.play({PRODUCER: _put(ahead, 100, (100,), close=True), CONSUMER: _get((1000,), timeout_s=None)})
    seen = stage.came.ended
    stage.play({CONSUMER: _get((1000,))})
    stage.came.ended &= seen
    yield stage.passage(ahead + 100, told[PRODUCER]["dropped"], closed=True)
    yield Resumption(stage.subject, PRODUCER, ahead + 100, told[PRODUCER]["position"])
    stage.play({CONSUMER: ("close", {})})


def dropping(stage: Stage) -> Iterator[ChannelEvidence]:
    """Under drop_oldest a producer never waits: first nobody gets, then a consumer that is too slow."""
    if Overflow.DROP_OLDEST not in stage.described["overflows"] or stage.make(CAPACITY, Overflow.DROP_OLDEST):
        return  # that it refuses what it declares, `policies` has shown
    stage.open(CAPACITY, Overflow.DROP_OLDEST, _BOTH)
    count = 20_000
    told = stage.play({PRODUCER: _put(0, count, (500, 1, 64))})[PRODUCER]
    stage.play({CONSUMER: _get((300,), empties=1)})
    yield stage.passage(count, told["dropped"])
    more = 200_000
    told = stage.play(
        {
            CONSUMER: _get((64, 3000), timeout_s=None, hold_s=0.002, hold_calls=100),
            PRODUCER: _put(count, more, (64, 1000, 3000), close=True),
        }
    )[PRODUCER]
    yield stage.passage(count + more, told["dropped"], closed=True)


def producer_killed(stage: Stage) -> Iterator[ChannelEvidence]:
    """The producer is killed while it puts in; where the channel survives that, another one goes on."""
    stage.open(CAPACITY, Overflow.BLOCK, _BOTH)
    after_s = stage.rng.uniform(*_KILLED_WITHIN_S)
    answer = stage.play(
        {CONSUMER: _get(_MOST, timeout_s=None), PRODUCER: ("put", _ENDLESS)}, {PRODUCER: after_s}, _NOTICED_WITHIN_S
    )
    consumer = answer[CONSUMER]
    yield Notice(
        stage.subject, "killed producer", consumer.get("error"),
        "None, as after a proper end" if consumer["ended"] else "it waits for readings that never come",
    )  # fmt: skip
    yield stage.passage(None, None)
    if not stage.described["survives"]:
        return
    stage.start({PRODUCER: PRODUCER})
    at = int(stage.play({PRODUCER: ("told", {})})[PRODUCER]["position"])
    came = len(stage.came.records[0])
    yield Resumption(stage.subject, PRODUCER, came, at)
    more = 5_000
    told = stage.play({CONSUMER: _get(_MOST, timeout_s=None), PRODUCER: _put(at, more, _LENGTHS, close=True)})
    yield stage.passage(at + more, told[PRODUCER]["dropped"], closed=True)


def consumer_killed(stage: Stage) -> Iterator[ChannelEvidence]:
    """The consumer is killed; where the channel survives that, another one is given what it had not dealt with."""
    stage.open(CAPACITY, Overflow.BLOCK, _BOTH)
    batch, batches = 100, 12
    stage.play({PRODUCER: _put(0, batch * batches, (batch,)), CONSUMER: _get((batch,), count=batch * batches)})
    dealt_with = batch * batches - int(stage.came.calls[-1][-1, FOUND])
    stage.forget()
    endless = _ENDLESS | {"first": batch * batches}
    after_s = stage.rng.uniform(*_KILLED_WITHIN_S)
    producer = stage.play({PRODUCER: ("put", endless)}, {CONSUMER: after_s}, _NOTICED_WITHIN_S)[PRODUCER]
    yield Notice(stage.subject, "killed consumer", producer.get("error"), "it waits for room that never comes")
    if not stage.described["survives"]:
        return
    stage.start({CONSUMER: CONSUMER})
    at, more = int(producer["position"]), 5_000
    told = stage.play({PRODUCER: _put(at, more, _LENGTHS, close=True), CONSUMER: _get(_MOST, timeout_s=None)})
    calls = np.concatenate(stage.came.calls)
    yield Resumption(stage.subject, CONSUMER, dealt_with, int(calls[0, 2]) if len(calls) else -1)
    yield stage.passage(at + more, told[PRODUCER]["dropped"], first=dealt_with, closed=True)


def consumer_closed(stage: Stage) -> Iterator[ChannelEvidence]:
    """The consumer closes while the producer has more."""
    stage.open(CAPACITY, Overflow.BLOCK, _BOTH)
    stage.play({CONSUMER: _get((100,), count=100), PRODUCER: _put(0, 1000, (1000,))})
    stage.play({CONSUMER: ("close", {})})
    endless = _ENDLESS | {"first": 1000}
    producer = stage.play({PRODUCER: ("put", endless)}, None, _NOTICED_WITHIN_S)[PRODUCER]
    yield Notice(stage.subject, "closed consumer", producer.get("error"), "it waits for room that never comes")


SCENARIOS: tuple[Scenario, ...] = (
    policies,
    whole_life,
    dropping,
    producer_killed,
    consumer_killed,
    consumer_closed,
)
