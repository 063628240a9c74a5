"""Creates what must exist before anything is written: index templates, the index of documents and its alias."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.errors import Fatal, Invalid, NotFound
from riverline.search import mappings
from riverline.settings import Elasticsearch as ElasticsearchSettings


def ensure(
    connection: ElasticsearchConnection,
    settings: ElasticsearchSettings,
    documents: str = mappings.DOCUMENTS,
    korean_words: tuple[str, ...] = (),
) -> None:
    """Brings the server's schema up to date; again and again, by several at once, with the same result.

    New fields are added to a standing index. Raises Fatal where fields changed their type: then it takes a reindex.
    """
    for name, template in mappings.templates(settings.replicas).items():
        connection.call("PUT", f"/_index_template/{name}", template)
    _extend_written(connection, mappings.FATES, mappings.FATE)
    _extend_written(connection, mappings.SEARCHES, mappings.SEARCH)
    if _exists(connection, documents):
        _extend(connection, documents)
    else:
        _create(connection, settings, documents, korean_words)


def _extend_written(connection: ElasticsearchConnection, prefix: str, properties: dict[str, Any]) -> None:
    """Makes fields that are new known to the indices that stand, which are of an older template."""
    try:
        connection.call("PUT", f"/{prefix}*/_mapping", {"properties": properties}, {"allow_no_indices": "true"})
    except NotFound:
        return  # there are none yet


TERMS = 1000  # of one query


def _create(
    connection: ElasticsearchConnection, settings: ElasticsearchSettings, documents: str, korean_words: tuple[str, ...]
) -> None:
    body = mappings.documents_index(settings.shards, settings.replicas, documents, korean_words)
    try:
        connection.call("PUT", f"/{mappings.first_version(documents)}", body)
    except Invalid as error:
        if error.reason != "resource_already_exists_exception":
            raise Fatal(f"the index of documents cannot be created: {error}") from error


def _extend(connection: ElasticsearchConnection, documents: str) -> None:
    try:
        connection.call("PUT", f"/{documents}/_mapping", mappings.documents_mapping())
    except Invalid as error:
        raise Fatal(
            f"the index of documents has other fields than this version writes; run `riverline reindex`: {error}"
        ) from error


def _exists(connection: ElasticsearchConnection, name: str) -> bool:
    try:
        found: dict[str, Any] = connection.call("GET", f"/_alias/{name}")
    except NotFound:
        return False
    return bool(found)


def drop_outdated_fates(connection: ElasticsearchConnection, now_ms: int) -> list[str]:
    """Removes the indices of fates that are older than they are kept, and answers their names."""
    names = list(connection.call("GET", f"/{mappings.FATES}*/_alias", params={"ignore_unavailable": "true"}))
    outdated = mappings.outdated_fates(names, now_ms)
    for name in outdated:
        connection.call("DELETE", f"/{name}", params={"ignore_unavailable": "true"})
    return outdated


def forget_searches(connection: ElasticsearchConnection, before_ms: int) -> None:
    """Removes the searches that were made before: whole indices, then the rest of the one that goes on."""
    names = list(connection.call("GET", f"/{mappings.SEARCHES}*/_alias", params={"ignore_unavailable": "true"}))
    for name in mappings.outdated_searches(names, before_ms):
        connection.call("DELETE", f"/{name}", params={"ignore_unavailable": "true"})
    older = {"query": {"range": {"created_at": {"lt": before_ms, "format": "epoch_millis"}}}}
    wanted = {"conflicts": "proceed", "refresh": "true", "ignore_unavailable": "true", "allow_no_indices": "true"}
    connection.call("POST", f"/{mappings.SEARCHES}*/_delete_by_query", older, wanted)


def take_down(connection: ElasticsearchConnection, documents: str, sites: Sequence[str], ids: Sequence[str]) -> int:
    """Removes the documents of those sites and ids; answers how many there were."""
    meant = [{"terms": {"site": sites[at : at + TERMS]}} for at in range(0, len(sites), TERMS)]
    meant += [{"terms": {"id": ids[at : at + TERMS]}} for at in range(0, len(ids), TERMS)]
    removed = 0
    for one in meant:
        wanted = {"conflicts": "proceed", "refresh": "true"}
        answer = connection.call("POST", f"/{documents}/_delete_by_query", {"query": one}, wanted)
        removed += int(answer["deleted"])
    return removed
