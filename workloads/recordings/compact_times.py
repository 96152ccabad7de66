"""Times that are whole numbers to anyone who does not look: 20240501, 202405011230, 20240501123045."""

import numpy as np
from numpy.typing import NDArray

FIRST_YEAR, LAST_YEAR = 1900, 2261
_TO_SECONDS = {8: 10**6, 12: 100, 14: 1}
"""By how many digits there are: what makes them year, month, day, hour, minute and second."""


def compact_ns(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Read `numbers` as YYYYMMDD, YYYYMMDDhhmm or YYYYMMDDhhmmss in UTC.

    Returns
    -------
    times : int64[n]
        Nanoseconds since the epoch; meaningless where there is no such time.
    is_time : bool[n]
        Where there is such a day between 1900 and 2261, and such a time of day.
    """
    widths = [(10 ** (digits - 1) <= numbers) & (numbers < 10**digits) for digits in _TO_SECONDS]
    full = numbers * np.select(widths, list(_TO_SECONDS.values()), 0)
    year, month, day = full // 10**10, full // 10**8 % 100, full // 10**6 % 100
    hour, minute, second = full // 10**4 % 100, full // 100 % 100, full % 100
    is_time = (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1)
    is_time &= (hour < 24) & (minute < 60) & (second < 60)
    months = (np.where(is_time, year, 1970) - 1970) * 12 + np.where(is_time, month, 1) - 1
    date = months.astype("datetime64[M]").astype("datetime64[D]") + (np.where(is_time, day, 1) - 1)
    is_time &= date.astype("datetime64[M]").astype(np.int64) == months
    seconds = ((date.astype(np.int64) * 24 + hour) * 60 + minute) * 60 + second
    return seconds * 10**9, is_time
