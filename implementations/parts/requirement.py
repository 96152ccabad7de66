"""Whether a package that an implementation needs is there, found out without importing it."""

from importlib.util import find_spec


def missing(package: str) -> str | None:
    """One line that names `package` and how to get it, or None if it is installed."""
    if find_spec(package) is not None:
        return None
    return f"the package {package} is not installed; run: pip install {package}"
