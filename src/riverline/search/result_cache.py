"""First pages of results, cached for a short time. Fresh ones are answered as they are; of many identical requests at
once, one asks the index. The others get an older page, if there is one, and so do all requests while the index is away,
for a few minutes.

They are kept in Redis for all processes, and in this one for itself: a page that it holds and that is fresh costs no
look-up. Empty results are not cached: a page that was just indexed is found at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson

from riverline.contracts import KeyValue
from riverline.errors import Transient
from riverline.newest import Newest
from riverline.random_ids import random_id
from riverline.search.cursor import Position
from riverline.search.query import Query
from riverline.search.results import Hit, Results

Find = Callable[[Query, int], Results]
FRESH_SECONDS = 10  # so old an answer may be without a word
KEPT_SECONDS = 300  # and so old at all, with a warning, while the index is asked or away
FLIGHT_SECONDS = 1.5  # whoever has not answered by then is not waited for
PAUSE_SECONDS = 0.01
MOST_NEAR = 500  # pages that one process holds
FORM = "5"  # of what is kept: another one is not read


@dataclass(frozen=True, slots=True)
class Kept:
    """Results, and when they were found (ms). `forms`: what was made of them to show them, for the next who asks."""

    at: int
    results: Results
    forms: dict[Any, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class CachedResults:
    """Results, whether they were kept, and whether they are older than they should be."""

    kept: Kept
    cached: bool = False
    outdated: bool = False

    @property
    def results(self) -> Results:
        return self.kept.results


class ResultCache:
    """Thread-safe if its stores are. `find`: a page from the index, as of a time in ms. Without Redis it answers
    alone."""

    def __init__(
        self,
        find: Find,
        key_value: KeyValue,
        now_ms: Callable[[], int],
        sleep: Callable[[float], None] = time.sleep,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        self._find, self._key_value, self._now_ms, self._sleep, self._failed = find, key_value, now_ms, sleep, failed
        self._near: Newest[str, Kept] = Newest(MOST_NEAR)

    def get(self, query: Query) -> CachedResults:
        """One page. Raises Transient when neither the index nor the cache has it."""
        if query.after is not None:
            return CachedResults(self._from_index(query))
        place = key_of(query)
        near = self._near.get(place)
        if near is not None and self._is_fresh(near):
            return CachedResults(near, cached=True)
        return self._looked_up(query, place, near)

    def refresh(self, query: Query) -> None:
        """Asks the index now, whatever is kept."""
        self._asked(query, key_of(query), None, _token())

    def _looked_up(self, query: Query, place: str, near: Kept | None) -> CachedResults:
        held, token = near, _token()
        try:
            blob, mine = self._key_value.looked_up(place, _flight(place), token, FLIGHT_SECONDS)
            held = self._read(place, blob) or near
            if held is not None and self._is_fresh(held):
                if mine:
                    self._release(place, token)
                return CachedResults(held, cached=True)
            if not mine and (found := self._without_asking(place, held)):
                return found
        except Transient:
            self._failed()
        return self._asked(query, place, held, token)

    def _without_asking(self, place: str, held: Kept | None) -> CachedResults | None:
        """While another one asks: at once what is older than it should be, else what the other one brings."""
        if held is not None and self._is_kept(held):
            return CachedResults(held, cached=True, outdated=True)
        landed = self._landed(place)
        return CachedResults(landed, cached=True) if landed else None

    def _asked(self, query: Query, place: str, held: Kept | None, token: bytes) -> CachedResults:
        """`token`: of the caller's flight, which is over then; another one's stays."""
        ended = False
        try:
            kept = self._from_index(query)
            ended = self._keep(place, kept, token)
            return CachedResults(kept)
        except Transient:
            if held is None or not self._is_kept(held):
                raise
            return CachedResults(held, cached=True, outdated=True)
        finally:
            if not ended:
                self._release(place, token)

    def _keep(self, place: str, kept: Kept, token: bytes) -> bool:
        """If it is kept for the other processes, and the flight over."""
        if not kept.results.hits:
            return False
        self._near.put(place, kept)
        with suppress(Transient):
            # Whoever waits for the results takes the end of the flight for their arrival.
            self._key_value.settle(place, packed(kept), KEPT_SECONDS, _flight(place), token)
            return True
        return False

    def _release(self, place: str, token: bytes) -> None:
        with suppress(Transient):
            self._key_value.release(_flight(place), token)

    def _from_index(self, query: Query) -> Kept:
        # As of when it was asked: an answer that took long is that much older.
        now_ms = self._now_ms()
        return Kept(now_ms, self._find(query, now_ms))

    def _landed(self, place: str) -> Kept | None:
        """What another one who asks for the same brings, if it comes in time."""
        for _ in range(round(FLIGHT_SECONDS / PAUSE_SECONDS)):
            claim, blob = self._key_value.get([_flight(place), place])  # in this order: what it brought is seen
            ended, held = claim is None, self._read(place, blob)
            if held is not None and self._is_fresh(held):
                return held
            if ended:
                return None
            self._sleep(PAUSE_SECONDS)
        return None

    def _read(self, place: str, blob: bytes | None) -> Kept | None:
        """What Redis has. Nothing that is too old to be shown at all."""
        if blob is None:
            return None
        kept = unpacked(blob)
        if not self._is_kept(kept):
            return None
        self._near.put(place, kept)
        return kept

    def _is_fresh(self, kept: Kept) -> bool:
        return self._now_ms() - kept.at < FRESH_SECONDS * 1000

    def _is_kept(self, kept: Kept) -> bool:
        """If it may be shown at all."""
        return self._now_ms() - kept.at < KEPT_SECONDS * 1000


def _token() -> bytes:
    return random_id().encode()


@lru_cache(MOST_NEAR)
def key_of(query: Query) -> str:
    """Queries that ask for the same share it: spaces and capital letters say nothing."""
    folded = replace(query, text=" ".join(query.text.split()).lower())
    text = f"{FORM}\0{folded.key}\0{query.limit}\0{query.facets}"
    return f"SEARCH_{{{blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}}}"


def _flight(place: str) -> str:
    """In the slot of the place: what is in braces decides."""
    return f"{place}_FLIGHT"


def packed(kept: Kept) -> bytes:
    """Results as they are kept."""
    return orjson.dumps({"at": kept.at, "results": kept.results})


def unpacked(blob: bytes) -> Kept:
    """When they were found, and the results."""
    kept: dict[str, Any] = orjson.loads(blob)
    held = kept["results"]
    following = held["next"]
    results = Results(
        hits=tuple(Hit(**{**hit, "tags": tuple(hit["tags"]), "sort": tuple(hit["sort"])}) for hit in held["hits"]),
        total=held["total"],
        next=Position(**{**following, "values": tuple(following["values"])}) if following else None,
        loose=held["loose"],
        facets={name: [(value, count) for value, count in pairs] for name, pairs in held["facets"].items()},
        corrected=held["corrected"],
        better=held["better"],
    )
    return Kept(kept["at"], results)
