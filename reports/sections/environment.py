"""The environment: everything about the machine that the figures depend on."""

from collections.abc import Iterator, Mapping
from typing import Any

from reports.content import Block, Column, Fold, Row, Section, Table
from reports.load import Run
from reports.tables import make_table, text
from reports.text import BYTES, quantity

ORDER = 80


def build(run: Run) -> Section | None:
    """Machine and versions; whatever the manifest holds, also what this version does not know."""
    if not run.environment:
        return None
    machine = [(" ".join(name), value) for name, value in _flat(run.environment)]
    blocks: list[Block] = [_table("Machine and system", "Property", machine)]
    software = run.environment.get("software")
    versions = software.get("versions") if isinstance(software, Mapping) else None
    if isinstance(versions, Mapping) and versions:
        named = [(str(name), str(version)) for name, version in versions.items()]
        blocks.append(Fold("Versions", (_table("Versions", "Package", named),)))
    return Section("Environment", "environment", tuple(blocks))


def _table(caption: str, name: str, pairs: list[tuple[str, str]]) -> Table:
    rows = [Row((text(key), text(value))) for key, value in pairs]
    return make_table(caption, (Column(name), Column("Value")), rows)


def _flat(found: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Names and values of nested data; what could not be read is said to be unknown."""
    for name, value in found.items():
        if name == "versions" or (name == "schema" and not above):
            continue
        if isinstance(value, Mapping):
            yield from _flat(value, (*above, name))
        elif isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
            for index, item in enumerate(value):
                yield from _flat(item if isinstance(item, Mapping) else {"": item}, (*above, f"{name} {index}"))
        else:
            label, shown = _shown(name, value)
            yield (*above, label), shown


def _shown(name: str, value: object) -> tuple[str, str]:
    label = name.replace("_", " ")
    if value is None:
        return label.removesuffix(" bytes"), "unknown"
    if isinstance(value, bool):
        return label, "yes" if value else "no"
    if isinstance(value, list | tuple):
        return label, " ".join(map(str, value)) or "none"
    if name.endswith("_bytes") and isinstance(value, int | float):
        return label.removesuffix(" bytes"), quantity(BYTES, value)
    return label, str(value)
