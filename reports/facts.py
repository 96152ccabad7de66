"""What an implementation rests on, read from its source: lines, packages, services. Nothing is imported or typed in."""

import ast
import importlib.util
import re
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

_OURS = ("implementations",)
_PROJECT = {"harness", "implementations", "workloads", "reports"}
_GIVEN = {"numpy"}
"""What the contract itself is made of costs nobody anything."""

_FILE_NAME = re.compile(r"\w[\w-]*\.\w+")
SERVICES = {"redis": "Redis", "confluent_kafka": "Kafka"}
"""Client libraries and the server that each is of no use without."""

GPU_PACKAGES = {"cupy", "cupyx", "numba.cuda"}
_DISTRIBUTED_APART = {"numba.cuda": "numba-cuda"}
"""Packages inside another's that a distribution of their own brings."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands behind one implementation.

    Parameters
    ----------
    lines : int
        Of its file, of those functions and classes of the parts and kernels that it reaches, and of the files in
        other languages that these name; without blank lines and docstrings.
    kernel_lines : int
        Of these, the ones in kernels.
    dependencies : tuple of str
        Packages it imports beyond NumPy.
    services : tuple of str
        Servers it needs beside it.
    gpu : bool
    """

    lines: int
    kernel_lines: int
    dependencies: tuple[str, ...]
    services: tuple[str, ...]
    gpu: bool

    @property
    def simplicity(self) -> tuple[int, int, int]:
        """What implementations are ordered by, simplest first: services, dependencies, lines."""
        return len(self.services), len(self.dependencies), self.lines


@dataclass(slots=True)
class _Module:
    """A parsed module: its text, its top-level definitions, what its imports bind, and who takes whose place by switch.

    The last is `Processor.in_its_place`, taken out of the class that has it, which does not rest on the others.
    """

    name: str
    path: Path
    text: list[str]
    defined: dict[str, ast.stmt] = field(default_factory=dict)
    imported: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    in_its_place: dict[str, str] = field(default_factory=dict)


def facts_of(reference: str, switched_on: Collection[str] = ()) -> Facts | None:
    """The facts behind ``module:NAME`` or ``file:PATH`` with these switches on; None where there is no source to read.

    >>> facts_of("module:implementations.processors.naive").dependencies
    ()
    """
    kind, _, rest = reference.partition(":")
    name = rest.partition(":")[0]
    path = Path(rest) if kind == "file" else _path_of(name)
    if path is None or not path.is_file():
        return None
    return _Reach().of(name if kind != "file" else "", path, switched_on)


class _Reach:
    """Follows names from a file through the parts and kernels they stand for."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._lines: dict[str, set[int]] = {}
        self._packages: set[str] = set()

    def of(self, name: str, path: Path, switched_on: Collection[str]) -> Facts:
        module = _parsed(name or str(path), path)
        assert module is not None
        in_place = {other for switch, other in module.in_its_place.items() if switch in switched_on}
        for defined in in_place or module.defined.keys() - module.in_its_place.values():
            self._take(module, defined)
        tops = sorted({package.partition(".")[0] for package in self._packages} - _GIVEN)
        lines = {name: len(numbers) for name, numbers in self._lines.items()}
        return Facts(
            lines=sum(lines.values()),
            kernel_lines=sum(number for name, number in lines.items() if ".kernels." in name),
            dependencies=_distributions_of(
                [*tops, *sorted(self._packages & _DISTRIBUTED_APART.keys())],
            ),
            services=tuple(SERVICES[top] for top in tops if top in SERVICES),
            gpu=bool(GPU_PACKAGES & (self._packages | set(tops))),
        )

    def _take(self, module: _Module, name: str) -> None:
        if (module.name, name) in self._seen:
            return
        self._seen.add((module.name, name))
        node = module.defined.get(name)
        if node is None:
            if name in module.imported:
                self._follow(*module.imported[name], attributes=None)
            return
        begins = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", ()))])
        said = _docstring_lines(node)
        numbers = range(begins, (node.end_lineno or node.lineno) + 1)
        kept = {number for number in numbers if number not in said and module.text[number - 1].strip()}
        self._lines.setdefault(module.name, set()).update(kept)
        for beside in _files_named(node, module.path.parent):
            written = beside.read_text(encoding="utf-8").splitlines()
            beside_name = f"{module.name}/{beside.name}"
            self._lines[beside_name] = {number for number, line in enumerate(written) if line.strip()}
        local = dict(module.imported)
        local.update(_imports(node))
        used = _used(node)
        for inner in used:
            if inner in module.defined and inner not in local:
                self._take(module, inner)
            elif inner in local:
                self._follow(*local[inner], attributes=used[inner])

    def _follow(self, source: str, name: str | None, attributes: set[str] | None) -> None:
        """Take what an import stands for: a name of a module, attributes of one, or all of it."""
        if source.partition(".")[0] not in _OURS:
            self._third_party(source, name)
            return
        if name is not None and _path_of(f"{source}.{name}") is not None:
            source, name = f"{source}.{name}", None
        path = _path_of(source)
        module = _parsed(source, path) if path else None
        if module is None:
            return
        wanted = {name} if name is not None else attributes or set(module.defined)
        for one in wanted:
            self._take(module, one)

    def _third_party(self, source: str, name: str | None) -> None:
        top = source.partition(".")[0]
        if top in _PROJECT or top in sys.stdlib_module_names or top == "__future__":
            return
        self._packages |= {source, f"{source}.{name}"} if name else {source}


def _docstring_lines(node: ast.AST) -> set[int]:
    """The lines that say what code does instead of doing it."""
    found: set[int] = set()
    for inner in ast.walk(node):
        body = getattr(inner, "body", None)
        if isinstance(inner, ast.ClassDef | ast.FunctionDef) and body and ast.get_docstring(inner) is not None:
            found |= set(range(body[0].lineno, (body[0].end_lineno or body[0].lineno) + 1))
    return found


def _files_named(node: ast.AST, folder: Path) -> Iterator[Path]:
    """The files of `folder` in other languages whose names a piece of code holds."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and _FILE_NAME.fullmatch(inner.value):
            path = folder / inner.value
            if path.suffix != ".py" and path.is_file():
                yield path


