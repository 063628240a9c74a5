"""A search, from the query to the page of results. All searches for users go through here.

A first page may be cached (`result_cache.py`). If not, the index finds it, with fewer of the words where too few
documents hold them (`paging.py`). Where a word is misspelled, the page of a better spelling is answered in its place,
or that spelling is proposed (`spelling/`). Later pages continue from the previous one's position.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from riverline.contracts import KeyValue
from riverline.search.contracts import Index
from riverline.search.query import Query
from riverline.search.result_cache import CachedResults, ResultCache
from riverline.search.results import Results
from riverline.search.semantic.reordering import Reordering
from riverline.search.spelling.correction import corrected

if TYPE_CHECKING:  # it takes marisa-trie, which Storm's workers do not have
    from riverline.search.spelling.speller import Speller


class SearchService:
    """Thread-safe if its stores are. Without Redis the index answers alone, without a speller nothing is respelled,
    without a reordering results stand as the index ranks them."""

    def __init__(
        self,
        index: Index,
        key_value: KeyValue,
        now_ms: Callable[[], int],
        speller: Callable[[], Speller | None] = lambda: None,
        reordering: Reordering | None = None,
    ) -> None:
        self._index, self._speller, self._searcher = index, speller, reordering or index
        self._cache = ResultCache(self._found, key_value, now_ms)

    def page(self, query: Query) -> CachedResults:
        """One page. Raises Transient when neither the index nor the cache has it."""
        return self._cache.get(query)

    def refresh(self, query: Query) -> None:
        """Asks the index now, whatever is kept."""
        self._cache.refresh(query)

    def explained(self, query: Query, found: CachedResults) -> list[dict[str, float]]:
        """For each result of a page that was searched for, ranked by relevance, what its score is made of. Raises
        Transient."""
        now_ms = query.after.now_ms if query.after else found.kept.at
        return self._index.explained(_as_answered(query), found.results, now_ms)

    def _found(self, query: Query, now_ms: int) -> Results:
        """The page from the index, or that of a better spelling."""
        find = partial(self._searcher.search, now_ms=now_ms)
        results = find(_as_answered(query))
        return results if query.after else corrected(query, results, find, self._speller(), self._index)


def _as_answered(query: Query) -> Query:
    """A later page has the spellings that the first one was answered in."""
    return replace(query, text=query.after.text or query.text, beside=query.after.beside) if query.after else query
