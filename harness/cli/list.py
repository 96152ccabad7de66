"""Show implementations, channels and workloads, and what cannot run here."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from harness.cli.console import say, say_json, say_table
from harness.discovery import Entry, Kind, entries, load
from harness.errors import SensorbenchError

_KINDS: tuple[Kind, ...] = ("processors", "channels", "workloads")


def _row(entry: Entry) -> dict[str, Any]:
    row: dict[str, Any] = {"name": entry.name, "idea": entry.summary.partition(": ")[2] or entry.summary}
    try:
        found: Any = load(entry)
        row["unavailable"] = found.unavailable()
        if entry.kind != "workloads":
            row["approach"] = str(found.approach)
        if entry.kind == "channels":
            row["overflows"], row["survives"] = sorted(map(str, found.overflows)), bool(found.survives)
    except SensorbenchError as error:
        row["unavailable"] = str(error)
    return row


def listing() -> Mapping[str, list[dict[str, Any]]]:
    """Everything there is, by kind, with the reason where something cannot run here."""
    return {kind: [_row(entry) for entry in entries(kind).values()] for kind in _KINDS}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
@click.option("-v", "--verbose", is_flag=True, help="Also show where each one lies.")
def command(as_json: bool, verbose: bool) -> None:
    """Show implementations, channels and workloads; what cannot run here, why, and what would mend that.

    Everything is found by being there: a file in implementations/processors, implementations/channels or workloads,
    or an installed package with an entry point in the group sensorbench.processors, .channels or .workloads.

    \b
    Examples:
      sensorbench list                                           a table of each kind
      sensorbench list --json | jq -r .processors[].name         their names alone
    """  # noqa: D301
    found = listing()
    if as_json:
        say_json(found)
        return
    for kind in _KINDS:
        rows = found[kind]
        if not rows:
            continue
        columns = [
            "name",
            "idea" if kind == "workloads" else "approach",
            *(["when full", "a killed side"] if kind == "channels" else []),
            "can run here",
            *(["file"] if verbose else []),
        ]
        body = []
        for row in rows:
            about = row["idea"] if kind == "workloads" else row.get("approach", "")
            state = "yes" if row["unavailable"] is None else f"no: {row['unavailable']}"
            body.append(
                [
                    row["name"],
                    about,
                    *(_carries(row) if kind == "channels" else []),
                    state,
                    *([_place(kind, row["name"])] if verbose else []),
                ]
            )
        say_table(columns, body, title=kind.capitalize())
        say()


def _carries(row: Mapping[str, Any]) -> tuple[str, str]:
    """What a channel does when it is full, and when one of its sides was killed."""
    if "overflows" not in row:
        return "", ""
    return " or ".join(row["overflows"]), "is replaced" if row["survives"] else "ends it"


def _place(kind: Kind, name: str) -> str:
    path = entries(kind)[name].path
    return "" if path is None else str(Path(path))
