"""Write docs/speed.md: how fast the compiled implementations are, against what they must be.

    python docs/speed                 all of it, three pairs a case: about three minutes
    python docs/speed --full          at least six pairs a case, until the interval is narrow: half an hour
    python docs/speed --only fleet    the cases with that in their title again; the rest is kept
    python docs/speed --write         the page alone, from the figures there are

Figures are kept in docs/speed/figures.json. The ratios are the measurement; run it on an idle machine for the rest.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))
FIGURES, PAGE = HERE / "figures.json", HERE.parent / "speed.md"


def main() -> int:
    """Measure what was asked for, write the page; 1 if a figure falls short."""
    parser = argparse.ArgumentParser(prog="python docs/speed", description="Measure the compiled implementations.")
    parser.add_argument("--full", action="store_true", help="as many pairs as `sensorbench run` takes")
    parser.add_argument("--only", action="append", help="only cases with this in their title (repeatable)")
    parser.add_argument("--write", action="store_true", help="measure nothing, only write the page")
    arguments = parser.parse_args()
    from cases import CASES
    from measure import FULL, QUICK, machine, measure
    from page import falls_short, key, page

    known = json.loads(FIGURES.read_text()) if FIGURES.exists() else {"cases": {}}
    effort = FULL if arguments.full else QUICK
    with tempfile.TemporaryDirectory(prefix="sensorbench-speed-") as folder:
        for case in () if arguments.write else CASES:
            if arguments.only and not any(part in key(case) for part in arguments.only):
                continue
            figure = measure(case, effort, Path(folder), lambda said: print(said, flush=True))  # noqa: T201
            known["cases"][key(case)] = figure.as_dict()
            known["machine"] = machine()
            FIGURES.write_text(json.dumps(known, indent=1) + "\n")
    PAGE.write_text(page(CASES, known))
    short = falls_short(CASES, known)
    for line in short:
        print(line)  # noqa: T201
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
