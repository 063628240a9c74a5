"""Builds a timeline that is not cached: once, however many readers ask, and without losing concurrent changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from riverline.feed.contracts import Begun, Cache, CacheMiss, FeedRepository, Snapshot
from riverline.feed.keys import authored_key, timeline_key
from riverline.feed.metrics import BUILDS
from riverline.feed.window import MOST_ENTRIES, TimelineWindow, window
from riverline.random_ids import random_id

PAUSES = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16)  # seconds between looks at a list that another reader builds


class TimelineRebuild:
    """`sleep` takes seconds."""

    def __init__(
        self, repository: FeedRepository, cache: Cache, sleep: Callable[[float], None], most: int = MOST_ENTRIES
    ) -> None:
        self._repository, self._cache, self._sleep, self._most = repository, cache, sleep, most

    def timeline(self, user_id: int, before: int, count: int) -> TimelineWindow | None:
        """A user's timeline; None when another reader takes long to build it. Raises NotFound."""
        found = self._read([timeline_key(user_id)], before, count)[0]
        return found if isinstance(found, TimelineWindow) else self._build_timeline(user_id, before, count)

    def authored(self, user_ids: Sequence[int], before: int, count: int) -> list[TimelineWindow | None]:
        """What each of the users wrote."""
        found = self._read([authored_key(user_id) for user_id in user_ids], before, count)
        return [
            one if isinstance(one, TimelineWindow) else self._build_authored(user_id, before, count)
            for user_id, one in zip(user_ids, found, strict=True)
        ]

    def _read(self, keys: Sequence[str], before: int, count: int) -> list[TimelineWindow | CacheMiss]:
        return self._cache.read(keys, before, count)

    def _build_timeline(self, user_id: int, before: int, count: int) -> TimelineWindow | None:
        def load() -> Snapshot:
            snapshot = self._repository.snapshot(user_id, self._most)
            self._cache.keep_followings(user_id, snapshot.followings, snapshot.pulled)
            return snapshot

        return self._built(timeline_key(user_id), load, before, count)

    def _build_authored(self, user_id: int, before: int, count: int) -> TimelineWindow | None:
        return self._built(
            authored_key(user_id), lambda: self._repository.authored_snapshot(user_id, self._most), before, count
        )

    def _built(self, key: str, load: Callable[[], Snapshot], before: int, count: int) -> TimelineWindow | None:
        token = random_id()
        if self._cache.begin(key, token) is not Begun.BUILD:
            return self._awaited(key, before, count)
        try:
            # After `begin`, never before it: what is committed later is noted in the list, all else is in the snapshot.
            snapshot = load()
        except Exception:
            self._cache.abandon(key, token)
            raise
        BUILDS.labels("built" if self._cache.finish(key, token, snapshot) else "lost").inc()
        return _part(snapshot, before, count)

    def _awaited(self, key: str, before: int, count: int) -> TimelineWindow | None:
        for pause in PAUSES:
            found = self._cache.read([key], before, count)[0]
            if isinstance(found, TimelineWindow):
                return found
            self._sleep(pause)
        return None


def _part(snapshot: Snapshot, before: int, count: int) -> TimelineWindow:
    """What a snapshot says, cached or not: it is right as of its own moment."""
    ids = [post_id for post_id in snapshot.ids if not before or post_id < before]
    return window(ids[:count], count, snapshot.floor, snapshot.pulled)
