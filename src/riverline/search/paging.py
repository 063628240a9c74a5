"""Pages of results in which no group comes twice, however deep one goes. Pure: `ask` sends a request to the server.

The server collapses groups on the first page only; it cannot after a position. From the second page on, a result is
shown if this query ranks it first of its group: else its group stood on an earlier page, or stands above it on this
one. No state is kept between pages but the position, and there is no limit to the depth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from riverline.search import results
from riverline.search.analysis.writing_systems import has_hangul
from riverline.search.cursor import Position
from riverline.search.query import Query, Sort, leaders_body, search_body, shown_body
from riverline.search.results import Hit, Results

Ask = Callable[[dict[str, Any]], Mapping[str, Any]]
MOST_ROUNDS = 8  # requests for one page, when nearly all that comes is of groups already shown


def page(query: Query, now_ms: int, ask: Ask) -> Results:
    """The page that the query asks for."""
    return _first(query, now_ms, ask) if query.after is None else _following(query, query.after, ask)


def _first(query: Query, now_ms: int, ask: Ask) -> Results:
    answer, loose = ask(search_body(query, now_ms)), False
    if results.total(answer) < (query.enough or query.limit) and _can_be_loosened(query):
        looser = ask(search_body(query, now_ms, loose=True))
        if results.total(looser) > results.total(answer):
            answer, loose = looser, True
    hits = results.hits(answer)
    shown, more = hits[: query.limit], len(hits) > query.limit
    if not query.group:
        shown = _sized(shown, query, now_ms, loose, ask)
    following = Position(shown[-1].sort, now_ms, loose) if more else None
    facets = results.facets(answer)
    return Results(tuple(shown), results.total(answer), following, loose, facets)


def shown(query: Query, brief: Sequence[Hit], ask: Ask) -> list[Hit]:
    """Brief results with all that is shown of them; less those that are gone meanwhile."""
    if not brief:
        return []
    return results.completed(brief, ask(shown_body(query, [hit.id for hit in brief])))


def _can_be_loosened(query: Query) -> bool:
    """Several words, or one that may have several parts: a Korean compound, `guide/download`."""
    words = query.words.words
    parted = any(has_hangul(word) or not word.isalnum() for word in words)
    return query.sort is Sort.RELEVANCE and (len(words) > 1 or parted)


def _sized(hits: list[Hit], query: Query, now_ms: int, loose: bool, ask: Ask) -> list[Hit]:
    """The hits with the sizes of their groups. Only near-duplicates have a group: a page without them asks nothing."""
    clusters = [hit.cluster for hit in hits if hit.group]
    if not clusters:
        return hits
    _, sizes = _leaders(clusters, query, now_ms, loose, ask)
    return [replace(hit, group_size=sizes.get(hit.cluster, 1)) for hit in hits]


def _following(query: Query, after: Position, ask: Ask) -> Results:
    shown: list[Hit] = []
    total = 0
    for _ in range(MOST_ROUNDS):
        answer = ask(search_body(replace(query, after=after), after.now_ms, after.loose))
        candidates, total = results.hits(answer), results.total(answer)
        for hit in _firsts(candidates, query, after, ask):
            if len(shown) == query.limit:
                return Results(tuple(shown), total, replace(after, values=shown[-1].sort), after.loose)
            shown.append(hit)
        if len(candidates) <= query.limit:
            return Results(tuple(shown), total, None, after.loose)
        after = replace(after, values=candidates[-1].sort)
    return Results(tuple(shown), total, after, after.loose)


def _firsts(candidates: list[Hit], query: Query, after: Position, ask: Ask) -> list[Hit]:
    """Those of the candidates that stand first in their groups."""
    if query.group or not candidates:
        return candidates
    clusters = list(dict.fromkeys(hit.cluster for hit in candidates))
    leaders, sizes = _leaders(clusters, query, after.now_ms, after.loose, ask)
    return [replace(hit, group_size=sizes.get(hit.cluster, 1)) for hit in candidates if hit.id in leaders]


def _leaders(
    clusters: Sequence[str], query: Query, now_ms: int, loose: bool, ask: Ask
) -> tuple[frozenset[str], dict[str, int]]:
    """The ids of the first-ranked members of the clusters, and how many members match."""
    answer = ask(leaders_body(query, now_ms, list(clusters), loose))
    ids = frozenset(raw["_source"]["id"] for raw in answer["hits"]["hits"])
    return ids, dict(results.facets(answer)["cluster"])
