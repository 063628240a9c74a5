"""The in-memory twin of `RedisTimelines`: the same lists, as plain objects.

It can do what happens to a real one: forget a body, and `fail_over` with writes lost.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from riverline.feed.body import GONE
from riverline.feed.contracts import Begun, CacheMiss, Snapshot
from riverline.feed.keys import timeline_key
from riverline.feed.window import MOST_ENTRIES, TimelineWindow, window

CLAIM = b"?"


@dataclass
class Building:
    """A list that is being built: what happened since, `(kind, subject, version)`."""

    token: str
    term: int
    events: list[tuple[str, int, int]] = field(default_factory=list)


@dataclass
class Complete:
    ids: list[int]
    version: int
    floor: int
    pulled: list[int]
    term: int


class MemoryTimelines:
    """Not thread-safe."""

    def __init__(self, most: int = MOST_ENTRIES) -> None:
        self._most, self._term = most, 0
        self._lists: dict[str, Building | Complete] = {}
        self._bodies: dict[int, bytes] = {}
        self.sets: dict[int, tuple[set[int], set[int]]] = {}

    def forget_body(self, post_id: int) -> None:
        """A body is evicted; what a deletion noted is too."""
        self._bodies.pop(post_id, None)

    def copied(self) -> dict[str, Building | Complete]:
        """What a replica holds."""
        return copy.deepcopy(self._lists)

    def fail_over(self, replica: dict[str, Building | Complete]) -> None:
        """A replica that may lack writes becomes the master."""
        self._lists = copy.deepcopy(replica)
        self._term += 1

    def read(self, keys: Sequence[str], before: int, count: int) -> list[TimelineWindow | CacheMiss]:
        return [self._window(key, before, count) for key in keys]

    def _window(self, key: str, before: int, count: int) -> TimelineWindow | CacheMiss:
        match self._list(key):
            case None:
                return CacheMiss.ABSENT
            case Building():
                return CacheMiss.BUILDING
            case Complete(ids, _, floor, pulled):
                below = [one for one in ids if not before or one < before]
                return window(below[:count], count, floor, tuple(pulled))

    def begin(self, key: str, token: str) -> Begun:
        match self._list(key):
            case Building():
                return Begun.BUILDING
            case Complete():
                return Begun.THERE
        self._lists[key] = Building(token, self._term)
        return Begun.BUILD

    def finish(self, key: str, token: str, built: Snapshot) -> bool:
        found = self._list(key)
        if not isinstance(found, Building) or found.token != token:
            return False
        del self._lists[key]
        if any(version > built.version for kind, _, version in found.events if kind != "remove"):
            return False
        self._lists[key] = self._applied(found, built)
        return True

    def _applied(self, found: Building, built: Snapshot) -> Complete:
        noted = [(kind, subject) for kind, subject, version in found.events if version in (built.version, -1)]
        added = {subject for kind, subject in noted if kind == "push"}
        removed = {subject for kind, subject in noted if kind == "remove"}
        pulled = dict.fromkeys([*built.pulled, *(subject for kind, subject in noted if kind == "pull")])
        ids = sorted((set(built.ids) | added) - removed, reverse=True)
        floor = max(built.floor, ids[self._most] if len(ids) > self._most else 0)
        return Complete([one for one in ids if one > floor], built.version, floor, list(pulled), self._term)

    def abandon(self, key: str, token: str) -> None:
        found = self._list(key)
        if isinstance(found, Building) and found.token == token:
            del self._lists[key]

    def drop(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._lists.pop(key, None)

    def push(self, post_id: int, lists: Sequence[tuple[str, int]]) -> None:
        for key, version in lists:
            found = self._list(key)
            if isinstance(found, Building):
                found.events.append(("push", post_id, version))
            elif found and self._in_step(key, found, version) and post_id > found.floor:
                found.ids = sorted({*found.ids, post_id}, reverse=True)
                if len(found.ids) > self._most:
                    found.floor = found.ids.pop()

    def remove(self, post_id: int, keys: Sequence[str]) -> None:
        for key in keys:
            found = self._list(key)
            if isinstance(found, Building):
                found.events.append(("remove", post_id, -1))
            elif found and post_id in found.ids:
                found.ids.remove(post_id)

    def pull(self, author: int, lists: Sequence[tuple[str, int]]) -> None:
        for key, version in lists:
            found = self._list(key)
            if isinstance(found, Building):
                found.events.append(("pull", author, version))
            elif found and self._in_step(key, found, version) and author not in found.pulled:
                found.pulled.append(author)

    def unpull(self, author: int, keys: Sequence[str]) -> None:
        for key in keys:
            found = self._list(key)
            if isinstance(found, Building) or (found and author in found.pulled):
                del self._lists[key]

    def refresh(self, user_id: int, version: int) -> None:
        found = self._list(timeline_key(user_id))
        if isinstance(found, Building) or (found and found.version < version):
            del self._lists[timeline_key(user_id)]
        self.sets.pop(user_id, None)

    def bodies(self, post_ids: Sequence[int]) -> list[bytes | None]:
        found = map(self._bodies.get, post_ids)
        return [None if written and written.startswith(CLAIM) else written for written in found]

    def claim(self, post_ids: Sequence[int], token: str) -> None:
        for post_id in post_ids:
            self._bodies.setdefault(post_id, CLAIM + token.encode())

    def remember(self, bodies: Mapping[int, bytes], token: str) -> None:
        for post_id, written in bodies.items():
            if self._bodies.get(post_id) == CLAIM + token.encode():
                self._bodies[post_id] = written

    def forget(self, post_ids: Sequence[int]) -> None:
        for post_id in post_ids:
            self.forget_body(post_id)

    def bury(self, post_ids: Sequence[int]) -> None:
        self._bodies.update(dict.fromkeys(post_ids, GONE))

    def keep_followings(self, user_id: int, followings: Sequence[int], influencers: Sequence[int]) -> None:
        self.sets[user_id] = (set(followings), set(influencers))

    def _list(self, key: str) -> Building | Complete | None:
        found = self._lists.get(key)
        if found and found.term != self._term:
            found = self._lists.pop(key) and None
        return found

    def _in_step(self, key: str, found: Complete, version: int) -> bool:
        if version > found.version:
            del self._lists[key]
        return version == found.version
