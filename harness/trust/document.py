"""docs/trust.md, from the stored comparisons."""

from collections.abc import Callable, Sequence
from statistics import median

from harness.trust.comparisons import PLANTED_SHARES, Known
from harness.trust.rules import asv_differs, pyperf_differs
from harness.units import format_seconds

_NARROW = 0.02
_WRONG_OF_IDENTICAL = ("faster", "slower")
_WRONG_OF_SLOWER = ("faster", "same")


def _upper_bound(hits: int, count: int) -> float:
    """Upper end of the one-sided 95% interval of a share (Clopper and Pearson, Biometrika 26, 1934, 404-413)."""
    from scipy.special import betaincinv

    return 1.0 if hits >= count else float(betaincinv(hits + 1, count - hits, 0.95))


def _share(hits: int, count: int) -> str:
    return (
        "none taken"
        if not count
        else f"{hits} of {count} ({hits / count:.1%}; at most {_upper_bound(hits, count):.1%})"
    )


def trust_document(found: Sequence[Known], machine: str, command: str) -> str:
    """Markdown: false verdicts, power, cost, and other tools' rules on the same samples."""
    lines = [
        "# Can the verdicts be trusted?",
        "",
        "Comparisons whose truth is known, taken on a real machine by real worker processes: identical code against",
        "itself, and code that spins for a planted share of each call's time. Light workers (NumPy alone), warm-up",
        "0.2 s.",
        "Bounds in brackets are one-sided at 95%.",
        "",
        f"Machine: {machine}. Repeat with `{command}`; it can be interrupted and goes on where it was.",
        "",
        "## Verdicts",
        "",
        "| planted | comparisons | faster | slower | same | inconclusive | pairs (median) | half width (median) |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for share in PLANTED_SHARES:
        rows = [known for known in found if known.planted == share]
        if rows:
            counts = [
                sum(known.verdict == verdict for known in rows)
                for verdict in ("faster", "slower", "same", "inconclusive")
            ]
            pairs = median(len(known.effects) for known in rows)
            width = median(known.half_width or 0.0 for known in rows)
            cells = (f"{share:.0%}", len(rows), *counts, f"{pairs:g}", f"{width:.2%}")
            lines.append("| " + " | ".join(map(str, cells)) + " |")
    identical = [known for known in found if known.planted == 0]
    false = _share(_count(identical, _WRONG_OF_IDENTICAL), len(identical))
    lines += ["", f"- False faster or slower of identical code: {false}."]
    for share in PLANTED_SHARES[1:]:
        rows = [known for known in found if known.planted == share]
        narrow = [known for known in rows if known.half_width is not None and known.half_width <= _NARROW]
        found_narrow = _share(_count(narrow, ("slower",)), len(narrow))
        missed = _share(_count(rows, _WRONG_OF_SLOWER), len(rows))
        lines.append(
            f"- {share:.0%} slower, found where the interval was +-{_NARROW:.0%} or narrower: {found_narrow}; "
            f"called same or faster in all: {missed}."
        )
    lines += ["", "## Cost", "", "| level | comparisons | seconds a comparison (median) |", "|---|---:|---:|"]
    for level in dict.fromkeys(known.level for known in found):
        rows = [known for known in found if known.level == level]
        lines.append(f"| {level} | {len(rows)} | {format_seconds(median(known.seconds for known in rows))} |")
    lines += [
        "",
        "## The same samples by other rules",
        "",
        "All samples of each side pooled, as these tools do. Called different, in either direction:",
        "",
        "| planted | comparisons | here | pyperf (t-test, 95%) | asv (Mann-Whitney 0.002 and factor 1.1) |",
        "|---:|---:|---:|---:|---:|",
    ]
    for share in PLANTED_SHARES:
        rows = [known for known in found if known.planted == share]
        if rows:
            here = _count(rows, _WRONG_OF_IDENTICAL)
            others = [_pooled(rows, rule) for rule in (pyperf_differs, asv_differs)]
            cells = (f"{share:.0%}", len(rows), *(f"{hits} ({hits / len(rows):.0%})" for hits in (here, *others)))
            lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + "\n"


def _count(rows: Sequence[Known], verdicts: Sequence[str]) -> int:
    return sum(known.verdict in verdicts for known in rows)


def _pooled(rows: Sequence[Known], rule: Callable[[Sequence[float], Sequence[float]], bool]) -> int:
    return sum(rule(known.baseline_ns, known.candidate_ns) for known in rows)
