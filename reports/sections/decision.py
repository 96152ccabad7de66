"""Decision: what meets the study's own wants, the simplest of it, and how the weighting in its manner comes out."""

from dataclasses import replace
from functools import partial

from harness.answers import CERTAIN_REPETITIONS
from reports.content import (
    Block,
    Column,
    Figure,
    Fold,
    Headline,
    Items,
    Paragraph,
    Rich,
    Row,
    Section,
    Table,
    Value,
    code,
    strong,
)
from reports.decision import Candidate, Decision, decide, how_sure, why_recommended, why_simplest
from reports.fixed_cost import telling
from reports.load import Run
from reports.margin import MEMORY_SPARE, Margin, margin_words, of_the_study
from reports.plots.pareto import describe, front, pareto, points_of
from reports.ranking import rankings
from reports.scoring import RULES, own_scale, study_scores
from reports.tables import NOTHING, make_table, number, text
from reports.text import count, percent, times

ORDER = 11


def build(run: Run) -> Section | None:
    """The decision on the study's requirement; None where nothing was proved and timed that tells of a reading."""
    run = replace(run, cells=telling(run.cells))
    if not any(cell.verified and cell.throughput for cell in run.cells):
        return None
    decision = decide(run, of_the_study())
    blocks: list[Block] = [_headline(decision), Paragraph(_ABOUT)]
    if decision.meeting:
        blocks.append(_meeting(decision))
    for ranking in rankings(run.cells)[:1]:
        points = points_of(ranking)
        if len(points) > 1:
            name = f"plot-pareto-{ranking.anchor}"
            on_front = ", ".join(one.name for one in front(points))
            caption = (
                f"On {ranking.title}; large are those that none beats, being clearly better in one thing and in none"
                f" worse beyond the noise: {on_front}."
            )
            blocks.append(Figure(name, caption, describe(points), partial(pareto, points, name)))
    if decision.failing:
        blocks.append(
            Fold(
                count(
                    len(decision.failing), "implementation that does not meet it", "implementations that do not meet it"
                ),
                (_failing(decision),),
            )
        )
    blocks.append(_scoring(decision))
    return Section("Decision", "decision", tuple(blocks))


_ABOUT: Rich = (
    (
        "Judged on the worst of all workloads. Simplest is what needs the fewest services, then packages beyond NumPy,"
        " then lines with all parts it uses. In brackets: the interval of a factor, of 95% for a throughput, of the"
        " load that was held and the one that was not for a capacity, over the repetitions for a latency. Certain only"
        f" where each of them meets it whole, on every workload: a latency with {CERTAIN_REPETITIONS} repetitions or"
        f" more at that load, memory, which is of one process, with {percent(MEMORY_SPARE)} to spare. Another"
        " requirement: "
    ),
    code("sensorbench decide --rate 1e6 --p99 100ms --memory 16GiB"),
    ".",
)


def _headline(decision: Decision) -> Headline:
    wanted = str(decision.requirement)
    best, nearest = decision.recommended, decision.nearest
    if best is None:
        details: list[Rich] = []
        if nearest is not None:
            short = [margin_words(margin) for margin in nearest.margins if not margin.met]
            details.append(
                ("Nearest: ", strong(nearest.implementation), f": {'; '.join([*short, *nearest.refusals])}.")
            )
        return Headline(f"Nothing meets what the study wants: {wanted}.", tuple(details))
    sentence: Rich = ("For ", wanted, ": ", strong(best.implementation), f", {why_recommended(decision, best)}.")
    details = [f"{why_simplest(best)}; {how_sure(best)}."]
    details += [f"{margin_words(margin)} ({margin.basis}; worst on {margin.workload})." for margin in best.margins]
    return Headline(
        sentence, tuple(f"{line[:1].upper()}{line[1:]}" if isinstance(line, str) else line for line in details)
    )


def _meeting(decision: Decision) -> Table:
    columns = (
        Column("Implementation"),
        Column("Services", kind="number"),
        Column("Packages", kind="number", meaning="Beyond NumPy"),
        Column("Lines", kind="number", meaning="Of its file and the parts it uses, without docstrings"),
        Column("Rate", "and its margin", meaning="Worst of all workloads"),
        Column("p99", "and its margin"),
        Column("Memory", "and its margin", meaning="Runtime and peak"),
        Column("Certain", meaning="Whether the whole intervals meet it, on every workload"),
        Column("Score", kind="number", meaning="Feasibility, effect and risk in the study's weighting"),
    )
    return make_table(
        "These meet it: what surely does, then the simplest first", columns, [_meets(one) for one in decision.meeting]
    )


def _meets(one: Candidate) -> Row:
    simplicity: tuple[int | None, ...] = one.facts.simplicity if one.facts else (None, None, None)
    margins = {margin.what: margin for margin in one.margins}
    return Row(
        (
            text(one.implementation),
            *(number(value, "{:,.0f}".format) for value in simplicity),
            *(_margin(margins.get(what)) for what in ("rate", "p99", "memory")),
            Value("yes", tone="good") if one.certain else Value("no", tone="warn"),
            number(one.score),
        )
    )


def _margin(margin: Margin | None) -> Value:
    if margin is None or margin.factor is None:
        return NOTHING
    return Value(margin.shown, times(margin.factor), margin.factor)


def _failing(decision: Decision) -> Table:
    rows = [
        Row((text(one.implementation), text("; ".join([*one.refusals, *map(margin_words, _short(one))]), tone="muted")))
        for one in decision.failing
    ]
    return make_table("These do not, nearest first", (Column("Implementation"), Column("Why not")), rows)


def _short(one: Candidate) -> list[Margin]:
    return [margin for margin in one.margins if not margin.met]


def _scoring(decision: Decision) -> Fold:
    columns = (
        Column("Implementation"),
        Column("Feasibility", kind="number"),
        Column("Effect", kind="number"),
        Column("Risk", kind="number"),
        Column("Depth", kind="number"),
        Column("Score", kind="number"),
    )
    marked = [one for one in (*decision.meeting, *decision.failing) if one.marks is not None]
    marked.sort(key=lambda one: -(one.score or 0.0))
    rows = [
        Row((text(one.implementation), *map(number, (m.feasibility, m.effect, m.risk, m.depth)), number(one.score)))
        for one in marked
        if (m := one.marks)
    ]
    own = [
        Row((text(name), number(claimed), number(computed), _agrees(claimed, computed)))
        for name, claimed, computed in study_scores(decision.weights)
    ]
    rules = Items(tuple(f"{name}: {rule}." for name, rule in RULES.items()))
    blocks = (
        Paragraph(f"Score = {decision.weights}. Marks out of ten, from facts and measurements:"),
        rules,
        make_table("Scores in the study's manner", columns, rows),
        Paragraph(own_scale()),
        make_table(
            "The study's own marks, weighted",
            (Column("Approach"), Column("Claimed", kind="number"), Column("Computed", kind="number"), Column("Agrees")),
            own,
        ),
    )
    return Fold("Weighted as the study weighs: feasibility, effect, risk", blocks)


def _agrees(claimed: float, computed: float) -> Value:
    return Value("yes", tone="good") if abs(claimed - computed) < 1e-9 else Value("no", tone="bad")
