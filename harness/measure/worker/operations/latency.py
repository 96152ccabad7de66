"""Open-loop latency of the implementation in this worker, its readings from this process or through a channel."""

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from harness.discovery import Entry
from harness.measure.channels.generator import Course, Remote
from harness.measure.load.audit import Audit
from harness.measure.load.generator import Content, Generator, real_pace
from harness.measure.load.open_loop import Driven, Source, drive
from harness.measure.load.recorder import Recorder
from harness.measure.load.schedule import Schedule
from harness.measure.load.tail import tail_of
from harness.measure.processes.messages import Message
from harness.measure.speed.folds import Folding
from harness.measure.worker.facts import facts_of
from harness.measure.worker.host import Host
from harness.statistics.histogram import Histogram, recording_cost_ns, warm_up

_LEAD_NS = 2_000_000
"""The first reading arrives this long after everything is ready."""

_REMOTE_LEAD_NS = 20_000_000
"""The same where another process has to hear of it first."""


def run(host: Host, request: Message) -> Message:
    """Offer the schedule (``base_ns``, ``period_ns``, ``total``) for `seconds`; ask ``warm_up`` first.

    `batch` limits a hand-over, `interval_s` makes micro-batches of them, `grace_s` is how long after the last arrival
    is waited for values, `most_backlog` ends a hopeless overload early, `audit` is a share of all readings: the window
    in which that one lies is handed to the checker. With `channel` (its kind, name, reference and parameters) the
    readings come through it from a process of their own, which runs on `generator_cpus`. Answers as `answer_of` says.
    """
    values = request.values
    schedule = Schedule(request.arrays["base_ns"], values["period_ns"], values["total"])
    processor, stream = host.running(), host.mapped()
    content = Content(stream, host.made_by.input_layout, min(schedule.total, len(stream)))
    processor.flush()
    processor.close_window()  # what an earlier stretch has left behind is no part of this one
    warm_up()
    pace = real_pace()
    interval_ns = int((values.get("interval_s") or 0) * 1e9)
    recorder = Recorder(schedule, values["seconds"])
    audit = Audit(*content.window(int(values["audit"] * schedule.total))) if "audit" in values else None
    folding = Folding()

    def drive_from(source: Source, began_ns: int, until_ns: int) -> Driven:
        most = values.get("most_backlog")
        return drive(processor, source, content, recorder, pace, began_ns, until_ns, most, audit, folding)

    load_ns = int((values["seconds"] + values["grace_s"]) * 1e9)
    if values.get("channel"):
        course = Course(str(stream.folder), schedule, values["batch"], interval_ns, values["generator_cpus"])
        folder = Path.cwd() / f"channel-{secrets.token_hex(4)}"
        with Remote(Entry(**values["channel"]), course, folder) as remote:
            source = remote.source(pace)
            began_ns = pace.now_ns() + _REMOTE_LEAD_NS
            until_ns = began_ns + load_ns
            remote.begin(began_ns, until_ns)
            source.begin(until_ns)
            driven = drive_from(source, began_ns, until_ns)
            missing = recorder.close(driven.ended_ns)
            account = remote.account()
        answer = answer_of(
            recorder,
            replace(driven, called_ns=driven.called_ns + source.got_ns),
            account.slip,
            source.rested_ns,
            missing,
            facts_of(processor),
            audit,
            folding,
        )
        producer = {"rested_ns": account.rested_ns, "put_ns": account.put_ns}
        return Message({**answer.values, "generator": producer}, answer.arrays)
    generator = Generator(schedule, content, values["batch"], pace, interval_ns)
    _rehearse(generator)
    began_ns = pace.now_ns() + _LEAD_NS
    until_ns = began_ns + load_ns
    generator.begin(began_ns, until_ns)
    driven = drive_from(generator, began_ns, until_ns)
    missing = recorder.close(driven.ended_ns)
    facts = facts_of(processor)
    return answer_of(recorder, driven, generator.slip, generator.rested_ns, missing, facts, audit, folding)


def answer_of(
    recorder: Recorder,
    driven: Driven,
    slip: Histogram,
    rested_ns: int,
    missing: int,
    facts: dict[str, Any],
    audit: Audit | None = None,
    folding: Folding | None = None,
) -> Message:
    """The message of one stretch: percentiles, tail, slip, where time went, what is missing, the lines over time."""
    histogram, lines = recorder.histogram(), recorder.lines()
    quoted, late = histogram.percentiles(), slip.percentiles()
    tail_share, tail_ns = tail_of(histogram)
    audited, audited_arrays = audit.as_answer() if audit else (None, {})
    folded, bits = folding.taken() if folding else (0, 0)
    return Message(
        {
            "count": quoted.count,
            "p50_ns": quoted.p50_ns,
            "p99_ns": quoted.p99_ns,
            "p999_ns": quoted.p999_ns,
            "max_ns": quoted.max_ns,
            "early": histogram.early,
            "missing": missing,
            "overloaded": driven.overloaded,
            "span_ns": driven.ended_ns,
            "called_ns": driven.called_ns,
            "rested_ns": rested_ns,
            "gap_ns": recorder.longest_gap_ns,
            "slip": {"count": late.count, "p999_ns": slip.percentile(99.9), "max_ns": late.max_ns},
            "recording_ns": recording_cost_ns(10_000, 100),
            "facts": facts,
            "audited": audited,
            "folded": {"values": folded, "value_bits": bits},
        },
        {
            "tail_share": tail_share,
            "tail_ns": tail_ns,
            "slice_s": lines.slice_s,
            "slice_p99_ns": lines.p99_ns,
            "slice_max_ns": lines.max_ns,
            "sample_s": lines.sample_s,
            "backlog": lines.backlog,
            "held": lines.held,
            "lowest": lines.lowest,
            **audited_arrays,
        },
    )


def _rehearse(generator: Generator) -> None:
    """Compile what the loop will call."""
    generator.slip.record_sorted(np.zeros(1, np.int64), 1)
    generator.slip = Histogram()
