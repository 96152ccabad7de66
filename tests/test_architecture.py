"""Who may import whom: the arrows of ARCHITECTURE.md, held; and heavy libraries stay out of what must be quick."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

_BASE = "harness.contract harness.errors"
_IMPLEMENTATION = f"implementations.parts implementations.kernels harness.records {_BASE}"
_BESIDE = f"harness.discovery harness.results harness.stream harness.units {_BASE}"
_FIGURES = f"harness.statistics harness.records harness.machine {_BESIDE}"

# The rooms of harness/measure, from the bottom up: each may import itself and those before it.
_ROOMS = [
    f"harness.measure.{name}" for name in ("processes", "speed", "machine", "memory", "load", "channels", "worker")
]

# What each place may import of the project itself. The longest matching prefix counts.
ALLOWED: dict[str, str] = {
    "harness.errors": "",
    "harness.units": "harness.errors",
    "harness.contract": _BASE,
    "harness.records": _BASE,
    "harness.classes": "",
    "harness.discovery": f"harness.classes {_BASE}",
    "harness.stream": f"harness.records {_BASE}",
    "harness.results": "",
    "harness.answers": "harness.results",
    "harness.__main__": "harness.entry",
    "harness.statistics": "harness.statistics harness.errors",
    "harness.store": "harness.store harness.errors",
    "harness.machine": "harness.machine harness.errors harness.units",
    "harness.control": _BASE,
    "harness.entry": "harness.cli",
    "harness.oracle": f"harness.stream {_BASE}",
    "implementations.kernels": "implementations.kernels harness.contract",
    "implementations.parts": _IMPLEMENTATION,
    "implementations.processors": _IMPLEMENTATION,
    "implementations.channels": _IMPLEMENTATION,
    "workloads": f"workloads harness.records harness.units {_BASE}",
    "reports": f"reports harness.answers harness.results harness.statistics harness.store harness.units {_BASE}",
    "harness.measure": "",
    **{room: f"{' '.join(_ROOMS[: place + 1])} {_FIGURES}" for place, room in enumerate(_ROOMS)},
    "harness.verify": f"{' '.join(_ROOMS[:-1])} {_BESIDE} harness.verify harness.oracle",
}
PROJECT = ("harness", "implementations", "workloads", "reports")
HEAVY = {
    "cupy",
    "dask",
    "distributed",
    "confluent_kafka",
    "redis",
    "polars",
    "duckdb",
    "pandas",
    "numba",
    "matplotlib",
    "scipy",
    "pyarrow",
    "rich",
    "jinja2",
    "memray",
    "optuna",
}


def modules() -> Iterator[tuple[str, Path]]:
    for package in PROJECT:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}:{node.lineno} imports relatively; write the whole name"
            yield node.lineno, node.module


def rule_for(module: str) -> tuple[str, ...] | None:
    matching = [prefix for prefix in ALLOWED if module == prefix or module.startswith(prefix + ".")]
    return tuple(ALLOWED[max(matching, key=len)].split()) if matching else None


@pytest.mark.parametrize(("module", "path"), [pytest.param(*item, id=item[0]) for item in modules()])
def test_imports_follow_the_arrows(module: str, path: Path) -> None:
    allowed = rule_for(module)
    if allowed is None:
        assert (
            module.startswith(("harness.run", "harness.optimize", "harness.cli", "harness.asv_suite", "harness.trust"))
            or "." not in module
        )
        return
    for line, name in imports(path):
        if name.partition(".")[0] in PROJECT:
            fits = any(name == prefix or name.startswith(prefix + ".") for prefix in allowed)
            assert fits, (
                f"{path.relative_to(ROOT)}:{line} imports {name}; {module} may import {', '.join(allowed) or 'nothing'}"
            )


def test_processors_never_import_each_other() -> None:
    for module, path in modules():
        if module.startswith(("implementations.processors.", "implementations.channels.")):
            for line, name in imports(path):
                assert not name.startswith(("implementations.processors", "implementations.channels")), f"{path}:{line}"


def test_what_runs_inside_a_worker_is_imported_by_nobody_else() -> None:
    for module, path in modules():
        if not module.startswith("harness.measure.worker"):
            for line, name in imports(path):
                assert not name.startswith("harness.measure.worker"), f"{path}:{line}"


def loaded_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import harness.cli",
        "import harness.measure.worker.serve",
        "import reports",
        "from harness.cli.list import listing; listing()",
    ],
)
def test_heavy_libraries_are_loaded_only_when_used(code: str) -> None:
    assert loaded_after(code).isdisjoint(HEAVY)


def test_every_package_is_listed_for_installation() -> None:
    import tomllib

    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    there = {
        ".".join(path.parent.relative_to(ROOT).parts) for package in PROJECT for path in (ROOT / package).rglob("*.py")
    }
    assert there == listed
