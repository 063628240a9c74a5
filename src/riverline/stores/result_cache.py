"""First pages of results, kept for a short time: fresh ones are answered as they are, and of many who ask for the same
at once one asks the index. While the index is away an older page is better than none, for a few minutes.

What found nothing is not kept: who looks for a page that was just indexed finds it at once.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from typing import Any

import orjson

from riverline.errors import Transient
from riverline.search.cursor import Position
from riverline.search.query import Query
from riverline.search.results import Hit, Results
from riverline.stores.contracts import Index, Scratch

FRESH_SECONDS = 10  # so old an answer may be without a word
KEPT_SECONDS = 300  # and so old at all, with a warning, while the index is away
FLIGHT_SECONDS = 5  # whoever has not answered by then is not waited for
PAUSE_SECONDS = 0.01
FORM = "1"  # of what is kept: another one is not read


@dataclass(frozen=True, slots=True)
class Found:
    """Results, whether they were kept, and whether they are older than they should be."""

    results: Results
    cached: bool = False
    outdated: bool = False


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

    def search(self, query: Query) -> Found:
        """One page. Raises Transient when neither the index nor the cache has it."""
        if query.after is not None:
            return Found(self._index.search(query, self._now_ms()))
        place, token = key_of(query), uuid.uuid4().hex.encode()
        try:
            held = self._held(place)
            if held is not None and self._is_fresh(held):
                return Found(held[1], cached=True)
            if not self._scratch.put_new(_flight(place), token, FLIGHT_SECONDS):
                landed = self._landed(place)
                if landed is not None:
                    return Found(landed, cached=True)
        except Transient:
            self._failed()
            return Found(self._index.search(query, self._now_ms()))
        return self._asked(query, place, held)

    def refresh(self, query: Query) -> None:
        """Asks the index now, whatever is kept."""
        self._asked(query, key_of(query), None)

    def _asked(self, query: Query, place: str, held: tuple[int, Results] | None) -> Found:
        try:
            results = self._index.search(query, self._now_ms())
        except Transient:
            if held is None:
                raise
            return Found(held[1], cached=True, outdated=True)
        finally:
            with suppress(Transient):
                self._scratch.forget(_flight(place))
        with suppress(Transient):
            if results.hits:
                self._scratch.put(place, packed(results, self._now_ms()), KEPT_SECONDS)
        return Found(results)

    def _landed(self, place: str) -> Results | None:
        """What another one who asks for the same brings, if it comes in time."""
        for _ in range(round(FLIGHT_SECONDS / PAUSE_SECONDS)):
            held = self._held(place)
            if held is not None and self._is_fresh(held):
                return held[1]
            if self._scratch.get([_flight(place)]) == [None]:
                return None
            self._sleep(PAUSE_SECONDS)
        return None

    def _held(self, place: str) -> tuple[int, Results] | None:
        """When it was made, and what was found. Nothing that is too old to be shown at all."""
        [blob] = self._scratch.get([place])
        if blob is None:
            return None
        at, results = unpacked(blob)
        return (at, results) if self._now_ms() - at < KEPT_SECONDS * 1000 else None

    def _is_fresh(self, held: tuple[int, Results]) -> bool:
        return self._now_ms() - held[0] < FRESH_SECONDS * 1000


def key_of(query: Query) -> str:
    """Queries that ask for the same share it: spaces and capital letters say nothing."""
    folded = replace(query, text=" ".join(query.text.split()).lower())
    text = f"{FORM}\0{folded.key}\0{query.limit}\0{query.facets}"
    return "SEARCH_" + blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _flight(place: str) -> str:
    return f"{place}_FLIGHT"


def packed(results: Results, at_ms: int) -> bytes:
    """Results as they are kept."""
    return orjson.dumps({"at": at_ms, **asdict(results)})


def unpacked(blob: bytes) -> tuple[int, Results]:
    """When they were found, and the results."""
    held: dict[str, Any] = orjson.loads(blob)
    following = held["next"]
    results = Results(
        hits=tuple(Hit(**{**hit, "tags": tuple(hit["tags"]), "sort": tuple(hit["sort"])}) for hit in held["hits"]),
        total=held["total"],
        next=Position(tuple(following["values"]), following["now_ms"], following["loose"]) if following else None,
        loose=held["loose"],
        facets={name: [(value, count) for value, count in pairs] for name, pairs in held["facets"].items()},
    )
    return held["at"], results
