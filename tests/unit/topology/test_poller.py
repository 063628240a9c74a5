"""What the spout's reading thread tells of itself, with a consumer that answers what it is told to."""

import threading
from itertools import cycle
from types import SimpleNamespace

import pytest
from kafka import OffsetAndMetadata, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import KafkaTimeoutError

from riverline.pipeline.offset_tracker import OffsetTracker
from riverline.settings import Kafka
from riverline.telemetry import Stage
from spouts.poller import Poller, fetch_wait

PLACE = ("crawl.a", 0)
PARTITION = TopicPartition(*PLACE)
COMMITTED = OffsetAndMetadata(5, "first", -1)


class Consumer:
    """Of one partition."""

    end: int | Exception = 0
    fetched_until: int | None = None
    error: Exception | None = None

    def __init__(self, topic_id: str = "first", committed: OffsetAndMetadata | None = COMMITTED) -> None:
        self.id, self.was_committed = topic_id, committed
        self.commits: list[OffsetAndMetadata] = []
        self.position: int | None = None
        self._cluster = self._fetcher = self
        self.config = {}

    def topics(self):
        return {"crawl.a", "other"}

    def partitions_for_topic(self, topic):
        return {0}

    def assign(self, partitions):
        assert partitions == [TopicPartition(*PLACE)]

    def topic_id(self, topic):
        return self.id

    def committed(self, partition, metadata):
        return self.was_committed

    def seek(self, partition, offset):
        self.position = offset

    def seek_to_beginning(self, partition):
        self.position = 0

    def commit(self, offsets):
        if self.error:
            raise self.error
        self.commits += offsets.values()

    def highwater(self, partition):
        return self.fetched_until

    def end_offsets(self, partitions, timeout_ms=0):
        if isinstance(self.end, Exception):
            raise self.end
        return dict.fromkeys(partitions, self.end)


@pytest.fixture
def poller() -> Poller:
    made = Poller(Kafka(), OffsetTracker(), threading.Lock(), Stage("pages", 1), 0, 1)
    made._discover(Consumer())
    return made


def told(poller):
    return poller.telemetry.state(0)


def test_the_lag_counts_what_is_not_finished_read_or_not(poller):
    consumer = Consumer()
    consumer.end = 15
    poller.tracker.ack(poller.tracker.send(PLACE, 5, b"", 0.0).id)
    poller.tracker.send(PLACE, 6, b"", 0.0)
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
    poller.tracker.ack(poller.tracker.send(PLACE, 5, b"", 0.0).id)
    consumer = Consumer()
    consumer.error = KafkaTimeoutError("late")
    poller._commit_done(consumer)
    consumer.error = None
    poller._commit_done(consumer)
    poller._commit_done(consumer)
    assert [one.offset for one in consumer.commits] == [6]
    assert (told(poller).counts["commits"], told(poller).counts["polling_errors"]) == (1, 1)


def read(poller, *offsets):
    """What the consumer found, until it waits for the spout."""
    poller._put(
        {PARTITION: [ConsumerRecord(*PLACE, 0, offset, 0, 0, b"k", b"v", [], 0, 0, 0, 0) for offset in offsets]}
    )


def sent(poller):
    """The offsets that the spout takes in."""
    found = []
    while taken := poller.take():
        incarnation, record = taken
        if entry := poller.tracker.send(PLACE, record.offset, record, 0.0, 1, incarnation):
            found.append(entry.offset)
    return found


@pytest.mark.parametrize("gone_in_between", [True, False])
def test_what_waits_of_a_topic_that_was_made_anew_is_dropped(poller, gone_in_between):
    read(poller, 5, 6, 7)
    if gone_in_between:
        consumer = Consumer()
        consumer.topics = set
        assert not poller._discover(consumer)
    else:
        assert not poller._discover(Consumer("second"))
    anew = Consumer("second", None)
    poller._mine = set()
    assert poller._discover(anew)
    assert anew.position == 0
    read(poller, 0, 1)
    assert sent(poller) == [0, 1]
    poller.tracker.ack("crawl.a-0-0/2")
    poller._commit_done(anew)
    assert [(one.offset, one.metadata) for one in anew.commits] == [(1, "second")]


def test_a_new_consumer_goes_on_behind_what_is_in_flight_of_the_same_topic(poller):
    read(poller, 5, 6)
    assert sent(poller) == [5, 6]
    after_trouble = Consumer()
    poller._mine = set()
    assert poller._discover(after_trouble)
    assert after_trouble.position == 7


