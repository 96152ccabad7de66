"""docs/trust.md, from the stored comparisons."""

from collections.abc import Iterator, Sequence
from statistics import median

from harness.measure.speed.effort import EFFORTS
from harness.results import Level
from harness.trust.acceptance import Standing, acceptance, at_most, count, planted
from harness.trust.comparisons import PLANTED_SHARES, WARM_UP_S, Known, effort_for
from harness.trust.rules import asv_differs, pyperf_differs
from harness.trust.sittings import Sitting, circumstances
from harness.units import format_seconds

_VERDICTS = ("faster", "slower", "same", "inconclusive")


def trust_document(found: Sequence[Known], sittings: Sequence[Sitting], command: str) -> str:
    """Markdown: what must be achieved, verdicts, cost, and other tools' rules on the same samples."""
    by_level = {level: [known for known in found if known.level == level] for level in Level}
    judged = {level: rows for level, rows in by_level.items() if rows and EFFORTS[level].gives_verdicts}
    lines = [
        "# Can the verdicts be trusted?",
        "",
        "Comparisons whose truth is known, taken on a real machine by real worker processes: identical code against",
        "itself, and code that spins for a planted share of each call's time. Light workers (NumPy alone), warm-up",
        f"{WARM_UP_S:g} s, the interval asked for at +-2% or what the level asks for, if that is narrower.",
        "Bounds in brackets are one-sided at 95%.",
        "",
        *(f"- {sentence}" for sentence in circumstances(sittings, len(found))),
        f"- Repeat with `{command}`; it can be interrupted and goes on where it was.",
    ]
    for level, rows in judged.items():
        if level is Level.DEFAULT:
            lines += ["", "## What must be achieved", "", *_acceptance(rows)]
    lines += ["", "## Verdicts", "", *_verdicts(judged)]
    lines += ["", "## Cost", "", *_cost(by_level)]
    lines += ["", "## The same samples by other rules", "", *_other_rules(by_level)]
    return "\n".join(lines) + "\n"


def _acceptance(rows: Sequence[Known]) -> Iterator[str]:
    taken, asked = effort_for(Level.DEFAULT).width, EFFORTS[Level.DEFAULT].width
    yield "Over the comparisons of the default level, as it is taken here: each is the only one of its run and goes"
    yield f"on until its interval is +-{taken:.0%} or its pairs are used up. A run of yours at the default level asks"
    yield f"for an interval of +-{asked:.0%}, and with m candidates for one at 1 - 0.01/m, which is wider. It finds"
    yield f"less than stands here: an interval of +-{asked:.0%} around a slowdown of 5% reaches into the band of +-1%,"
    yield "and the verdict is inconclusive; where 5% matters, ask for --rigorous. False verdicts do not become more"
    yield "frequent by it: all m together may be false as often as the one here."
    yield ""
    for line in acceptance(rows):
        yield f"- **{line.standing}**: {line.text}: {line.figures}."
    yield ""
    yield "Each word follows from the bound in brackets, which is wrong in 5% of cases:"
    yield ""
    yield from (f"- {standing}: {standing.meaning}." for standing in Standing)


def _verdicts(judged: dict[Level, list[Known]]) -> Iterator[str]:
    yield from _head("level", "planted", "comparisons", *_VERDICTS, "pairs (median)", "half width (median)")
    for level, rows in judged.items():
        for share in PLANTED_SHARES:
            some = planted(rows, share)
            if some:
                counts = [count(some, verdict) for verdict in _VERDICTS]
                pairs = median(len(known.effects) for known in some)
                width = median(known.half_width for known in some if known.half_width is not None)
                yield _row(level, f"{share:.0%}", len(some), *counts, f"{pairs:g}", f"{width:.2%}")
    yield ""
    for level, rows in judged.items():
        identical = planted(rows, 0.0)
        false = at_most(count(identical, "faster", "slower"), len(identical))
        slowed = [known for known in rows if known.planted > 0]
        wrong = at_most(count(slowed, "faster"), len(slowed))
        yield f"- {level}: identical code called faster or slower: {false}; slowed code called faster: {wrong}."


def _cost(by_level: dict[Level, list[Known]]) -> Iterator[str]:
    yield "Seconds a comparison of two light implementations takes at the median, verification left out; with the"
    yield "level's own warm-up it takes twice the difference longer, once a side, for each pair."
    yield ""
    yield from _head("level", "comparisons", "pairs (median)", "as taken", "most", "with its own warm-up")
    for level, rows in by_level.items():
        if rows:
            longer_s = 2 * (EFFORTS[level].warm_up_s - effort_for(level).warm_up_s)
            seconds = [known.seconds for known in rows]
            whole = [known.seconds + longer_s * len(known.effects) for known in rows]
            pairs = median(len(known.effects) for known in rows)
            times = (format_seconds(value) for value in (median(seconds), max(seconds), median(whole)))
            yield _row(level, len(rows), f"{pairs:g}", *times)
    if by_level[Level.QUICK]:
        yield ""
        yield "A run at the quick level keeps the baseline's processes for its next candidates; here they start afresh."


def _other_rules(by_level: dict[Level, list[Known]]) -> Iterator[str]:
    yield "All samples of each side pooled, as these tools do, and judged by their own code. Called different, in"
    yield "either direction: of identical code every one is false."
    yield ""
    yield from _head(
        "level", "planted", "comparisons", "here", "pyperf (t-test, 95%)", "asv (Mann-Whitney 0.002 and factor 1.1)"
    )
    for level, rows in by_level.items():
        for share in PLANTED_SHARES:
            some = planted(rows, share)
            if some:
                here = count(some, "faster", "slower") if EFFORTS[level].gives_verdicts else None
                others = (
                    sum(rule(known.baseline_ns, known.candidate_ns) for known in some)
                    for rule in (pyperf_differs, asv_differs)
                )
                shares = (
                    "no verdicts" if hits is None else f"{hits} ({hits / len(some):.1%})" for hits in (here, *others)
                )
                yield _row(level, f"{share:.0%}", len(some), *shares)


def _head(*columns: str) -> Iterator[str]:
    yield _row(*columns)
    yield "|---|" + "---:|" * (len(columns) - 1)


def _row(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"
