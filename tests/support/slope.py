"""Whether a quantity grows: medians of its samples then and now, which what lasts a moment does not move."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median

HOUR = 3600.0


def per_hour(samples: Sequence[tuple[float, float]], least: float = 0.0) -> float:
    """The growth in an hour, in percent of the mean or of `least`, whichever is more; samples are (seconds, value).

    From the median of the first third to that of the last. 0 for fewer than three samples.
    """
    third = len(samples) // 3
    if not third:
        return 0.0
    (began, then), (ended, now) = (
        (median(second for second, _ in part), median(value for _, value in part))
        for part in (samples[:third], samples[-third:])
    )
    mean = max(fmean(value for _, value in samples), least)
    return (now - then) / (ended - began) * HOUR / mean * 100 if mean else 0.0


def grows(samples: Sequence[tuple[float, float]], least: float) -> bool:
    """Whether a queue gets longer for good: the median of its last quarter is above twice that of its second quarter,
    and above `least`."""
    if len(samples) < 8:
        return False
    values, quarter = [value for _, value in samples], len(samples) // 4
    then, now = sorted(values[quarter : 2 * quarter]), sorted(values[-quarter:])
    return now[quarter // 2] > max(2 * then[quarter // 2], least)