@pytest.mark.parametrize(
    ("committed", "position"),
    [
        (OffsetAndMetadata(5, "first", -1), 5),
        (OffsetAndMetadata(5, "another", -1), 0),  # of the topic that had this name before
        (OffsetAndMetadata(5, "", -1), 5),  # by an older version
        (OffsetAndMetadata(15, "", -1), 0),  # by an older version, for the topic that had this name before
        (None, 0),
    ],
)
def test_a_commit_counts_for_the_topic_that_it_was_made_for(committed, position):
    consumer = Consumer("first", committed)
    consumer.end = 10
    Poller(Kafka(), OffsetTracker(), threading.Lock(), Stage("pages", 1), 0, 1)._discover(consumer)
    assert consumer.position == position


@pytest.mark.parametrize("at_rest", [True, False])
def test_the_lag_of_what_is_read_is_what_the_last_fetches_told(poller, at_rest):
    """A broker that keeps a fetch answers nothing else on the connection meanwhile."""
    consumer = Consumer()
    consumer.end, consumer.fetched_until = KafkaTimeoutError("it is not asked"), 7
    if not at_rest:
        poller.tracker.send(PLACE, 5, b"", 0.0)
    poller._tell_lag(consumer)
    assert told(poller).gauges["lag"] == 2


@pytest.mark.parametrize("why", ["the partition is held", "there is no room"])
def test_the_lag_of_what_is_not_read_on_is_asked_for(poller, why):
    consumer = Consumer()
    consumer.end, consumer.fetched_until = 15, 7
    if why == "the partition is held":
        poller._paused = {PARTITION}
    else:
        poller.waiting_bytes = 1 << 30
    poller._tell_lag(consumer)
    assert told(poller).gauges["lag"] == 10


def test_the_spout_s_thread_waits_until_a_record_is_there(poller):
    waiting = threading.Thread(target=poller.wait, args=(60,))
    waiting.start()
    poller._put({TopicPartition(*PLACE): [SimpleNamespace(value=b"page")]})
    waiting.join(10)
    assert not waiting.is_alive() and poller.take()[1].value == b"page"


def test_the_spout_s_thread_does_not_wait_for_ever(poller):
    poller.wait(0.001)
    assert poller.take() is None


@pytest.mark.parametrize(("partitions", "seconds"), [(1, 2.5), (424, 2.5), (2_120, 8.48), (10_000, 10.0)])
def test_a_client_of_thousands_of_partitions_fetches_seldom(poller, partitions, seconds):
    assert fetch_wait(partitions) == seconds
    consumer = Consumer()
    poller._mine = {TopicPartition("crawl.a", number) for number in range(partitions)}
    poller._be_patient(consumer)
    assert consumer.config == {"fetch_max_wait_ms": int(seconds * 1000)}
    assert poller._discovery.seconds == max(2.0, seconds / 2)


def test_topics_are_listed_when_they_may_have_changed_and_once_more(poller, monkeypatch):
    """Another broker than the one that was asked may know of a change a moment later."""
    answers = iter([True, False, False, True, True, False, False])
    monkeypatch.setattr(poller._changes, "look", lambda: next(answers))
    poller._metadata.due()
    assert [poller._may_differ() for _ in range(7)] == [True, True, False, True, True, True, False]


class Stopped(BaseException):
    """Ends a thread's work that never ends."""


@pytest.mark.parametrize(("worked", "pauses"), [(5.0, [0.5, 1, 2, 4, 8, 10, 10]), (11.0, [0.5] * 7)])
def test_the_pause_between_consumers_grows_until_one_has_worked_for_a_while(poller, monkeypatch, worked, pauses):
    now, slept = [0.0], []
    turns = cycle([True, KafkaTimeoutError()])

    def turn(consumer):
        now[0] += worked
        if isinstance(outcome := next(turns), Exception):
            raise outcome
        return outcome

    def sleep(seconds):
        slept.append(seconds)
        if len(slept) == len(pauses):
            raise Stopped

    monkeypatch.setattr("spouts.poller.time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
    monkeypatch.setattr(poller, "_connected", lambda: SimpleNamespace(close=lambda **options: None))
    monkeypatch.setattr(poller, "_turn", turn)
    with pytest.raises(Stopped):
        poller.run()
    assert slept == pauses
