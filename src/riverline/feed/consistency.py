"""Compares cached timelines with MySQL, and repairs those that differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from riverline.errors import NotFound
from riverline.feed.contracts import Cache, CacheMiss, FeedRepository
from riverline.feed.keys import authored_key, timeline_key
from riverline.feed.metrics import DIFFERENCES
from riverline.feed.reader import FeedReader
from riverline.feed.window import TimelineWindow

ENTRIES = 100  # of a timeline that are compared
LOOKS = 3  # a difference counts when it is there every time: pushes may be on their way
PAUSE_SECONDS = 0.5
BATCH = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """What a user's timeline lacks, and what it has too much."""

    user_id: int
    missing: Sequence[int]
    extra: Sequence[int]


class ConsistencyCheck:
    """`sleep` takes seconds."""

    def __init__(
        self, repository: FeedRepository, cache: Cache, reader: FeedReader, sleep: Callable[[float], None]
    ) -> None:
        self._repository, self._cache, self._reader, self._sleep = repository, cache, reader, sleep

    def cached(self, user_ids: Iterable[int]) -> Iterator[int]:
        """Those of the users whose timelines are in the cache. Reading them so keeps them for longer, as any access."""
        batch: list[int] = []
        for user_id in user_ids:
            batch.append(user_id)
            if len(batch) == BATCH:
                yield from self._cached(batch)
                batch = []
        if batch:
            yield from self._cached(batch)

    def _cached(self, batch: Sequence[int]) -> Iterator[int]:
        found = self._cache.read([timeline_key(user_id) for user_id in batch], 0, 1)
        return (user_id for user_id, one in zip(batch, found, strict=True) if one is not CacheMiss.ABSENT)

    def difference(self, user_id: int, repair: bool = True) -> Difference | None:
        """How a cached timeline differs from the query, and goes on to. It is dropped then, unless not to `repair`."""
        lasting = self._look(user_id)
        for _ in range(LOOKS - 1):
            if lasting is None:
                return None
            self._sleep(PAUSE_SECONDS)
            lasting = _common(lasting, self._look(user_id))
        if lasting and repair:
            self._drop(user_id)
        if lasting:
            DIFFERENCES.inc()
        return lasting

    def _look(self, user_id: int) -> Difference | None:
        try:
            wanted = {post.id for post in self._repository.page(user_id, 0, ENTRIES)}
        except NotFound:
            return None
        read = {entry.id for entry in self._reader.read(user_id, ENTRIES).entries}
        # Below the other's last entry nothing is known of what one of them lacks.
        lowest = max((min(ids) if len(ids) == ENTRIES else 0 for ids in (wanted, read)), default=0)
        missing = sorted(one for one in wanted - read if one >= lowest)
        extra = sorted(one for one in read - wanted if one >= lowest)
        return Difference(user_id, missing, extra) if missing or extra else None

    def _drop(self, user_id: int) -> None:
        own = self._cache.read([timeline_key(user_id)], 0, 1)[0]
        pulled = own.pulled if isinstance(own, TimelineWindow) else ()
        self._cache.drop([timeline_key(user_id), *map(authored_key, pulled)])


def _common(one: Difference, other: Difference | None) -> Difference | None:
    if other is None:
        return None
    missing = [post_id for post_id in one.missing if post_id in other.missing]
    extra = [post_id for post_id in one.extra if post_id in other.extra]
    return Difference(one.user_id, missing, extra) if missing or extra else None
