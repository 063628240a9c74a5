"""The first results of a search, ordered anew by what they mean.

What is found, and the first 50 of it, is the index's own answer; among these, a result's place is

    its score / the best score + weight x the cosine of its vector and the query's

by the same model, where the weight grows with the words of the query: one is a name, many describe what is meant. It is
less where many of them say nothing, as those that wrap a few words into a question. A result without such a vector (it
came a second ago) counts as the average of the others. Pages after the first 50 are the index's own. Where the vectors
or the model fail, so are these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from statistics import fmean

from riverline.errors import Transient
from riverline.newest import Newest
from riverline.search.analysis.writing_systems import telling
from riverline.search.contracts import Searcher
from riverline.search.cursor import Position
from riverline.search.query import Query, Sort
from riverline.search.results import Hit, Results
from riverline.search.semantic.contracts import Embeddings, QueryVector, VectorReader
from riverline.search.semantic.likeness import likenesses

WINDOW = 50  # results that are ordered anew
WORD_WEIGHT, MOST_WEIGHT = 0.4, 3.0  # of each telling word but the first; the cosines of one query differ by a half
MOST_KEPT = 500  # vectors of queries that one process holds


class Reordering:
    """Searches like the index. Thread-safe if its parts are. `failed`: told of each time that vectors were away."""

    def __init__(
        self, index: Searcher, vectors: VectorReader, embeddings: Embeddings, failed: Callable[[], None] = lambda: None
    ) -> None:
        self._index, self._vectors, self._embeddings, self._failed = index, vectors, embeddings, failed
        self._kept: Newest[str, QueryVector] = Newest(MOST_KEPT)
        self._beside = ThreadPoolExecutor(thread_name_prefix="meaning")  # the model works while the index searches

    def search(self, query: Query, now_ms: int) -> Results:
        """One page. Raises Transient when the index is away."""
        if not is_reordered(query):
            return self._index.search(query, now_ms)
        place, began = (query.after.place, query.after.now_ms) if query.after else (0, now_ms)
        facets = query.facets and not place
        meaning = self._beside.submit(self._of_query, query.words.text)
        window = self._index.search(
            replace(query, limit=WINDOW, enough=query.limit, after=None, brief=True, facets=facets), began
        )
        shown = self._ordered(window.hits, meaning, weight(query))[place : place + query.limit]
        page = replace(window, hits=tuple(self._index.shown(query, shown)))
        ended = place + len(shown)
        if ended < len(window.hits):
            return replace(page, next=Position(window.hits[-1].sort, began, window.loose, place=ended))
        return self._continued(query, page, query.limit - len(shown), now_ms)

    def _continued(self, query: Query, page: Results, missing: int, now_ms: int) -> Results:
        """The page, filled with the index's own results from behind the first 50."""
        if not missing or page.next is None:
            return page
        more = self._index.search(replace(query, limit=missing, after=page.next), now_ms)
        return replace(page, hits=(*page.hits, *more.hits), next=more.next)

    def _ordered(self, hits: Sequence[Hit], meaning: Future[QueryVector], weight: float) -> list[Hit]:
        if len(hits) < 2:
            return list(hits)
        try:
            stored = self._vectors.vectors([hit.id for hit in hits])
            asked = meaning.result()
        except Transient:
            self._failed()
            return list(hits)
        return ordered(hits, likenesses(asked, stored), weight)

    def _of_query(self, text: str) -> QueryVector:
        kept = self._kept.get(text)
        if kept is None:
            kept = self._embeddings.of_query(text)
            self._kept.put(text, kept)
        return kept


def is_reordered(query: Query) -> bool:
    """If it has words to mean something by, is ranked by relevance, and asks for some of the first 50."""
    asked = query.sort is Sort.RELEVANCE and not query.group and weight(query) > 0
    return asked and (query.after is None or query.after.place > 0)


def weight(query: Query) -> float:
    """What the meaning of the query counts beside its words."""
    words = query.words.text.split()
    every, meant = len(set(words)), len(set(telling(words)))
    return min(MOST_WEIGHT, WORD_WEIGHT * (meant - 1)) * meant / every if every else 0.0


def ordered(hits: Sequence[Hit], alike: Mapping[str, float], weight: float) -> list[Hit]:
    """By score and likeness together; as they are where nothing is known of any."""
    if not alike:
        return list(hits)
    best = max(hit.score or 0.0 for hit in hits) or 1.0
    average = fmean(alike.values())
    worth = {hit.id: (hit.score or 0.0) / best + weight * alike.get(hit.id, average) for hit in hits}
    return sorted(hits, key=lambda hit: -worth[hit.id])
