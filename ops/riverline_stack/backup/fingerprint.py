"""What users see of a stack, in a comparable form: searches, timelines, targets, and the data behind them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, func, select

from riverline.adapters.elasticsearch.connection import ElasticsearchConnection as Elastic
from riverline.adapters.elasticsearch.copying import patiently
from riverline.adapters.mysql.database import Database
from riverline.adapters.mysql.tables import click, follower, post, user
from riverline.search.mappings import DOCUMENTS
from riverline.search.query import Query
from riverline.services import Services, assemble
from riverline.settings import Settings
from riverline_stack.backup.rest import at_rest

TABLES = (user, follower, post, click)
QUERIES = 20  # words of titles that are searched for
USERS = 100  # whose timelines are read
SHOWN = 20
SCAN = 1000

Fingerprint = dict[str, Any]


def fingerprint(settings: Settings, now_ms: int | None = None, queries: tuple[str, ...] = ()) -> Fingerprint:
    """`now_ms` and `queries`: those of a fingerprint that this one is compared with; recency ranks.

    Waits until the stack is at rest. Raises Transient when it does not come to rest.
    """
    services = assemble(settings)
    database, elastic = services.mysql, services.elasticsearch
    at = now_ms if now_ms is not None else services.now_ms()
    try:
        return at_rest(services, elastic, lambda: _seen(services, database, elastic, at, queries))
    finally:
        services.log.close()
        database.close()
        elastic.close()


def _seen(services: Services, database: Database, elastic: Elastic, at: int, queries: tuple[str, ...]) -> Fingerprint:
    documents = list(_documents(elastic))
    texts = queries or tuple(dict.fromkeys(title for _, _, _, title in documents if title))[:QUERIES]
    with database.reading(fresh=True) as connection:
        rows, users = _rows(connection), list(connection.execute(select(user.c.id).limit(USERS)).scalars())
    return {
        "now_ms": at,
        "queries": list(texts),
        "documents": {"count": len(documents), "digest": _digest(documents)},
        "rows": rows,
        "targets": [json.loads(json.dumps(asdict(entry.target))) for entry in services.targets.all()],  # no tuples
        "timelines": {str(one): [e.id for e in services.feed.reader.read(one, SHOWN).entries] for one in users},
        "searches": {text: _found(services, text, at) for text in texts},
    }


def differences(before: Fingerprint, after: Fingerprint) -> Iterator[str]:
    """What is not equal, a line each."""
    for name in ("documents", "rows", "targets", "timelines", "searches"):
        one, other = before[name], after[name]
        if one == other:
            continue
        if isinstance(one, Mapping):
            keys = [key for key in {**one, **other} if one.get(key) != other.get(key)]
            yield from (f"{name}: {key}: {one.get(key)} before, {other.get(key)} after" for key in keys)
        else:
            yield f"{name}: {one} before, {other} after"


def _found(services: Services, text: str, at: int) -> dict[str, Any]:
    results = patiently(lambda: services.index.search(Query(text, limit=10).ordered(None), at))
    return {"total": results.total, "urls": [hit.url for hit in results.hits]}


def _rows(connection: Connection) -> dict[str, str]:
    """Each table's number of rows, and the sum of its checksums."""
    found = {}
    for one in TABLES:
        text = func.concat_ws("|", *one.columns)
        sums = select(func.count(), func.coalesce(func.sum(func.crc32(text)), 0)).select_from(one)
        count, digest = connection.execute(sums).one()
        found[one.name] = f"{count} rows, {digest}"
    return found


def _documents(elastic: Elastic) -> Iterator[tuple[str, int, int, str]]:
    """Id, version, clicks and title of every document that a search sees, in the order of the ids."""
    body: dict[str, Any] = {"size": SCAN, "sort": [{"id": "asc"}], "version": True, "_source": ["title", "click_count"]}
    while hits := patiently(lambda: elastic.call("POST", f"/{DOCUMENTS}/_search", body))["hits"]["hits"]:
        for hit in hits:
            source = hit["_source"]
            yield hit["_id"], hit["_version"], source.get("click_count", 0), source.get("title", "")
        body["search_after"] = hits[-1]["sort"]


def _digest(documents: list[tuple[str, int, int, str]]) -> str:
    return hashlib.sha256(repr(documents).encode("utf-8", "surrogatepass")).hexdigest()
