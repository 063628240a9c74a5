"""That a change of topics is told by real brokers, and that nothing else is one."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import closing

import pytest
from kafka import KafkaAdminClient

from riverline.adapters.kafka.log import KafkaLog
from riverline.adapters.kafka.topic_changes import TopicChanges
from riverline.adapters.kafka.topics import connect_admin, ensure_topics
from riverline.model import Page
from riverline.settings import Settings
from tests.support.stack import until

pytestmark = pytest.mark.integration
QUIET = 20  # looks without a change, one after the other


@pytest.fixture
def changes(stack: Settings) -> Iterator[TopicChanges]:
    with closing(TopicChanges(stack.kafka)) as made:
        yield made


@pytest.fixture
def admin(stack: Settings) -> Iterator[KafkaAdminClient]:
    with closing(connect_admin(stack)) as made:
        yield made


def settle(changes: TopicChanges) -> None:
    """Until what was done to the topics is known everywhere, and they stay."""
    assert until(lambda: not any(changes.look() for _ in range(QUIET)), 30)


def test_a_topic_that_is_made_deleted_or_made_anew_is_a_change(
    stack: Settings, changes: TopicChanges, admin: KafkaAdminClient
) -> None:
    topic = f"crawl.{uuid.uuid4().hex}.example"
    for change in (
        lambda: ensure_topics(stack, [topic]),
        lambda: admin.delete_topics([topic]),
        lambda: ensure_topics(stack, [topic]),
    ):
        settle(changes)
        change()
        assert until(changes.look, 10)


def test_a_record_is_no_change(stack: Settings, changes: TopicChanges) -> None:
    host = f"{uuid.uuid4().hex}.example"
    with closing(KafkaLog(stack)) as log:
        url = f"http://{host}/"
        log.append(f"crawl.{host}", Page(url, url, b"<html>", fetched_at=time.time_ns() // 1_000_000))
        log.flush()
        settle(changes)
        log.append(f"crawl.{host}", Page(url, url, b"<html>", fetched_at=time.time_ns() // 1_000_000))
        log.flush()
    assert not any(changes.look() for _ in range(QUIET))
