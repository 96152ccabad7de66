"""Write docs/peers.md: every spelling of the peers that was tried, with its figure.

    python docs/peers                                        all of it, about ten minutes
    python docs/peers --library polars --size "1,000 sensors"    one part again; the rest is kept
    python docs/peers --write                                the page alone, from the figures there are

Figures are kept in docs/peers/figures.json, so that a part can be measured again.
"""

import argparse
import json
import os
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
FIGURES, PAGE = HERE / "figures.json", HERE.parent / "peers.md"
LIBRARIES = {
    "pandas": ("pandas_ways", ("pandas", "numpy")),
    "polars": ("polars_ways", ("polars", "numpy")),
    "duckdb": ("duckdb_ways", ("duckdb", "numpy")),
    "arrow": ("arrow_ways", ("pyarrow", "numpy")),
}
TITLES = {"pandas": "pandas", "polars": "Polars", "duckdb": "DuckDB", "arrow": "PyArrow and NumPy"}


def main() -> None:
    """Measure what was asked for and write the page."""
    parser = argparse.ArgumentParser(prog="python docs/peers", description="Measure every spelling of the peers.")
    parser.add_argument("--library", choices=LIBRARIES, action="append", help="only this one (repeatable)")
    parser.add_argument("--size", action="append", help="only the size so called (repeatable)")
    parser.add_argument("--rounds", type=int, default=7, help="timed windows of each way (default 7)")
    parser.add_argument("--write", action="store_true", help="measure nothing, only write the page")
    arguments = parser.parse_args()
    # Read by the libraries when they are imported, which is therefore below.
    for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "SENSORBENCH_THREADS"):
        os.environ[name] = "1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    from measure import SIZES, measure

    figures = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    for library in () if arguments.write else arguments.library or LIBRARIES:
        module, packages = LIBRARIES[library]
        ways = import_module(module).WAYS
        for size in SIZES:
            if arguments.size and size.name not in arguments.size:
                continue
            print(f"{library}, {size.name}", flush=True)  # noqa: T201
            measured = measure(ways, size, arguments.rounds)
            known = figures.setdefault(library, {})
            known["versions"] = {package: version(package) for package in packages}
            for way, figure in zip(ways, measured, strict=True):
                known.setdefault(size.name, {})[way.text] = [round(figure.median_ns, 2), round(figure.ratio, 3)]
        FIGURES.write_text(json.dumps(figures, indent=1) + "\n")
    from page import page

    PAGE.write_text(page({name: (TITLES[name], import_module(LIBRARIES[name][0]).WAYS) for name in figures}, figures))


if __name__ == "__main__":
    main()
