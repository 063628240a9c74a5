"""Has this page been seen before, unchanged? A Bloom filter answers "new" at once; its "seen" is only a suspicion and
is confirmed by what the index holds, so that a false positive loses nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from riverline.stores.bloom import SeenFilter
from riverline.stores.contracts import Index
from riverline.telemetry import Stage


class Seen(Protocol):
    """Keys that were seen: see stores/bloom.py."""

    def __contains__(self, key: bytes) -> bool: ...

    def add(self, key: bytes) -> None: ...


def remember(seen: Seen, digests: Iterable[str]) -> int:
    """Fills a filter that was lost from what the index holds. Returns how many."""
    count = 0
    for digest in digests:
        seen.add(bytes.fromhex(digest))
        count += 1
    return count


def watch_filter(telemetry: Stage, seen: SeenFilter) -> None:
    """Tells how full a filter is and how often it is wrong."""
    telemetry.watch("seen_keys", lambda: seen.keys)
    telemetry.watch("seen_generations", lambda: seen.living)
    telemetry.watch("seen_false_rate", lambda: seen.false_rate)


class Deduplicator:
    """The first of the two keys: the canonical URL with the digest of the body."""

    def __init__(self, seen: Seen, index: Index, telemetry: Stage | None = None) -> None:
        self.seen, self.index = seen, index
        self.telemetry = telemetry or Stage("deduplicate", 0)

    def unchanged(self, url: str, page_digest: str, origin: str) -> bool:
        """Whether the index holds this very page from another record. The same record again (a replay) is no duplicate.

        `page_digest` is hexadecimal, of 16 bytes or more. Raises Transient when the index cannot say.
        """
        key = bytes.fromhex(page_digest)
        if key not in self.seen:
            self.seen.add(key)
            return False
        self.telemetry.count("suspicions")
        stored = self.index.stored([url]).get(url)
        confirmed = stored is not None and stored.page_digest == page_digest
        self.telemetry.count("false_suspicions", not confirmed)
        return confirmed and stored is not None and stored.origin != origin
