"""Every search ends by itself, and what was found until then is not taken for the answer."""

from __future__ import annotations

import inspect
from contextlib import suppress
from typing import Any

import orjson
import pytest

from riverline.adapters.elasticsearch import ElasticIndex
from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.errors import Transient
from riverline.search.contracts import FateQuery
from riverline.search.query import Query
from riverline.search.results import Results
from riverline.search.statistics import Span
from riverline.settings import Elasticsearch

NOTHING: dict[str, Any] = {"hits": {"hits": [], "total": {"value": 0}}, "aggregations": {}}
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "holders": (["d"],),
    "candidates": ([["b"]],),
    "page_digests": (),
    "search": (Query("a"), 1),
    "fates": (FateQuery(),),
    "copies": (["d"], False),
    "latest_fates": (["u"],),
    "fates_of": (["o"],),
    "fated": ({("t", 0): (0, 1)},),
    "suggestions": ("a", "", 1),
    "frequent": (0, "", 1),
    "popular": (0, "", 1, 5),
    "state": (),
    "texts": ("", 1),
    "held": (["a"],),
    "document_statistics": (Span(0, 1, 1),),
    "search_statistics": (Span(0, 1, 1),),
    "query_statistics": (Span(0, 1, 1), 1),
    "zero_result_searches": (0, 1),
}


def sent(index: ElasticIndex, name: str) -> list[dict[str, Any]]:
    """The searches that a call makes."""
    found: list[dict[str, Any]] = []

    def send(_: str, path: str, body: bytes | None, *rest: Any) -> dict[str, Any]:
        if path.endswith("_msearch"):
            found.extend(orjson.loads(line) for line in (body or b"").split(b"\n")[1::2])
        elif path.endswith("_search"):
            found.append(orjson.loads(body or b"{}"))
        return {**NOTHING, "responses": [NOTHING]}

    index.connection._send = send  # type: ignore[method-assign]
    with suppress(KeyError):  # of statistics that are not there
        made = getattr(index, name)(*ARGUMENTS[name])
        list(made if inspect.isgenerator(made) else ())
    return found


@pytest.mark.parametrize("name", ARGUMENTS)
@pytest.mark.parametrize("hurried", [True, False])
def test_every_search_has_an_end(name: str, hurried: bool) -> None:
    index = ElasticIndex(Elasticsearch(timeout=20), patience=2, hurried=hurried)
    bodies = sent(index, name)
    assert bodies
    for body in bodies:
        assert 0 < int(body["timeout"].removesuffix("ms")) < 20_000
    if name in ("search", "suggestions", "held", "fates"):
        assert {body["timeout"] for body in bodies} == {"1800ms"}


def test_what_was_found_when_time_was_over_is_no_answer() -> None:
    connection = ElasticsearchConnection(Elasticsearch())
    connection._send = lambda *_: {**NOTHING, "timed_out": True}  # type: ignore[method-assign]
    with pytest.raises(Transient):
        connection.search("/documents/_search", {})
    connection._send = lambda *_: {"responses": [{**NOTHING, "timed_out": True}]}  # type: ignore[method-assign]
    with pytest.raises(Transient):
        connection.searches({"index": "documents"}, [{}])


def test_an_answer_in_time_is_one() -> None:
    index = ElasticIndex(Elasticsearch())
    index.connection._send = lambda *_: {**NOTHING, "timed_out": False}  # type: ignore[method-assign]
    assert index.search(Query("a"), 1) == Results((), 0, None, facets={})
