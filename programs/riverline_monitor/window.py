"""The last minutes of every series, and the measures over them. Pure, except for its memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from riverline.monitoring.sample import Sample, split
from riverline_monitor.rules import Measure

COVERED = 0.8  # share of a window that must be known before a mean or an extreme is one of it

Point = tuple[int, float]  # ms, value


class SampleWindow:
    """Keeps so many seconds of the series of each name, and nothing of other names.

    A series that a sample lacks has no newest value: nothing is known of it now.
    """

    def __init__(self, seconds: Mapping[str, float], whole: Collection[str] = ()) -> None:
        """`whole`: the names of which the sum alone is kept; of thousands of topics nothing else is looked at."""
        self._whole = frozenset(whole)
        self._kept_ms = {name: int(kept * 1000) for name, kept in seconds.items()}
        self._points: dict[str, dict[str, deque[Point]]] = {name: {} for name in seconds}  # by name and subject
        self.at = 0

    def add(self, sample: Sample) -> None:
        self.at = sample.at
        for series, value in sample.values.items():
            name, subject = split(series)
            if name in self._points and not (subject and name in self._whole):
                self._points[name].setdefault(subject, deque()).append((sample.at, value))
        self._forget()

    def _forget(self) -> None:
        for name, found in self._points.items():
            oldest = self.at - self._kept_ms[name]
            for subject, points in list(found.items()):
                while points and points[0][0] < oldest:
                    points.popleft()
                if not points:
                    del found[subject]

    def subjects(self, name: str, whole: bool = False) -> list[str]:
        """Of which there are points; the whole has the empty one, and is left out where its parts are looked at."""
        found = self._points[name]
        if whole:
            return [""] if "" in found else []
        return [subject for subject in found if subject] or list(found)

    def measured(self, name: str, subject: str, measure: Measure, seconds: float) -> float | None:
        """None where it is not known now, or not for long enough."""
        points = self._points[name].get(subject)
        if not points or points[-1][0] != self.at:
            return None
        return of(measure, [point for point in points if point[0] >= self.at - seconds * 1000], seconds)


def of(measure: Measure, points: Sequence[Point], seconds: float) -> float | None:
    """The measure of points that end now."""
    values = [value for _, value in points]
    if measure == "last":
        return values[-1]
    if measure == "rise":
        # A count that fell began anew: what it has since is its rise.
        return sum(max(0.0, after - before) for before, after in pairwise(values))
    if measure == "grown":
        return values[-1] - values[0]
    if points[-1][0] - points[0][0] < COVERED * seconds * 1000:
        return None
    return {"mean": sum(values) / len(values), "least": min(values), "most": max(values)}[measure]
