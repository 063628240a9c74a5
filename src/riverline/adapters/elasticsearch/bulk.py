"""The lines of a bulk, and each item's result in its answer. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from riverline.errors import Fatal, Invalid, Transient
from riverline.model import Document, Fate, Origin
from riverline.parsing.fingerprint import url_id
from riverline.parsing.near_duplicates import bands
from riverline.search.autocomplete import starts
from riverline.search.contracts import Outcome, Written
from riverline.search.mappings import DOCUMENTS, fates_index

Item = tuple[bytes, bytes]  # the action and the source
ABSENT = 404


def document_item(document: Document, clicks: int, alias: str = DOCUMENTS) -> Item:
    """A document as it is stored. Raises TypeError where a text is no Unicode."""
    name = url_id(document.url)
    action = {"_index": alias, "_id": name, "version": document.crawled_at, "version_type": "external_gte"}
    action["require_alias"] = True  # or a missing alias would become an index without our mappings
    return orjson.dumps({"index": action}), orjson.dumps(document_source(document, clicks))


def document_source(document: Document, clicks: int) -> dict[str, Any]:
    """The fields of a document in the index: its own, and those that searches need."""
    name = url_id(document.url)
    source: dict[str, Any] = {field: getattr(document, field) for field in Document.names()}
    source["id"] = name
    source["dated_at"] = document.created_at if document.created_at is not None else document.crawled_at
    source["cluster"] = document.group or document.text_digest or name
    source["bands"] = bands(document.signature)
    source["click_count"] = clicks
    source["starts"] = [start for text in (document.title, *document.tags) for start in starts(text) if start]
    return source


def counted_item(raw: Mapping[str, Any], clicks: int, alias: str = DOCUMENTS) -> Item:
    """A stored document with another click count, as the version that it was read as: a newer one stays."""
    action = {"_index": alias, "_id": raw["_id"], "version": raw["_version"], "version_type": "external_gte"}
    source = {**raw["_source"], "click_count": clicks}
    return orjson.dumps({"index": {**action, "require_alias": True}}), orjson.dumps(source)


def fate_item(fate: Fate) -> Item:
    """A fate as it is stored: the first of a version stays."""
    action = {"_index": fates_index(fate.at), "_id": fate.origin, "version": fate.version, "version_type": "external"}
    source = {field: getattr(fate, field) for field in Fate.names()}
    source |= {**_place(fate.origin), "name": fate.name}
    return orjson.dumps({"index": action}), orjson.dumps(source)


def delete_item(url: str, at_ms: int, alias: str = DOCUMENTS) -> bytes:
    """The removal of a document, as of that time: what was crawled before does not come back (within a minute)."""
    action = {"_index": alias, "_id": url_id(url), "version": at_ms, "version_type": "external_gte"}
    return orjson.dumps({"delete": {**action, "require_alias": True}})


def _place(origin: str) -> dict[str, Any]:
    try:
        place = Origin.parse(origin)
    except ValueError:
        return {"topic": ""}
    return {"topic": place.topic, "partition": place.partition, "offset": place.offset}


def outcomes(answer: Mapping[str, Any]) -> Iterator[Written]:
    """What became of each item. Raises Fatal when the alias is missing: then nothing can be written."""
    for item in answer["items"]:
        (result,) = item.values()
        yield _outcome(result["status"], result.get("error") or {})


def refuse_busy(written: Iterable[Written]) -> None:
    """Raises Transient for an item that was refused for load, Invalid for one that will never be taken."""
    for item in written:
        if item.outcome is Outcome.BUSY:
            raise Transient(f"elasticsearch is busy: {item.error}")
        if item.outcome is Outcome.INVALID:
            raise Invalid(f"elasticsearch refuses it: {item.error}")


def _outcome(status: int, error: Mapping[str, Any]) -> Written:
    if status < 300 or (status == ABSENT and not error):
        return Written(Outcome.WRITTEN)
    kind, reason = str(error.get("type", "")), str(error.get("reason", ""))
    if kind == "index_not_found_exception":
        raise Fatal(f"the alias of the documents does not exist: create the schema first ({reason})")
    text = f"{kind}: {reason}{_deeper(error)}"
    if status == 409:
        return Written(Outcome.STALE, text)
    if status == 429 or status >= 500 or kind == "cluster_block_exception":
        return Written(Outcome.BUSY, text)
    return Written(Outcome.INVALID, text)


def _deeper(error: Mapping[str, Any]) -> str:
    cause = error.get("caused_by")
    return f" ({cause.get('reason', '')})" if isinstance(cause, Mapping) else ""


def serialised(
    documents: Sequence[Document], fates: Sequence[Fate], clicks: Mapping[str, int], alias: str = DOCUMENTS
) -> list[Item | Written]:
    """Every item as its two lines, or why it has none. In the order of the documents, then the fates."""
    return [*(_document(document, clicks, alias) for document in documents), *(_fate(fate) for fate in fates)]


def _document(document: Document, clicks: Mapping[str, int], alias: str) -> Item | Written:
    try:
        return document_item(document, clicks.get(url_id(document.url), 0), alias)
    except TypeError as error:  # a text that is no Unicode: half of a surrogate pair
        return Written(Outcome.INVALID, str(error))


def _fate(fate: Fate) -> Item | Written:
    try:
        return fate_item(fate)
    except TypeError as error:
        return Written(Outcome.INVALID, str(error))
