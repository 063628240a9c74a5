"""Pages without end: calendars, sessions in paths and queries, paths that grow by repeating themselves. Pure.

Two counts are kept of each host of a target: how many addresses differ in the numbers of their path alone
(`/calendar/1`, `/calendar/2`), and how many queries one path has. Addresses that a site lists itself, in a sitemap or a
feed, and start addresses are not limited: it knows how many pages it has.
"""

from __future__ import annotations

import re
from collections import Counter

MOST_SEGMENTS = 30
MOST_REPEATS = 4  # of one segment in a path
NUMBER = re.compile(r"\d+|[0-9a-f]{16,}", re.IGNORECASE)


class SpiderTraps:
    """`most`: addresses of one shape on a host, for one target."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: dict[str, Counter[tuple[str, str]]] = {}

    def refusal(self, key: str, target: str) -> str:
        """`trap` for an address that is one more of too many; counts it otherwise."""
        path, query = _split(key)
        segments = [segment for segment in path.split("/")[3:] if segment]
        if len(segments) > MOST_SEGMENTS or max(Counter(segments).values(), default=0) >= MOST_REPEATS:
            return "trap"
        counts = self._counts.setdefault(target, Counter())
        shapes = _shapes(path, query)
        if any(counts[shape] >= self._most for shape in shapes):
            return "trap"
        counts.update(shapes)
        return ""

    def count(self, key: str, target: str) -> None:
        """An address that was taken in an earlier round."""
        self._counts.setdefault(target, Counter()).update(_shapes(*_split(key)))

    def forget(self, target: str) -> None:
        self._counts.pop(target, None)


def _split(key: str) -> tuple[str, str]:
    path, _, query = key.partition("?")
    return path, query


def _shapes(path: str, query: str) -> list[tuple[str, str]]:
    start, _, rest = path.partition("://")
    host, _, place = rest.partition("/")
    shape = NUMBER.sub("#", place)
    numbered = [("numbers", f"{start}://{host}/{shape}")] if shape != place else []
    return [*numbered, ("queries", path)] if query else numbered
