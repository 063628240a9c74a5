"""What the spout's reading thread tells of itself, with a consumer that answers what it is told to."""

import threading

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError

from riverline.content.offsets import Ledger
from riverline.settings import Kafka
from riverline.telemetry import Stage
from spouts.poller import Poller

PLACE = ("crawl.a", 0)


class Consumer:
    """Of one partition."""

    end: int | Exception = 0
    error: Exception | None = None

    def __init__(self) -> None:
        self.committed_at: list[int] = []

    def topics(self):
        return {"crawl.a", "other"}

    def partitions_for_topic(self, topic):
        return {0}

    def assign(self, partitions):
        assert partitions == [TopicPartition(*PLACE)]

    def committed(self, partition):
        return 5

    def seek(self, partition, offset):
        assert offset == 5

    def commit(self, offsets):
        if self.error:
            raise self.error
        self.committed_at += [one.offset for one in offsets.values()]

    def end_offsets(self, partitions, timeout_ms):
        if isinstance(self.end, Exception):
            raise self.end
        return dict.fromkeys(partitions, self.end)


@pytest.fixture
def poller() -> Poller:
    made = Poller(Kafka(), Ledger(), threading.Lock(), Stage("pages", 1), 0, 1)
    made._discover(Consumer())
    return made


def told(poller):
    return poller.telemetry.state(0)


def test_the_lag_counts_what_is_not_finished_read_or_not(poller):
    consumer = Consumer()
    consumer.end = 15
    poller.ledger.ack(poller.ledger.send(PLACE, 5, b"", 0.0).id)
    poller.ledger.send(PLACE, 6, b"", 0.0)
    poller._tell_lag(consumer)
    assert told(poller).gauges["lag"] == 9


@pytest.mark.parametrize("error", [KafkaTimeoutError("late"), KeyError("no offset")])
def test_a_lag_that_cannot_be_known_stops_nothing_and_the_last_one_stands(poller, error):
    consumer = Consumer()
    for end in (15, error):
        consumer.end = end
        poller._tell_lag(consumer)
    assert told(poller).gauges["lag"] == 10


def test_commits_are_counted_and_those_that_fail_as_errors(poller):
    poller.ledger.ack(poller.ledger.send(PLACE, 5, b"", 0.0).id)
    consumer = Consumer()
    consumer.error = KafkaTimeoutError("late")
    poller._commit_done(consumer)
    consumer.error = None
    poller._commit_done(consumer)
    poller._commit_done(consumer)
    assert consumer.committed_at == [6]
    assert (told(poller).counts["commits"], told(poller).counts["polling_errors"]) == (1, 1)