def _used(node: ast.AST) -> dict[str, set[str] | None]:
    """The names a piece of code reads, with the attributes taken from each, or None where it is used by itself."""
    found: dict[str, set[str] | None] = {}
    bases: set[int] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
            bases.add(id(inner.value))
            known = found.setdefault(inner.value.id, set())
            if known is not None:
                known.add(inner.attr)
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and id(inner) not in bases:
            found[inner.id] = None
    return found


def _imports(node: ast.AST) -> Iterator[tuple[str, tuple[str, str | None]]]:
    """What the imports in a piece of code bind, by name; those for type checkers are left out by their caller."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Import):
            for alias in inner.names:
                whole = alias.name if alias.asname else alias.name.partition(".")[0]
                yield alias.asname or whole, (alias.name, None)
        elif isinstance(inner, ast.ImportFrom) and inner.module:
            for alias in inner.names:
                yield alias.asname or alias.name, (inner.module, alias.name)


@cache
def _parsed(name: str, path: Path) -> _Module | None:
    try:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError):
        return None
    module = _Module(name, path, text.splitlines())
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            module.imported.update(_imports(node))
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            module.defined[node.name] = node
            if isinstance(node, ast.ClassDef):
                module.in_its_place.update(_take_out_in_its_place(node))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            module.defined.update(dict.fromkeys(_assigned(node), node))
    return module


def _take_out_in_its_place(node: ast.ClassDef) -> dict[str, str]:
    """The names of the classes that take this one's place, by switch, which its body then no longer holds."""
    for inner in node.body:
        if (
            isinstance(inner, ast.Assign | ast.AnnAssign)
            and "in_its_place" in _assigned(inner)
            and isinstance(inner.value, ast.Dict)
        ):
            node.body.remove(inner)
            pairs = zip(inner.value.keys, inner.value.values, strict=True)
            return {str(one.value): ast.unparse(other) for one, other in pairs if isinstance(one, ast.Constant)}
    return {}


def _assigned(node: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {inner.id for target in targets for inner in ast.walk(target) if isinstance(inner, ast.Name)}


def _path_of(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec is not None and spec.origin and spec.origin.endswith(".py") else None


@cache
def _distributions() -> dict[str, list[str]]:
    return dict(packages_distributions())


def _distributions_of(tops: list[str]) -> tuple[str, ...]:
    """The installed distributions that top-level packages belong to, without those that another of them brings."""
    found = dict.fromkeys(_DISTRIBUTED_APART.get(top) or _distributions().get(top, [top])[0] for top in tops)
    return tuple(one for one in found if not any(_needs(other, one) for other in found if other != one))


def _needs(one: str, other: str) -> bool:
    try:
        return any((need or "").startswith(other) for need in requires(one) or ())
    except PackageNotFoundError:
        return False
