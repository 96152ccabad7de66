"""The environment: everything about the machine that the figures depend on."""

from collections.abc import Iterator, Mapping
from typing import Any

from reports.content import Block, Pairs, Section
from reports.load import Run
from reports.text import BYTES, moment, quantity

ORDER = 80

_PARTS = {
    "cpu": "Processor",
    "memory": "Memory",
    "system": "System",
    "gpus": "Graphics processors",
    "software": "Software",
}
_WORDS = {"os": "operating system", "aslr": "address randomization", "l1d": "L1 data cache", "l2": "L2 cache",
          "l3": "L3 cache", "logical": "hardware threads", "physical": "cores", "allowed": "hardware threads allowed",
          "load 1min": "load, last minute", "dirty": "uncommitted changes"}  # fmt: skip


def build(run: Run) -> Section | None:
    """Machine and versions; whatever the manifest holds, also what this version does not know."""
    blocks: list[Block] = []
    rest: dict[str, Any] = {}
    for name, part in run.environment.items():
        if isinstance(part, Mapping | list | tuple):
            pairs = tuple(_flat({"": part} if not isinstance(part, Mapping) else part))
            if pairs:
                blocks.append(Pairs(_PARTS.get(name, name), pairs))
        elif name != "schema":
            rest[name] = part
    if rest:
        blocks.append(Pairs("Other", tuple(_flat(rest))))
    if len(run.sessions) > 1:
        blocks.append(Pairs("Sessions", tuple(map(_session, run.sessions))))
    if not blocks:
        return None
    return Section("Environment", "environment", tuple(blocks))


def _session(session: Mapping[str, Any]) -> tuple[str, str]:
    """When a session began, and with which code."""
    changes = ", with uncommitted changes" if session.get("dirty") else ""
    return moment(str(session.get("started") or "unknown")), f"commit {session.get('commit') or 'unknown'}{changes}"


def _flat(found: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Names and values of nested data; what could not be read is said to be unknown."""
    for name, value in found.items():
        label = f"{above} {name}".strip()
        if isinstance(value, Mapping):
            yield from _flat(value, "" if name == "versions" else label)
        elif isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
            for index, item in enumerate(value):
                yield from _flat(item if isinstance(item, Mapping) else {"": item}, f"{label} {index}".strip())
        elif name or value:
            yield _shown(label, value)


def _shown(name: str, value: object) -> tuple[str, str]:
    plain = name.replace("_", " ").removesuffix(" bytes")
    label = _WORDS.get(plain, plain)
    if value is None:
        return label, "unknown"
    if isinstance(value, bool):
        return label, "yes" if value else "no"
    if isinstance(value, list | tuple):
        return label, " ".join(map(str, value)) or "none"
    if name.endswith("_bytes") and isinstance(value, int | float):
        return label, quantity(BYTES, value)
    return label, str(value)
