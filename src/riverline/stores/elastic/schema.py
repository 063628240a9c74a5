"""Creates what must stand before anything is written: index templates, the index of documents and its alias."""

from __future__ import annotations

from typing import Any

from riverline.errors import Fatal, Invalid, NotFound
from riverline.search import mappings
from riverline.settings import Elasticsearch as ElasticsearchSettings
from riverline.stores.elastic.connection import Connection


def ensure(
    connection: Connection,
    settings: ElasticsearchSettings,
    documents: str = mappings.DOCUMENTS,
    korean_words: tuple[str, ...] = (),
) -> None:
    """Brings the server's schema up to date; again and again, by several at once, with the same result.

    New fields are added to a standing index. Raises Fatal where fields changed their type: then it takes a reindex.
    """
    for name, template in mappings.templates(settings.replicas).items():
        connection.call("PUT", f"/_index_template/{name}", template)
    if _exists(connection, documents):
        _extend(connection, documents)
    else:
        _create(connection, settings, documents, korean_words)


def _create(
    connection: Connection, settings: ElasticsearchSettings, documents: str, korean_words: tuple[str, ...]
) -> None:
    body = mappings.documents_index(settings.shards, settings.replicas, documents, korean_words)
    try:
        connection.call("PUT", f"/{mappings.first_version(documents)}", body)
    except Invalid as error:
        if error.reason != "resource_already_exists_exception":
            raise Fatal(f"the index of documents cannot be created: {error}") from error


def _extend(connection: Connection, documents: str) -> None:
    try:
        connection.call("PUT", f"/{documents}/_mapping", mappings.documents_mapping())
    except Invalid as error:
        raise Fatal(f"the index of documents has other fields than this version writes; reindex it: {error}") from error


def _exists(connection: Connection, name: str) -> bool:
    try:
        found: dict[str, Any] = connection.call("GET", f"/_alias/{name}")
    except NotFound:
        return False
    return bool(found)


def drop_outdated_fates(connection: Connection, now_ms: int) -> list[str]:
    """Removes the indices of fates that are older than they are kept, and answers their names."""
    names = list(connection.call("GET", f"/{mappings.FATES}*/_alias", params={"ignore_unavailable": "true"}))
    outdated = mappings.outdated_fates(names, now_ms)
    for name in outdated:
        connection.call("DELETE", f"/{name}", params={"ignore_unavailable": "true"})
    return outdated
