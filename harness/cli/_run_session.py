"""A run as a user sees it: folder and store, progress, report, exit code."""

import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.cli._folders import RESULTS
from harness.cli._run_progress import progress_display
from harness.cli._store_session import gone_on_with, new_manifest, new_store
from harness.cli.console import note
from harness.errors import StoreError, UsageError
from harness.machine import fingerprint, refuse_unlike
from harness.results import Cell, Status
from harness.run.inputs import Inputs
from harness.run.plan import Plan
from harness.run.runner import carry_out, check_subjects, missing_cells, planned_cells
from harness.store import MANIFEST_NAME, Store, moment, read_json, write_json

if TYPE_CHECKING:
    from reports.load import Run


def run_session(folder: Path, plan: Plan | None) -> tuple[int, "Run"]:
    """Carry out `plan` in `folder`, or, without one, go on with the run there; exit code and the run.

    Raises
    ------
    StoreError
        If the folder holds a run already, holds none to resume, or cannot be written.
    UnlikeError
        If the run there was begun on another machine: its cells and those to come would be ranked as one.
    """
    began_s, here = time.monotonic(), fingerprint()
    manifest = None if plan else _manifest(folder)
    if manifest:
        refuse_unlike(folder, manifest.get("environment"), here, "go on with it there, or begin a new run here")
    plan = plan or Plan.from_builtins(manifest["plan"] if manifest else {})
    with Inputs(plan.sensors_path) as inputs:
        planned_cells(plan, inputs)  # what cannot be had is said before anything is made
        check_subjects(plan)
        resumes = manifest is not None
        manifest = manifest or new_manifest(folder, plan, here)
        store = Store.open(folder) if resumes else new_store(folder)
        with store, _says_how_to_go_on(folder):
            for damage in store.damage:
                note(f"store: {damage}; that cell is measured again")
            if resumes and missing_cells(plan, inputs, store):
                manifest = gone_on_with(manifest, here)
            write_json(folder / MANIFEST_NAME, manifest)
            with progress_display() as progress:
                for _ in carry_out(plan, inputs, store, progress):
                    pass
            account = manifest["account"]
            account["seconds"] = round(account.get("seconds", 0.0) + time.monotonic() - began_s, 3)
            manifest["finished"] = moment()
            write_json(folder / MANIFEST_NAME, manifest)
    return _conclude(folder, plan)


def newest_to_resume() -> Path:
    """The newest folder in results/ that 'sensorbench run' made.

    Raises
    ------
    StoreError
        If there is none.
    """
    from reports.load import newest

    return newest(RESULTS, lambda run: run.is_planned)


@contextmanager
def _says_how_to_go_on(folder: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if (folder / MANIFEST_NAME).is_file():
            note(f"go on with: sensorbench run --resume --out {shlex.quote(str(folder))}")
        raise


def _manifest(folder: Path) -> dict[str, Any]:
    from reports.load import is_planned

    manifest = read_json(folder / MANIFEST_NAME)
    if not isinstance(manifest, dict) or "plan" not in manifest:
        raise StoreError(f"{folder / MANIFEST_NAME}: is no manifest of a run; start a new run")
    if not is_planned(manifest):
        raise StoreError(
            f"{folder}: not made by 'sensorbench run'; repeat the command that made it, into the same folder"
        )
    manifest.setdefault("account", {})
    return manifest


def _conclude(folder: Path, plan: Plan) -> tuple[int, "Run"]:
    from reports import load_run, write_report

    run = load_run(folder)
    for path in write_report(run, folder, formats=("html", "md")):
        note(f"wrote {path}")
    return exit_code(run.cells, plan.named), run


def exit_code(cells: tuple[Cell, ...], named: tuple[str, ...]) -> int:
    """0 if all that was asked for was done and verified; what is unavailable counts only where it was named."""
    if not cells:
        raise UsageError("nothing was measured; name an implementation and a workload ('sensorbench list' shows all)")
    wrong = (
        cell.status is not Status.OK and (cell.status is not Status.UNAVAILABLE or cell.implementation in named)
        for cell in cells
    )
    return int(any(wrong))
