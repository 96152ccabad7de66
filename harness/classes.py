"""Which files of a folder define a class of some base, told from their syntax trees: nothing is imported."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path


def files_with(base: str, paths: Sequence[Path]) -> list[Path]:
    """Those of `paths` that may define a public class of `base`, or of a class of `base` in another of them.

    A file that cannot be read as Python is among them: who loads it is told why, where one left out would be missed by
    nobody. Time O(bytes of all files), mostly parsing: about 1 ms a file.

    Parameters
    ----------
    base : str
        Its name; of a name that a file imports as another one the first counts.
    """
    classes = {path: _classes(path) for path in paths}
    of_base = {base}
    while True:
        found = {name for defined in classes.values() for name, bases in defined or () if not of_base.isdisjoint(bases)}
        if found <= of_base:
            break
        of_base |= found
    return [path for path in paths if _holds_one(classes[path], of_base)]


def _holds_one(classes: "list[tuple[str, set[str]]] | None", of_base: set[str]) -> bool:
    if classes is None:
        return True
    return any(not name.startswith("_") and not of_base.isdisjoint(bases) for name, bases in classes)


def _classes(path: Path) -> "list[tuple[str, set[str]]] | None":
    """Each class of the file with the names of its bases, without their modules; None if it is no Python."""
    try:
        nodes = list(ast.walk(ast.parse(path.read_bytes())))  # bytes: the file itself may say how it is encoded
    except (SyntaxError, ValueError, OSError):
        return None
    imported = {
        alias.asname: alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    return [
        (node.name, {imported.get(name, name) for name in _names(node.bases)})
        for node in nodes
        if isinstance(node, ast.ClassDef)
    ]


def _names(bases: Sequence[ast.expr]) -> Iterator[str]:
    for base in bases:
        named = base.value if isinstance(base, ast.Subscript) else base
        if isinstance(named, ast.Name | ast.Attribute):
            yield named.id if isinstance(named, ast.Name) else named.attr
