"""A stack at rest, in which two looks show the same: nothing waits, and no deleted document counts in scores.

What Lucene has deleted still counts as long as its segment is not merged: how many documents hold a word, and by
that the score. A document that is written again with the same content (a job of the outbox that is done twice) would
move others.
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

ALLOWED = "index.merge.policy.expunge_deletes_allowed"  # percent of a segment


def at_rest(services: Services, connection: Connection, look: Callable[[], T]) -> T:
    """What is seen of a stack that was at rest all the time that it was looked at. Raises Transient."""
    deadline = time.monotonic() + REST
    while True:
        settled(services)
        without_deleted(connection)
        seen = look()
        left = _left(connection)
        if not left:
            return seen
        if time.monotonic() > deadline:
            raise Transient(f"the stack does not stay at rest: {left} documents were written again meanwhile")


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


def without_deleted(connection: Connection) -> None:
    """Merges the segments of the documents that hold deleted ones, and no others. Raises Transient."""
    connection.call("PUT", f"/{DOCUMENTS}/_settings", {ALLOWED: 0})
    try:
        _await(lambda: _deleted(connection), MERGED)
    finally:
        connection.call("PUT", f"/{DOCUMENTS}/_settings", {ALLOWED: None})


def _deleted(connection: Connection) -> str:
    """How many are left after a merge: the server keeps some for half a minute, for copies that could ask for them."""
    connection.call("POST", f"/{DOCUMENTS}/_flush")
    only = {"only_expunge_deletes": "true"}
    connection.call("POST", f"/{DOCUMENTS}/_forcemerge", None, only, LONGEST)
    connection.call("POST", f"/{DOCUMENTS}/_refresh")
    left = _left(connection)
    return f"elasticsearch keeps {left} deleted documents" if left else ""


def _left(connection: Connection) -> int:
    answer = connection.call("GET", f"/{DOCUMENTS}/_stats/docs")
    return int(answer["_all"]["primaries"]["docs"]["deleted"])


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
