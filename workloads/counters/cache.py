"""The folder where recordings of this computer are kept."""

import os
from pathlib import Path

from harness.errors import InputError


def cache_folder() -> Path:
    """The folder, made if it is missing and readable by its owner alone.

    ``SENSORBENCH_CACHE``, else ``sensorbench`` in ``XDG_CACHE_HOME``, else in ``~/.cache``.

    Raises
    ------
    InputError
        If it cannot be made.
    """
    own, shared = os.environ.get("SENSORBENCH_CACHE"), os.environ.get("XDG_CACHE_HOME")
    if own:
        folder = Path(own).expanduser()
    elif shared and Path(shared).is_absolute():
        folder = Path(shared) / "sensorbench"
    else:
        folder = Path("~/.cache/sensorbench").expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{folder}: cannot be made ({reason}); set SENSORBENCH_CACHE to another folder") from error
    return folder
