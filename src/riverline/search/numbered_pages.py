"""Pages by number, for readers, reached by the API's cursors. Pure: `find` asks.

The first page is asked for in any case: it is mostly kept, and later pages show its facets. What lies between is
walked through in steps as large as one request may be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from riverline.search.query import Query
from riverline.search.results import Results

MOST_PAGES = 100  # beyond, whoever reads on takes the API's cursors
STEP = 100  # results of one request
MOST_STEPS = 20  # a step may bring less than it might: groups that were shown are passed over


def numbered(query: Query, number: int, find: Callable[[Query], Results]) -> Results:
    """That page, with the facets and the spellings of the first one; without results beyond the last one.

    `number` counts from 1. The query is that of the first page. Raises Transient.
    """
    first = find(query)
    if number == 1:
        return first
    after, left = first.next, (number - 2) * query.limit
    for _ in range(MOST_STEPS):
        if after is None or left <= 0:
            break
        passed = find(replace(query, after=after, limit=min(STEP, left)))
        after, left = passed.next, left - len(passed.hits)
    shown = replace(first, hits=(), next=None) if after is None else find(replace(query, after=after))
    return replace(shown, facets=first.facets, corrected=first.corrected, better=first.better)
