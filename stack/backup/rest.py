"""A stack at rest, in which two looks show the same: nothing waits, and the documents lie in one segment.

How documents are parted among Lucene's segments is seen in their scores. What it has deleted counts as long as its
segment is not merged: how many documents hold a word. And what `combined_fields` of Elasticsearch 7.17 adds up differs
from segment to segment (docs/search.md).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from riverline.assembly import Services
from riverline.errors import Transient
from riverline.search.mappings import DOCUMENTS
from riverline.stores.broker import QUEUES, Broker
from riverline.stores.elastic.connection import Connection
from riverline.stores.redis_wire import Node

T = TypeVar("T")

REST = 180.0  # seconds in which a stack that nothing is added to must have done all
MERGED = 120.0  # seconds in which the server must let go of what was deleted
LOOK = 0.5
BROKER_SECONDS = 1.0  # for a reply
LONGEST = 3600.0  # seconds for which the server may merge


def at_rest(services: Services, connection: Connection, look: Callable[[], T]) -> T:
    """What is seen of a stack that was at rest all the time that it was looked at. Raises Transient."""
    deadline = time.monotonic() + REST
    while True:
        settled(services)
        in_one_segment(connection)
        seen = look()
        if not (why := _parted(connection)):
            return seen
        if time.monotonic() > deadline:
            raise Transient(f"the stack does not stay at rest: {why}")


def settled(services: Services, seconds: float = REST) -> None:
    """Waits until nothing waits. Raises Transient with what does."""
    node = Node(services.settings.celery.broker, BROKER_SECONDS)
    try:
        _await(lambda: _waiting(services, Broker(node, services.now_ms)), seconds)
    finally:
        node.forget()


def _waiting(services: Services, broker: Broker) -> str:
    """What there is still to be done; nothing at rest."""
    topics = services.log.topics()
    ends, committed = services.log.ends(topics), services.log.committed(topics)
    lag = sum(max(0, end - max(first, committed.get(place, first))) for place, (first, end) in ends.items())
    jobs, _ = services.feed.ledger.depth()
    # A job that was sent twice is done with the first, and writes its document again with the second.
    tasks = sum(queue.tasks for queue in broker.waiting(QUEUES)) + broker.held()
    if lag or jobs or tasks:
        return f"the stack is not at rest: {lag} records, {jobs} jobs and {tasks} tasks wait"
    return ""


def in_one_segment(connection: Connection) -> None:
    """Merges the documents: all of them are written anew where there is more than one segment. Raises Transient."""
    _await(lambda: _merged(connection), MERGED)


def _merged(connection: Connection) -> str:
    """What is left to do after a merge: of what is deleted the server keeps some for half a minute, for copies that
    could ask for it."""
    connection.call("POST", f"/{DOCUMENTS}/_flush")
    connection.call("POST", f"/{DOCUMENTS}/_forcemerge", None, {"max_num_segments": "1"}, LONGEST)
    connection.call("POST", f"/{DOCUMENTS}/_refresh")
    return _parted(connection)


def _parted(connection: Connection) -> str:
    """What there is beside one segment a shard."""
    answer = connection.call("GET", f"/{DOCUMENTS}/_stats/docs,segments", None, {"level": "shards"})
    copies = [copy for index in answer["indices"].values() for shard in index["shards"].values() for copy in shard]
    own = [copy for copy in copies if copy["routing"]["primary"]]
    segments = sum(max(copy["segments"]["count"] - 1, 0) for copy in own)
    deleted = sum(copy["docs"]["deleted"] for copy in own)
    if segments or deleted:
        return f"elasticsearch keeps {segments} segments more than one, and {deleted} deleted documents"
    return ""


def _await(ask: Callable[[], str], seconds: float) -> None:
    """Until `ask` has nothing to say any more; a server that is away for a moment is asked again."""
    deadline = time.monotonic() + seconds
    while why := _said(ask):
        if time.monotonic() > deadline:
            raise Transient(why)
        time.sleep(LOOK)


def _said(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except Transient as error:
        return str(error) or "a server is away"
