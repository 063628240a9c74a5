"""Whether a quantity grows: a straight line through its samples."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, linear_regression

HOUR = 3600.0


def per_hour(samples: Sequence[tuple[float, float]], least: float = 0.0) -> float:
    """The growth in an hour, in percent of the mean or of `least`, whichever is more; samples are (seconds, value).

    0 for fewer than three of them.
    """
    if len(samples) < 3:
        return 0.0
    seconds, values = zip(*samples, strict=True)
    mean = max(fmean(values), least)
    return linear_regression(seconds, values).slope * HOUR / mean * 100 if mean else 0.0


def grows(samples: Sequence[tuple[float, float]], least: float) -> bool:
    """Whether a queue gets longer for good: the median of its last quarter is above twice that of its second quarter,
    and above `least`."""
    if len(samples) < 8:
        return False
    values, quarter = [value for _, value in samples], len(samples) // 4
    then, now = sorted(values[quarter : 2 * quarter]), sorted(values[-quarter:])
    return now[quarter // 2] > max(2 * then[quarter // 2], least)
