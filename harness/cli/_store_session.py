"""A folder of results that a command adds to: a run that is there already, or a new one."""

import datetime
import shlex
import shutil
import sys
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
from harness.store import Store, read_json, write_json


def new_manifest(folder: Path, plan: Plan, environment: Fingerprint) -> dict[str, Any]:
    """What a run that begins now in `folder` says about itself."""
    return {
        "schema": 1,
        "run": folder.resolve().name,
        "started": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "finished": None,
        "level": str(plan.level),
        "environment": environment.as_dict(),
        "unstable": list(unstable(environment)),
        "noise": None,
        "plan": plan.to_builtins(),
        "account": {},
    }


@contextmanager
def _says_how_to_go_on(folder: Path, store: Store) -> Iterator[None]:
    """Say of a command that is cut off where its results are, and with which command it adds the rest to them."""
    before = sum(1 for _ in store.records())
    try:
        yield
    except BaseException:
        if sum(1 for _ in store.records()) > before:
            given = sys.argv[1:]
            is_named = any(text.partition("=")[0] in ("--out", "--run") for text in given)
            command = shlex.join(["sensorbench", *given, *([] if is_named else ["--out", str(folder)])])
            note(f"what was stored is kept in {shlex.quote(str(folder))}; go on with: {command}")
        raise


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
    with Store.open(folder) if there else Store.create(folder) as store:
        for damage in store.damage:
            note(f"store: {damage}; that part is measured again")
        if not there:
            plan = Plan(tuple(map(Subject.of, entries)), (), workloads, None, level, (), seed=seed)
            write_json(folder / MANIFEST, new_manifest(folder, plan, environment))
        try:
            with _says_how_to_go_on(folder, store):
                yield store
        finally:
            if is_made_here and not any(store.records()):
                shutil.rmtree(folder, ignore_errors=True)
