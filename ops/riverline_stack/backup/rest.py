"""An idle stack with stable scores: nothing waits, and the documents are in one segment.

Scores depend on how documents are spread over Lucene's segments. What it has deleted counts as long as its
segment is not merged: how many documents hold a word. And what `combined_fields` of Elasticsearch 7.17 adds up differs
from segment to segment (docs/explanation/search.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.adapters.redis.celery_queues import QUEUES, CeleryQueues
from riverline.adapters.redis.connection import Node
from riverline.errors import Transient
from riverline.retry import retried
from riverline.search.mappings import DOCUMENTS
from riverline.services import Services

T = TypeVar("T")

REST = 180.0  # seconds in which a stack that nothing is added to must have done all
MERGED = 120.0  # seconds in which the server must let go of what was deleted
LOOK = 0.5
BROKER_SECONDS = 1.0  # for a reply
LONGEST = 3600.0  # seconds for which the server may merge


def at_rest(services: Services, connection: ElasticsearchConnection, look: Callable[[], T]) -> T:
    """What is seen of a stack that was at rest all the time that it was looked at. Raises Transient."""

    def seen() -> T:
        settled(services)
        in_one_segment(connection)
        found = look()
        _refuse_parts(connection)
        return found

    return retried(seen, pause=LOOK, seconds=REST)


def settled(services: Services, seconds: float = REST) -> None:
    """Waits until nothing waits. Raises Transient with what does."""
    celery = services.settings.celery
    node = Node(celery.broker, BROKER_SECONDS, server=celery)
    try:
        retried(lambda: _refuse_work(services, CeleryQueues(node, services.now_ms)), pause=LOOK, seconds=seconds)
    finally:
        node.forget()


def _refuse_work(services: Services, broker: CeleryQueues) -> None:
    """Raises Transient with what there is still to be done."""
    topics = services.log.topics()
    ends, committed = services.log.ends(topics), services.log.committed(topics)
    lag = sum(max(0, end - max(first, committed.get(place, first))) for place, (first, end) in ends.items())
    jobs, _ = services.feed.repository.depth()
    # A job that was sent twice is done with the first, and writes its document again with the second.
    tasks = sum(queue.tasks for queue in broker.waiting(QUEUES)) + broker.held()
    if lag or jobs or tasks:
        raise Transient(f"the stack is not idle: {lag} records, {jobs} jobs and {tasks} tasks are waiting")


def in_one_segment(connection: ElasticsearchConnection) -> None:
    """Merges the documents: all of them are written anew where there is more than one segment. Raises Transient."""
    retried(lambda: _merge(connection), pause=LOOK, seconds=MERGED)


def _merge(connection: ElasticsearchConnection) -> None:
    """Raises Transient with what it leaves: of what is deleted the server keeps some for half a minute, for copies that
    could ask for it."""
    connection.call("POST", f"/{DOCUMENTS}/_flush")
    connection.call("POST", f"/{DOCUMENTS}/_forcemerge", None, {"max_num_segments": "1"}, LONGEST)
    connection.call("POST", f"/{DOCUMENTS}/_refresh")
    _refuse_parts(connection)


def _refuse_parts(connection: ElasticsearchConnection) -> None:
    """Raises Transient with what there is beside one segment a shard."""
    answer = connection.call("GET", f"/{DOCUMENTS}/_stats/docs,segments", None, {"level": "shards"})
    copies = [copy for index in answer["indices"].values() for shard in index["shards"].values() for copy in shard]
    own = [copy for copy in copies if copy["routing"]["primary"]]
    segments = sum(max(copy["segments"]["count"] - 1, 0) for copy in own)
    deleted = sum(copy["docs"]["deleted"] for copy in own)
    if segments or deleted:
        raise Transient(f"elasticsearch keeps {segments} segments more than one, and {deleted} deleted documents")
