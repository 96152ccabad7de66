"""What an implementation of the fixed run is taken to rest on, so that its reports change with the reports alone."""

import math


def scale(values: list[float]) -> list[float]:
    """Stand for an implementation without a package."""
    return [math.sqrt(value) for value in values]
