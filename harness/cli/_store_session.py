"""A folder of results that a command adds to: a run that is there already, or a new one."""

import datetime
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.cli._folders import MANIFEST
from harness.cli.console import note
from harness.discovery import Entry
from harness.errors import UnlikeError
from harness.machine import Fingerprint, alike, fingerprint, unstable
from harness.results import Level
from harness.run.plan import Plan, Subject
from harness.store import CELLS_NAME, Store, read_json, write_json


def moment() -> str:
    """The present as a manifest says it."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def new_manifest(folder: Path, plan: Plan, environment: Fingerprint) -> dict[str, Any]:
    """What a run that begins now in `folder` says about itself."""
    return {
        "schema": 1,
        "run": folder.resolve().name,
        "started": moment(),
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
    if (folder / CELLS_NAME).is_file() and not (folder / MANIFEST).exists():
        store = Store.open(folder)
        if not any(store.records()) and not (folder / MANIFEST).exists():
            return store
        store.close()
    return Store.create(folder)


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
    there, is_made_here = (folder / MANIFEST).is_file(), not folder.exists()
    if there:
        found = read_json(folder / MANIFEST)
        differences = alike(found.get("environment") or {}, environment)
        if differences:
            raise UnlikeError(
                f"{folder}: measured on another machine ({'; '.join(differences)}); "
                "add to a run of this machine, or choose a new folder with --out"
            )
    with Store.open(folder) if there else new_store(folder) as store:
        for damage in store.damage:
            note(f"store: {damage}; that part is measured again")
        if not there:
            plan = Plan(tuple(map(Subject.of, entries)), (), workloads, None, level, (), seed=seed)
            write_json(folder / MANIFEST, new_manifest(folder, plan, environment))
        try:
            yield store
            _finish(folder)
        finally:
            if is_made_here and not any(store.records()):
                shutil.rmtree(folder, ignore_errors=True)


def _finish(folder: Path) -> None:
    """Note when the command ended, unless what it added to is a run, which ends by itself."""
    from reports.load import is_planned

    manifest = read_json(folder / MANIFEST)
    if not is_planned(manifest):
        write_json(folder / MANIFEST, {**manifest, "finished": moment()})
