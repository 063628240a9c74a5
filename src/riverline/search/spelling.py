"""Another spelling, where what was typed finds nothing: proposed, or answered in its place, and never silently. Pure.

Only words that no document holds are corrected without being asked; whoever wants the words as they are says `exact`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from riverline.errors import Transient
from riverline.search.query import Query
from riverline.search.results import Results

FEW = 3  # results below which another spelling is proposed

Find = Callable[[Query], Results]
Spelled = Callable[[str, bool], str]  # of a text, and whether only words that no document holds may be others


def answered(query: Query, find: Find, spelled: Spelled) -> Results:
    """The page that is asked for, or that of a better spelling: `corrected` says which, `better` proposes one."""
    if query.after is not None:
        return find(replace(query, text=query.after.text or query.text))
    results = find(query)
    if query.exact or not query.words.words or (results.total >= FEW and not results.loose):
        return results
    with suppress(Transient):
        return _corrected(query, results, find, spelled)
    return results


def _corrected(query: Query, results: Results, find: Find, spelled: Spelled) -> Results:
    own = " ".join(query.words.words)
    if results.total == 0 or results.loose:
        text = _respelled(query, spelled(own, True) if results.respelled is None else results.respelled)
        found = find(replace(query, text=text)) if text else None
        if found is not None and found.total > results.total:
            following = replace(found.next, text=text) if found.next else None
            return replace(found, corrected=text, next=following)
    if results.total < FEW:
        return replace(results, better=_respelled(query, spelled(own, False)))
    return results


def _respelled(query: Query, words: str) -> str:
    """The query with those words in the place of its own; empty where there are no others."""
    own, better = query.words.words, words.split()
    if len(better) != len(own):
        return ""
    text = query.text
    for word, other in zip(own, better, strict=True):
        text = text.replace(word, other, 1) if word != other else text
    return text if text != query.text else ""
