"""The software: versions, the project's own commit, Numba's threads. Imports none of what it names."""

import importlib.util
import os
import platform
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = "sensorbench"
_INDIRECT = ("llvmlite", "tbb", "icc-rt")
_LAYERS = {"tbb": "tbbpool*", "omp": "omppool*", "workqueue": "workqueue*"}
_GIT_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Software:
    """The software; None where it could not be read.

    Parameters
    ----------
    commit, dirty
        Of the checkout the project runs from; None when it was installed from a package.
    versions
        By distribution name: the interpreter, the C library and whatever the project can use and is installed.
    numba_layer
        What ``NUMBA_THREADING_LAYER`` asks for, else ``default``.
    numba_layers
        Those that Numba was built with, the preferred one first.
    numba_threads
        What ``NUMBA_NUM_THREADS`` asks for.
    """

    commit: str | None = None
    dirty: bool | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    numba_layer: str | None = None
    numba_layers: tuple[str, ...] = ()
    numba_threads: str | None = None


def read_software(environment: Mapping[str, str] = os.environ) -> Software:
    """Read the software of this process."""
    commit, dirty = _commit(Path(__file__).resolve().parents[2])
    return Software(
        commit=commit,
        dirty=dirty,
        versions=versions(),
        numba_layer=environment.get("NUMBA_THREADING_LAYER", "default"),
        numba_layers=_numba_layers(),
        numba_threads=environment.get("NUMBA_NUM_THREADS"),
    )


def versions() -> dict[str, str]:
    """Version of every installed distribution that the project can compute with, by name."""
    import importlib.metadata  # pulls in the e-mail package: half of what importing this package would cost

    found = {"python": f"{platform.python_version()} ({platform.python_implementation()})"}
    libc = os.confstr("CS_GNU_LIBC_VERSION") if "CS_GNU_LIBC_VERSION" in getattr(os, "confstr_names", {}) else None
    if libc:
        found["libc"] = libc
    try:
        required = importlib.metadata.requires(PROJECT) or []
    except importlib.metadata.PackageNotFoundError:
        required = ["numpy", "numba", "pandas", "polars", "duckdb", "pyarrow"]
    useful = [line for line in required if not re.search(r"extra\s*==\s*['\"]dev['\"]", line)]
    names = {match.group().lower() for line in useful if (match := re.match(r"[A-Za-z0-9._-]+", line))}
    for name in sorted(names | {PROJECT, *_INDIRECT}):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _commit(checkout: Path) -> tuple[str | None, bool | None]:
    """Commit of `checkout` and whether anything differs from it, files unknown to git included.

    Only the project's own checkout counts: an environment that happens to lie inside another repository has none.
    """
    if not (checkout / ".git").exists():
        return None, None
    commit = _git(checkout, "rev-parse", "HEAD")
    changes = _git(checkout, "status", "--porcelain")
    return (commit or "").strip() or None, None if changes is None else bool(changes.strip())


def _git(checkout: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(checkout), *arguments]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_GIT_TIMEOUT_S, check=True, env=environment
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def _numba_layers() -> tuple[str, ...]:
    """The layers whose library lies in the Numba package, by name of file."""
    try:
        spec = importlib.util.find_spec("numba")
    except (ImportError, ValueError):
        return ()
    folders = [Path(folder) / "np" / "ufunc" for folder in (spec.submodule_search_locations or [])] if spec else []
    return tuple(name for name, pattern in _LAYERS.items() if any(any(folder.glob(pattern)) for folder in folders))
