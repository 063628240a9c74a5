"""Lists of post ids that are complete down to a floor, and how several of them are merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_ENTRIES = 800  # of a cached list


@dataclass(frozen=True, slots=True)
class TimelineWindow:
    """A part of a list: `ids`, the greatest first. All ids down to `lowest` are in it, lower ones may be missing.

    `lowest` is 0 when the window reaches the list's end.
    """

    ids: Sequence[int]
    lowest: int = 0
    pulled: Sequence[int] = ()  # influencers whose own posts belong to the list too


def window(ids: Sequence[int], count: int, floor: int, pulled: Sequence[int] = ()) -> TimelineWindow:
    """What a list says that was asked for `count` ids, and that is complete above its floor."""
    if ids and len(ids) >= count:
        return TimelineWindow(ids, ids[-1], pulled)
    return TimelineWindow(ids, floor + 1 if floor else 0, pulled)


def merged(windows: Sequence[TimelineWindow], count: int) -> TimelineWindow:
    """The first `count` ids of all together, each once."""
    if len(windows) == 1:
        [only] = windows
        return only if len(only.ids) <= count else TimelineWindow(only.ids[:count], only.ids[count - 1])
    lowest = max(one.lowest for one in windows)
    known = {post_id for one in windows for post_id in one.ids if post_id >= lowest}
    ids = sorted(known, reverse=True)
    return TimelineWindow(ids, lowest) if len(ids) <= count else TimelineWindow(ids[:count], ids[count - 1])


def answers(found: TimelineWindow, count: int) -> bool:
    """If it is the whole answer to a question for `count` ids: as many were found, or there are no more."""
    return len(found.ids) >= count or found.lowest == 0
