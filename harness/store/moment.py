"""The moment at which something was stored."""

import datetime


def moment() -> str:
    """The present in UTC, to the second, as ISO 8601 text."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
