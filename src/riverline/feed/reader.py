"""Reads a timeline: from the cache in at most three round trips, from MySQL where the cache cannot answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from riverline.errors import Transient
from riverline.feed.body import GONE, body
from riverline.feed.contracts import Cache, FeedRepository, TimelineEntry, TimelinePage
from riverline.feed.keys import timeline_key
from riverline.feed.metrics import READ_FROM_MYSQL, READ_FROM_REDIS
from riverline.feed.rebuild import TimelineRebuild
from riverline.feed.window import MOST_ENTRIES, answers, merged
from riverline.random_ids import random_id


class FeedReader:
    """Thread-safe if its stores are."""

    def __init__(
        self,
        repository: FeedRepository,
        cache: Cache,
        sleep: Callable[[float], None] = time.sleep,
        most: int = MOST_ENTRIES,
    ) -> None:
        self._repository, self._cache = repository, cache
        self._builder = TimelineRebuild(repository, cache, sleep, most)

    def read(self, user_id: int, limit: int, before: int = 0) -> TimelinePage:
        """At most `limit` posts with ids below `before` (0: the newest). Raises NotFound when there is no such user."""
        try:
            page = self._cached(user_id, limit, before)
        except Transient:
            page = None
        (READ_FROM_REDIS if page else READ_FROM_MYSQL).inc()
        return page or self.uncached(user_id, limit, before)

    def uncached(self, user_id: int, limit: int, before: int = 0) -> TimelinePage:
        """The same from MySQL alone."""
        posts = self._repository.page(user_id, before, limit + 1)
        return _page([TimelineEntry(post.id, body(post)) for post in posts], limit, cached=False)

    def pulled(self, user_id: int) -> Sequence[int]:
        """The influencers whose posts come into the user's timeline when it is read; those of others are pushed."""
        try:
            own = self._builder.timeline(user_id, 0, 1)
        except Transient:
            own = None
        return self._repository.snapshot(user_id, 1).pulled if own is None else own.pulled

    def _cached(self, user_id: int, limit: int, before: int) -> TimelinePage | None:
        """The page as the cache has it; None where that is not the whole answer."""
        entries: list[TimelineEntry] = []
        while True:
            wanted = limit + 1 - len(entries)
            ids = self._ids(user_id, before, wanted)
            if ids is None:
                return None
            entries += self._entries(user_id, ids)
            # Fewer than asked for is the end; fewer than found means that some were deleted: the page goes on below.
            if len(entries) > limit or len(ids) < wanted:
                return _page(entries, limit)
            before = ids[-1]

    def _ids(self, user_id: int, before: int, count: int) -> Sequence[int] | None:
        own = self._builder.timeline(user_id, before, count)
        if own is None:
            return None
        windows = [own]
        if own.pulled:
            for found in self._builder.authored(own.pulled, before, count):
                if found is None:
                    return None
                windows.append(found)
        whole = merged(windows, count)
        return whole.ids if answers(whole, count) else None

    def _entries(self, user_id: int, ids: Sequence[int]) -> list[TimelineEntry]:
        if not ids:
            return []
        found = dict(zip(ids, self._cache.bodies(ids), strict=True))
        if None in found.values():
            found |= self._fetched([post_id for post_id, written in found.items() if written is None])
        for post_id, written in found.items():
            if written == GONE:
                self._cache.remove(post_id, [timeline_key(user_id)])
        return [TimelineEntry(post_id, written) for post_id, written in found.items() if written]

    def _fetched(self, ids: Sequence[int]) -> dict[int, bytes]:
        token = random_id()
        # Before MySQL is asked: a deletion that crosses this takes the claim away, and nothing is remembered.
        self._cache.claim(ids, token)
        posts = self._repository.posts(ids)
        self._cache.remember({post.id: body(post) for post in posts.values()}, token)
        if gone := [post_id for post_id in ids if post_id not in posts]:
            self._cache.bury(gone)
        return {post_id: body(posts[post_id]) if post_id in posts else GONE for post_id in ids}


def _page(entries: Sequence[TimelineEntry], limit: int, cached: bool = True) -> TimelinePage:
    if len(entries) <= limit:
        return TimelinePage(entries, None, cached)
    return TimelinePage(entries[:limit], entries[limit - 1].id, cached)
