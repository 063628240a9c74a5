"""Vectors in an index of their own, by the ids of the documents: see `search/semantic/contracts.py`.

They are no field of a document: to add one, the server would write it anew, with all its texts analysed once more.
Changed documents are read by the number of their change (`_seq_no`), shard by shard, as `copying.py` does.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

import orjson

from riverline.adapters.elasticsearch import bulk
from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.adapters.elasticsearch.copying import Copy
from riverline.errors import Invalid, NotFound
from riverline.search import mappings
from riverline.search.semantic.contracts import ChangedText, Changes, TextVector

VECTORS = "vectors"
READ = 200  # documents of one request
SWEPT = 500  # vectors of one sweep
_POINT = "point"  # the id of the document that says how far changes are read
_STORED: dict[str, Any] = {"type": "keyword", "index": False, "doc_values": False}
_KEPT: dict[str, Any] = {"type": "object", "enabled": False}
_BODY: dict[str, Any] = {
    "mappings": {
        "dynamic": False,
        "properties": {"id": {"type": "keyword"}, "of": _STORED, "vectors": _KEPT, "point": _STORED},
    }
}


class ElasticVectors:
    """Thread-safe. `documents` is the alias of the documents."""

    def __init__(
        self,
        connection: ElasticsearchConnection,
        replicas: int = 0,
        documents: str = mappings.DOCUMENTS,
        name: str = VECTORS,
        patience: float | None = None,
    ) -> None:
        self._connection, self._replicas, self._documents, self._name = connection, replicas, documents, name
        self._patience = patience

    def vectors(self, ids: Collection[str]) -> dict[str, TextVector]:
        if not ids:
            return {}
        body = {"ids": list(ids)}
        try:
            answer = self._connection.call("POST", f"/{self._name}/_mget", body, timeout=self._patience)
        except NotFound:  # none has been made yet
            return {}
        return {raw["_id"]: _read(raw["_source"]) for raw in answer["docs"] if raw.get("found")}

    def put(self, vectors: Mapping[str, TextVector]) -> None:
        lines = []
        for name, one in vectors.items():
            kept = {model: base64.b64encode(vector).decode() for model, vector in one.vectors.items()}
            source = {"id": name, "of": one.of, "vectors": kept}
            lines += [orjson.dumps({"index": {"_index": self._name, "_id": name}}), orjson.dumps(source)]
        if lines:
            self._ensure()
            bulk.refuse_busy(bulk.outcomes(self._connection.call_lines("/_bulk", lines)))

    def changes(self, point: str) -> Changes:
        index, since = _point(point)
        current = self._current()
        copy = Copy(self._connection, current, current)
        since = since if index == current else {}
        until = copy.points()
        behind = {shard: since.get(shard, -1) for shard, last in until.items() if since.get(shard, -1) < last}
        if not behind:
            return Changes((), point)
        copy.refresh(current)
        for shard, read in behind.items():
            hits = self._written(current, shard, read, until[shard])
            reached = hits[-1]["sort"][0] if len(hits) == READ else until[shard]
            since = {**since, shard: reached}
            if hits:
                break
        return Changes([_text(hit["_source"]) for hit in hits], orjson.dumps([current, since]).decode())

    def _written(self, index: str, shard: str, since: int, until: int) -> list[Mapping[str, Any]]:
        body = {
            "size": READ,
            "sort": [{"_seq_no": "asc"}],
            "track_total_hits": False,
            "query": {"range": {"_seq_no": {"gt": since, "lte": until}}},
            "_source": ["id", "title", "body"],
        }
        found = self._connection.search(f"/{index}/_search", body, {"preference": f"_shards:{shard}"})
        return list(found["hits"]["hits"])

    def _current(self) -> str:
        (name,) = self._connection.call("GET", f"/_alias/{self._documents}")
        return str(name)

    def point(self) -> str:
        try:
            found = self._connection.call("GET", f"/{self._name}/_doc/{_POINT}")
        except NotFound:
            return ""
        return str(found["_source"]["point"])

    def keep_point(self, point: str) -> None:
        self._ensure()
        self._connection.call("PUT", f"/{self._name}/_doc/{_POINT}", {"point": point})

    def sweep(self, after: str) -> str:
        body = {
            "size": SWEPT,
            "sort": [{"id": "asc"}],
            "query": {"range": {"id": {"gt": after}}},
            "_source": False,
            "track_total_hits": False,
        }
        try:
            ids = [hit["_id"] for hit in self._connection.search(f"/{self._name}/_search", body)["hits"]["hits"]]
        except NotFound:
            return ""
        if not ids:
            return ""
        wanted = {"_source": "false", "filter_path": "docs._id,docs.found"}
        there = self._connection.call("POST", f"/{self._documents}/_mget", {"ids": ids}, wanted)
        gone = [raw["_id"] for raw in there["docs"] if not raw.get("found")]
        if gone:
            lines = [orjson.dumps({"delete": {"_index": self._name, "_id": name}}) for name in gone]
            bulk.refuse_busy(bulk.outcomes(self._connection.call_lines("/_bulk", lines)))
        return ids[-1] if len(ids) == SWEPT else ""

    def forget(self) -> None:
        with suppress(NotFound):
            self._connection.call("DELETE", f"/{self._name}")

    def _ensure(self) -> None:
        """Makes the index, where it is not there."""
        settings = {"number_of_shards": 1, "number_of_replicas": self._replicas}
        try:
            self._connection.call("PUT", f"/{self._name}", {**_BODY, "settings": {"index": settings}})
        except Invalid as error:
            if error.reason != "resource_already_exists_exception":
                raise


def _read(source: Mapping[str, Any]) -> TextVector:
    """Its vectors, if any: an earlier version kept one, without saying of which model."""
    vectors = source.get("vectors", {})
    return TextVector(source["of"], {model: base64.b64decode(vector) for model, vector in vectors.items()})


def _text(source: Mapping[str, Any]) -> ChangedText:
    return ChangedText(source["id"], source.get("title") or "", source.get("body") or "")


def _point(text: str) -> tuple[str, dict[str, int]]:
    """An index, and by its shards the last change that was read."""
    index, since = orjson.loads(text) if text else ("", {})
    return index, since
