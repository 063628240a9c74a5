"""What plain BM25 answers by each single analyser: one index, one text (k1 1.2, b 0.75) read in every way."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import orjson

from bench.judged import Answers, Collection
from bench.metrics import DEPTH
from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.errors import NotFound
from riverline.search.analysis.analysers import ANALYSERS, analysis

NAME = "bench-relevance-plain"
BATCH = 500  # documents of one bulk
LANGUAGES = ("en", "ko", "std", "cjk")  # of equal baselines, the first is named


def answers(connection: ElasticsearchConnection, collection: Collection) -> dict[str, Answers]:
    """The answers by the name of the analyser."""
    drop(connection, NAME)
    fields = {name: {"type": "text", "analyzer": name} for name in ANALYSERS}
    text = {"type": "text", "index": False, "fields": fields}
    index = {"number_of_shards": 1, "number_of_replicas": 0, "analysis": analysis()}
    connection.call("PUT", f"/{NAME}", {"settings": {"index": index}, "mappings": {"properties": {"text": text}}})
    names = list(collection.docs)
    for start in range(0, len(names), BATCH):
        _write(connection, collection, names[start : start + BATCH])
    connection.call("POST", f"/{NAME}/_refresh")
    found = {
        name: {query: _found(connection, name, asked) for query, asked in collection.queries.items()}
        for name in LANGUAGES
    }
    drop(connection, NAME)
    return found


def _write(connection: ElasticsearchConnection, collection: Collection, names: Sequence[str]) -> None:
    lines = []
    for name in names:
        whole = f"{collection.docs[name].get('title') or ''}\n{collection.docs[name]['text']}"
        lines += [orjson.dumps({"index": {"_index": NAME, "_id": name}}), orjson.dumps({"text": whole})]
    connection.call_lines("/_bulk", lines)


def _found(connection: ElasticsearchConnection, analyser: str, text: str) -> list[str]:
    body = {"size": DEPTH, "query": {"match": {f"text.{analyser}": text}}, "_source": False}
    return [hit["_id"] for hit in connection.call("POST", f"/{NAME}/_search", body)["hits"]["hits"]]


def drop(connection: ElasticsearchConnection, name: str) -> None:
    """Removes an index, if there is one."""
    with contextlib.suppress(NotFound):
        connection.call("DELETE", f"/{name}")
