"""Where compiled code is kept: in a folder for each state of the sources, so that none of it is ever stale.

Numba keeps a compiled function until the file it stands in changes; that a function of another file has changed, which
it calls and has taken in, it does not see. What is proved and timed must be what the sources say.
"""

import hashlib
import os
import shutil
from functools import cache
from importlib.util import find_spec
from pathlib import Path

VARIABLE = "NUMBA_CACHE_DIR"
_KEPT = 6
_PREFIX = "compiled-"


def compiled_environment() -> dict[str, str]:
    """What tells Numba where to keep compiled code; nothing where the user has said, or the sources are read-only."""
    folder = None if os.environ.get(VARIABLE) else _own_folder()
    return {VARIABLE: str(folder)} if folder else {}


@cache
def _own_folder() -> Path | None:
    found = find_spec("implementations")
    places = found.submodule_search_locations if found else None
    return compiled_folder(Path(places[0])) if places else None


def compiled_folder(sources: Path) -> Path | None:
    """The folder for what is compiled from `sources` as they are now, made if it is not there; None if it cannot be.

    Only those of the latest few states are kept. Reads every source: some milliseconds.
    """
    state = hashlib.sha256()
    for path in sorted(sources.rglob("*.py")):
        state.update(f"{path.relative_to(sources)}\0".encode())
        state.update(hashlib.sha256(path.read_bytes()).digest())
    parent = sources / "__pycache__"
    folder = parent / f"{_PREFIX}{state.hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        others = sorted(parent.glob(f"{_PREFIX}*"), key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return None
    for old in others[_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return folder
