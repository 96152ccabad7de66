"""How to read this report: its words, and what its figures do not say."""

from reports.content import Items, Section, strong
from reports.load import Run

ORDER = 95

_WORDS = {
    "No number without a proof.": """An implementation has a figure only after its outputs were proved equal to an
        oracle's on the very readings it was timed on; outputs of the timed calls were checked as well.""",
    "Throughput": """is the geometric mean over fresh processes, of each the median of its samples. A sample is whole
        windows, closing and flushing included, on a history that is full. Its interval is of 95%, over the processes:
        more samples of one process do not make it narrower. It says where the mean lies, not how far single samples
        spread.""",
    "Speed-up": """comes from pairs: candidate and baseline, both alive on the same processor, take turns (A B B A).
        The pair is the sample, so what the machine did to both cancels out. It need not be the quotient of the two
        throughputs, which mix quiet and busy minutes.""",
    "Verdict:": """faster or slower if the interval lies wholly outside ±1%, same if wholly inside, else
        inconclusive. Inconclusive is not the same: detectable says how small a difference these pairs could have
        shown.""",
    "Rank": """follows the speed-up where all ranked share one baseline, which itself counts as exactly 1; else the
        throughput. Neighbours whose intervals of it overlap are marked as not told apart.
        What was measured at another size than its neighbours has no rank; nothing is extrapolated.""",
    "First answer": """is the time from start to the first value in a fresh process: imports and compilation show
        here, never in the throughput.""",
    "A dash": "means not measured. It never means zero.",
}


def build(run: Run) -> Section | None:
    """The same for every run that measured something."""
    if not run.cells:
        return None
    points = tuple((strong(word), f" {' '.join(meaning.split())}") for word, meaning in _WORDS.items())
    return Section("How to read this", "reading", (Items(points),))
