"""A folder of results that a command adds to: a run that is there already, or a new one; and its sessions."""

import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.cli.console import note
from harness.discovery import Entry
from harness.machine import Fingerprint, fingerprint, refuse_unlike, remarks, unstable
from harness.results import Level
from harness.run.plan import Plan, Subject
from harness.store import CELLS_NAME, MANIFEST_NAME, Store, moment, read_json, write_json


def new_manifest(folder: Path, plan: Plan, environment: Fingerprint) -> dict[str, Any]:
    """What a run that begins now in `folder` says about itself."""
    started = moment()
    return {
        "schema": 1,
        "run": folder.resolve().name,
        "started": started,
        "sessions": [_session(started, environment.as_dict())],
        "finished": None,
        "level": str(plan.level),
        "environment": environment.as_dict(),
        "unstable": list(unstable(environment)),
        "noise": None,
        "plan": plan.to_builtins(),
        "account": {},
    }


def new_store(folder: Path) -> Store:
    """A store for what begins now in `folder`, also where a command was cut off before its manifest was written.

    Raises
    ------
    StoreError
        If the folder holds results already, or cannot be written.
    """
    if (folder / CELLS_NAME).is_file() and not (folder / MANIFEST_NAME).exists():
        store = Store.open(folder)
        if not any(store.records()) and not (folder / MANIFEST_NAME).exists():
            return store
        store.close()
    return Store.create(folder)


def gone_on_with(manifest: Mapping[str, Any], here: Fingerprint) -> dict[str, Any]:
    """`manifest` with the session that begins now: when, with which code, and what differs from what it began with."""
    environment = manifest.get("environment") or {}
    before = manifest.get("sessions") or [_session(manifest.get("started"), environment)]
    differs = list(remarks(environment, here))
    return {**manifest, "sessions": [*before, {**_session(moment(), here.as_dict()), "differs": differs}]}


def _session(started: str | None, environment: Mapping[str, Any]) -> dict[str, Any]:
    software = environment.get("software") or {}
    return {"started": started, "commit": software.get("commit"), "dirty": software.get("dirty")}


def _how_to_go_on(folder: Path) -> str:
    """Where the results of a command that is cut off are, and with which command it adds the rest to them."""
    given = sys.argv[1:]
    is_named = any(text.partition("=")[0] in ("--out", "--run") for text in given)
    command = shlex.join(["sensorbench", *given, *([] if is_named else ["--out", str(folder)])])
    return f"what was stored is kept in {shlex.quote(str(folder))}; go on with: {command}"


@contextmanager
def adding_to(
    folder: Path, level: Level, workloads: tuple[str, ...], seed: int, entries: Sequence[Entry] = ()
) -> Iterator[Store]:
    """The store in `folder`, open for appending; made, with a manifest that names `entries`, where there is none.

    A folder that was made for nothing, because something was refused before the first record, goes again.

    Raises
    ------
    UnlikeError
        If what is there was measured on another machine.
    """
    environment = fingerprint()
    there, is_made_here = (folder / MANIFEST_NAME).is_file(), not folder.exists()
    found = read_json(folder / MANIFEST_NAME) if there else {}
    if there:
        remedy = "add to a run of this machine, or choose a new folder with --out"
        refuse_unlike(folder, found.get("environment"), environment, remedy)
    with Store.open(folder) if there else new_store(folder) as store:
        for damage in store.damage:
            note(f"store: {damage}; that part is measured again")
        before = _records(store)
        if there:
            write_json(folder / MANIFEST_NAME, gone_on_with(found, environment))
        else:
            plan = Plan(tuple(map(Subject.of, entries)), (), workloads, None, level, (), seed=seed)
            write_json(folder / MANIFEST_NAME, new_manifest(folder, plan, environment))
        ended_well = False
        try:
            yield store
            ended_well = True
        finally:
            added = _records(store) - before
            if added and not ended_well:
                note(_how_to_go_on(folder))
            if is_made_here and not (before or added):
                shutil.rmtree(folder, ignore_errors=True)
            elif there and not added:
                _end(folder, found, ended_well and not found.get("finished"))
            else:
                _end(folder, read_json(folder / MANIFEST_NAME), ended_well)


def _records(store: Store) -> int:
    return sum(1 for _ in store.records())


def _end(folder: Path, manifest: Mapping[str, Any], ended_well: bool) -> None:
    """Leave `manifest` behind, with when the command ended, unless what it added to is a run, which ends by itself."""
    from reports.load import is_planned

    end = {"finished": moment()} if ended_well and not is_planned(manifest) else {}
    write_json(folder / MANIFEST_NAME, {**manifest, **end})
