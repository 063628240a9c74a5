"""First pages of results, kept for a short time: fresh ones are answered as they are, and of many who ask for the same
at once one asks the index. While the index is away an older page is better than none, for a few minutes.

They are kept in Redis for all processes, and in this one for itself: a page that it holds and that is fresh costs no
look-up. What found nothing is not kept: who looks for a page that was just indexed finds it at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson

from riverline.errors import Transient
from riverline.random_ids import random_id
from riverline.search.cursor import Position
from riverline.search.query import Query
from riverline.search.results import Hit, Results
from riverline.search.spelling import answered
from riverline.stores.contracts import Index, Scratch

FRESH_SECONDS = 10  # so old an answer may be without a word
KEPT_SECONDS = 300  # and so old at all, with a warning, while the index is away
FLIGHT_SECONDS = 5  # whoever has not answered by then is not waited for
PAUSE_SECONDS = 0.01
MOST_NEAR = 500  # pages that one process holds
FORM = "3"  # of what is kept: another one is not read


@dataclass(frozen=True, slots=True)
class Kept:
    """Results, and when they were found (ms). `forms`: what was made of them to show them, for the next who asks."""

    at: int
    results: Results
    forms: dict[Any, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Found:
    """Results, whether they were kept, and whether they are older than they should be."""

    kept: Kept
    cached: bool = False
    outdated: bool = False

    @property
    def results(self) -> Results:
        return self.kept.results


class ResultCache:
    """Thread-safe if its stores are. Without Redis the index answers alone."""

    def __init__(
        self,
        index: Index,
        scratch: Scratch,
        now_ms: Callable[[], int],
        sleep: Callable[[float], None] = time.sleep,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        self._index, self._scratch, self._now_ms, self._sleep, self._failed = index, scratch, now_ms, sleep, failed
        self._near: dict[str, Kept] = {}
        self._lock = threading.Lock()

    def search(self, query: Query) -> Found:
        """One page. Raises Transient when neither the index nor the cache has it."""
        if query.after is not None:
            return Found(self._from_index(query))
        place = key_of(query)
        near = self._near.get(place)
        if near is not None and self._is_fresh(near):
            return Found(near, cached=True)
        return self._looked_up(query, place, near)

    def refresh(self, query: Query) -> None:
        """Asks the index now, whatever is kept."""
        self._asked(query, key_of(query), None)

    def _looked_up(self, query: Query, place: str, near: Kept | None) -> Found:
        token = random_id().encode()
        try:
            blob, mine = self._scratch.looked_up(place, _flight(place), token, FLIGHT_SECONDS)
            held = self._read(place, blob) or near
            if held is not None and self._is_fresh(held):
                if mine:
                    self._forget_flight(place)
                return Found(held, cached=True)
            if not mine:
                landed = self._landed(place)
                if landed is not None:
                    return Found(landed, cached=True)
        except Transient:
            self._failed()
            held = near
        return self._asked(query, place, held)

    def _asked(self, query: Query, place: str, held: Kept | None) -> Found:
        ended = False
        try:
            kept = self._from_index(query)
            ended = self._keep(place, kept)
            return Found(kept)
        except Transient:
            if held is None or self._now_ms() - held.at >= KEPT_SECONDS * 1000:
                raise
            return Found(held, cached=True, outdated=True)
        finally:
            if not ended:
                self._forget_flight(place)

    def _keep(self, place: str, kept: Kept) -> bool:
        """If it is kept for the other processes, and the flight over."""
        if not kept.results.hits:
            return False
        self._hold(place, kept)
        with suppress(Transient):
            # Whoever waits for the results takes the end of the flight for their arrival.
            self._scratch.settle(place, packed(kept), KEPT_SECONDS, _flight(place))
            return True
        return False

    def _forget_flight(self, place: str) -> None:
        with suppress(Transient):
            self._scratch.forget(_flight(place))

    def _from_index(self, query: Query) -> Kept:
        # As of when it was asked: an answer that took long is that much older.
        now_ms = self._now_ms()
        return Kept(now_ms, answered(query, lambda one: self._index.search(one, now_ms), self._index.spelled))

    def _landed(self, place: str) -> Kept | None:
        """What another one who asks for the same brings, if it comes in time."""
        for _ in range(round(FLIGHT_SECONDS / PAUSE_SECONDS)):
            claim, blob = self._scratch.get([_flight(place), place])  # in this order: what it brought is seen
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
        if self._now_ms() - kept.at >= KEPT_SECONDS * 1000:
            return None
        self._hold(place, kept)
        return kept

    def _hold(self, place: str, kept: Kept) -> None:
        with self._lock:
            self._near.pop(place, None)
            if len(self._near) >= MOST_NEAR:
                self._near.pop(next(iter(self._near)))
            self._near[place] = kept

    def _is_fresh(self, kept: Kept) -> bool:
        return self._now_ms() - kept.at < FRESH_SECONDS * 1000


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
