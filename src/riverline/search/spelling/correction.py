"""Another spelling of a query: used in its place, or proposed, and never silently. Pure.

Only words that no document contains are replaced, and none if the query is `exact`. Before a word is replaced, the
index is asked for it: it may hold the word since a minute ago, and nori may know it. Where parts of such a word find
enough, or nori knows it, the words stay and the other spelling is looked for beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from riverline.errors import Transient
from riverline.search.analysis.korean_parts import is_known
from riverline.search.contracts import Vocabulary
from riverline.search.query import Query
from riverline.search.results import Results
from riverline.search.spelling.keys import Writing, writing
from riverline.search.syntax import respelled

if TYPE_CHECKING:  # it takes marisa-trie, which Storm's workers do not have
    from riverline.search.spelling.speller import Speller

FEW = 3  # results below which another spelling is proposed

Find = Callable[[Query], Results]


def corrected(query: Query, results: Results, find: Find, speller: Speller | None, index: Vocabulary) -> Results:
    """The first page that was found, or that of a better spelling: `corrected` says which, `better` proposes one."""
    if query.exact or not query.words.words or speller is None:
        return results
    with suppress(Transient):
        return _corrected(query, results, find, speller, index)
    return results


def _corrected(query: Query, results: Results, find: Find, speller: Speller, index: Vocabulary) -> Results:
    own = query.words.words
    wrong = speller.corrections(own)
    held = index.held(list(wrong)) if wrong else frozenset()
    wrong = {word: other for word, other in wrong.items() if word not in held}
    if text := _respelled(query, _sure(wrong, results, speller, index)):
        found = find(replace(query, text=text))
        if _is_better(found, results):
            following = replace(found.next, text=text) if found.next else None
            return replace(found, corrected=text, next=following)
    if beside := _respelled(query, wrong):
        found = find(replace(query, beside=beside))
        if found.total:
            following = replace(found.next, beside=beside) if found.next else None
            return replace(found, better=beside, next=following)
    if results.total < FEW:
        return replace(results, better=_respelled(query, speller.proposals(own)))
    return results


def _sure(wrong: Mapping[str, str], results: Results, speller: Speller, index: Vocabulary) -> dict[str, str]:
    """Those of the words that are replaced: one that nori knows only where nothing holds all of the query, by one that
    is far more frequent."""
    if not wrong:
        return {}
    known, nothing = _known(wrong, index), results.total == 0 or results.loose
    return {
        word: other
        for word, other in wrong.items()
        if word not in known or (nothing and speller.is_far_more_frequent(other, word))
    }


def _known(words: Iterable[str], index: Vocabulary) -> frozenset[str]:
    """Those of the words that nori knows."""
    asked = [word for word in words if writing(word) is Writing.HANGUL]
    pairs: Sequence[tuple[str, bool]] = (
        [(word, is_known(parts)) for word, parts in zip(asked, index.parts(asked), strict=True)] if asked else []
    )
    return frozenset(word for word, known in pairs if known)


def _is_better(found: Results, results: Results) -> bool:
    """More results, or any where those hold but a part of the words."""
    return found.total > results.total or (found.total > 0 and results.loose)


def _respelled(query: Query, others: Mapping[str, str]) -> str:
    """The query with those words in the place of its own; empty where there are no others."""
    return respelled(query.text, others) if others else ""
