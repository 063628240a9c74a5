"""When fewer of the words are enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from riverline.search.paging import page
from riverline.search.query import Query

NOW = 1_760_000_000_000


@pytest.mark.parametrize(
    ("found", "limit", "enough", "requests"), [(12, 10, 0, 1), (9, 10, 0, 2), (12, 50, 0, 2), (12, 50, 10, 1)]
)
def test_fewer_words_are_enough_where_too_little_is_found(found: int, limit: int, enough: int, requests: int) -> None:
    asked: list[Mapping[str, Any]] = []

    def ask(body: Mapping[str, Any]) -> Mapping[str, Any]:
        asked.append(body)
        return {"hits": {"total": {"value": found}, "hits": []}}

    page(Query("river stones", limit=limit, enough=enough, facets=False), NOW, ask)
    assert len(asked) == requests
