"""The page: one line a case, what it must reach beside what it reached."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cases import LEAST_ROOFLINE_SHARE, MOST_FIRST_ANSWER_S, ROOFLINE_SENSORS, Case

_INTRODUCTION = """# How fast the compiled implementations are

`simd` on one thread against the fastest peer on one thread in its fastest spelling ([peers.md](peers.md)), and
`parallel` on two against `simd` on one: pairs of fresh processes that take turns on the same CPUs, as in
`sensorbench run`; all five steps, whole windows with `close_window`, the history of {retain:,} readings full. The
ratio is that of the pairs, with its interval; in every process a timed window, chosen at random, was checked reading by
reading. The share is that of copying 36 bytes a reading at the same footprint on as many threads. *First answer*
is from `start` to the first values, with the compiled loops on disk. To repeat it:

    python docs/speed

Measured on {cpu} ({cpus} CPUs).
"""


def key(case: Case) -> str:
    """Under what the figures of a case are kept."""
    return f"{case.candidate} against {case.baseline}: {case.title}"


def page(cases: Sequence[Case], known: Mapping[str, Any]) -> str:
    """The page as Markdown."""
    machine = known.get("machine", {"cpu": "nothing yet", "cpus": 0})
    lines = [
        _INTRODUCTION.format(retain=cases[0].retain, **machine),
        "| | against | times as fast | must be | aim | million readings a second | share of copying | first answer |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(_row(case, known["cases"][key(case)]) for case in cases if key(case) in known["cases"]),
    ]
    short = falls_short(cases, known)
    lines += ["", "Short of what is asked: " + "; ".join(short) + "." if short else _reached(cases, known)]
    return "\n".join(lines) + "\n"


def _reached(cases: Sequence[Case], known: Mapping[str, Any]) -> str:
    """That the estimates reach what is asked, and which intervals reach below it."""
    below = [
        case.title for case in cases if key(case) in known["cases"] and known["cases"][key(case)]["low"] < case.least
    ]
    also = f"; the interval reaches below it for {', and '.join(below)}" if below else ", with the whole interval"
    return f"Everything asked is reached by the estimate{also}."


def _row(case: Case, figure: Mapping[str, Any]) -> str:
    aim = "" if case.aim is None else f"{case.aim:g}"
    threads = "" if case.threads == 1 else f", {case.threads} threads"
    cells = (
        f"`{case.candidate}`{threads}, {case.title}",
        f"`{case.baseline}`",
        f"{figure['ratio']:.2f} ({figure['low']:.2f} to {figure['high']:.2f})",
        f"{case.least:g}",
        aim,
        f"{figure['candidate_per_s'] / 1e6:.0f} against {figure['baseline_per_s'] / 1e6:.0f}",
        f"{figure['roofline_share']:.0%}",
        f"{figure['first_answer_s']:.2f} s",
    )
    return "| " + " | ".join(cells) + " |"


def falls_short(cases: Sequence[Case], known: Mapping[str, Any]) -> list[str]:
    """What is measured and below what it must be."""
    return [said for case in cases if key(case) in known["cases"] for said in _short(case, known["cases"][key(case)])]


def _short(case: Case, figure: Mapping[str, Any]) -> Iterator[str]:
    if figure["ratio"] < case.least:
        yield f"{key(case)}: {figure['ratio']:.2f} times, {case.least:g} asked"
    of_roofline = case.sensors == ROOFLINE_SENSORS and case.candidate == "simd"
    if of_roofline and figure["roofline_share"] < LEAST_ROOFLINE_SHARE:
        yield f"{key(case)}: {figure['roofline_share']:.0%} of copying, {LEAST_ROOFLINE_SHARE:.0%} asked"
    if figure["first_answer_s"] > MOST_FIRST_ANSWER_S:
        yield f"{key(case)}: first answer after {figure['first_answer_s']:.1f} s, {MOST_FIRST_ANSWER_S:g} s asked"
