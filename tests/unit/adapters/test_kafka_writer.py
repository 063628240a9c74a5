"""What the writer does when producers fail; the producers here are played, no broker is needed."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from kafka.errors import InvalidReplicationFactorError, KafkaTimeoutError, MessageSizeTooLargeError

from riverline.adapters.kafka.writer import RecordWriter
from riverline.errors import Invalid, Transient


class Sent:
    """A record in the hands of a played producer; the test says how it ends."""

    def __init__(self, value: bytes) -> None:
        self.value = value
        self._acknowledged: list[Callable] = []
        self._failed: list[Callable] = []

    def add_callback(self, function: Callable) -> None:
        self._acknowledged.append(function)

    def add_errback(self, function: Callable) -> None:
        self._failed.append(function)

    def acknowledge(self) -> None:
        for function in self._acknowledged:
            function(None)

    def fail(self, error: Exception) -> None:
        for function in self._failed:
            function(error)


class Producer:
    """Keeps what it was sent; `at_once` acknowledges everything in the next moment, on another thread."""

    def __init__(self, at_once: bool = False) -> None:
        self.sent: list[Sent] = []
        self.closed = False
        self.at_once = at_once
        self._sender = self

    def send(self, topic: str, value: bytes, key: bytes, headers: list) -> Sent:
        if value == b"too large":
            raise MessageSizeTooLargeError
        sent = Sent(value)
        self.sent.append(sent)
        if self.at_once:
            threading.Timer(0.01, sent.acknowledge).start()
        return sent

    def add_topic(self, topic: str) -> None:
        """Makes the topic known; this one knows all."""

    def force_close(self) -> None:
        """Batches that are still there fail, as in the real one."""
        for sent in self.sent:
            sent.fail(KafkaTimeoutError("closed"))

    def close(self, timeout: float) -> None:
        self.closed = True

    @property
    def values(self) -> list[bytes]:
        return [sent.value for sent in self.sent]


class Broker:
    """Hands out producers in order, and remembers which topics were asked for."""

    def __init__(self, *producers: Producer) -> None:
        self.producers = list(producers)
        self.used: list[Producer] = []
        self.created: list[str] = []
        self.away = 0  # so many calls to `create` fail

    def connect(self) -> Producer:
        self.used.append(self.producers.pop(0))
        return self.used[-1]

    def create(self, topics: set[str]) -> None:
        if self.away:
            self.away -= 1
            raise Transient(str(InvalidReplicationFactorError()))
        self.created += sorted(topics)


class Ends:
    """How each record ended, in the order of the ends."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Exception | None]] = []

    def of(self, name: str) -> Callable[[Exception | None], None]:
        return lambda error: self.seen.append((name, error))


@pytest.fixture
def ends() -> Ends:
    return Ends()


@pytest.fixture
def writer_on() -> Iterator[Callable[..., RecordWriter]]:
    writers: list[RecordWriter] = []

    def make(broker: Broker, **options: int) -> RecordWriter:
        writers.append(RecordWriter(broker.connect, broker.create, **options))
        return writers[-1]

    yield make
    for writer in writers:
        writer.close(timeout=0)


def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        time.sleep(0.002)


def put(writer: RecordWriter, value: bytes, done: Callable | None = None, topic: str = "crawl.a") -> None:
    writer.put(topic, b"k", value, [], done)


def test_a_record_is_done_when_it_is_acknowledged_and_not_before(writer_on, ends) -> None:
    producer = Producer()
    writer = writer_on(Broker(producer))
    put(writer, b"1", ends.of("1"))
    until(lambda: producer.values == [b"1"])
    assert ends.seen == []
    producer.sent[0].acknowledge()
    assert ends.seen == [("1", None)]


def test_what_an_expired_batch_held_is_sent_again_in_order_by_a_new_producer(writer_on, ends) -> None:
    first, second = Producer(), Producer(at_once=True)
    writer = writer_on(Broker(first, second))
    for name in ("1", "2", "3"):
        put(writer, name.encode(), ends.of(name))
    until(lambda: len(first.sent) == 3)
    first.sent[0].acknowledge()
    first.sent[1].fail(KafkaTimeoutError("expired"))
    writer.flush(5)
    assert first.closed
    assert second.values == [b"2", b"3"]
    assert sorted(ends.seen) == [("1", None), ("2", None), ("3", None)]


def test_a_late_acknowledgement_of_the_old_producer_counts_once(writer_on, ends) -> None:
    first, second = Producer(), Producer()
    writer = writer_on(Broker(first, second))
    put(writer, b"1", ends.of("1"))
    until(lambda: len(first.sent) == 1)
    first.sent[0].fail(KafkaTimeoutError("expired"))
    until(lambda: len(second.sent) == 1)
    first.sent[0].acknowledge()
    second.sent[0].acknowledge()
    writer.flush(1)
    assert ends.seen == [("1", None)]


def test_a_record_that_is_too_large_is_invalid_and_holds_up_no_other(writer_on, ends) -> None:
    writer = writer_on(Broker(Producer(at_once=True)))
    put(writer, b"too large", ends.of("large"))
    put(writer, b"1", ends.of("1"))
    writer.flush(5)
    assert {name: type(error) for name, error in ends.seen} == {"large": Invalid, "1": type(None)}


def test_brokers_that_are_away_only_delay_a_record(writer_on, ends) -> None:
    broker = Broker(Producer(at_once=True))
    broker.away = 2
    put(writer := writer_on(broker), b"1", ends.of("1"))
    writer.flush(5)
    assert ends.seen == [("1", None)]


def test_a_topic_is_asked_for_once(writer_on) -> None:
    broker = Broker(Producer(at_once=True))
    writer = writer_on(broker)
    for topic in ("crawl.a", "crawl.b", "crawl.a"):
        put(writer, b"1", topic=topic)
        writer.flush(5)
    assert broker.created == ["crawl.a", "crawl.b"]


def test_a_full_queue_makes_the_caller_wait_until_something_is_acknowledged(writer_on) -> None:
    producer = Producer()
    writer = writer_on(Broker(producer), limit=3_000)
    put(writer, b"x" * 1_500)
    second = threading.Thread(target=put, args=(writer, b"y" * 1_500))
    second.start()
    until(lambda: len(producer.sent) == 1)
    assert second.is_alive()
    producer.sent[0].acknowledge()
    second.join(5)
    assert not second.is_alive()


def test_a_flush_that_cannot_end_says_how_many_records_are_left(writer_on) -> None:
    writer = writer_on(Broker(Producer()))
    put(writer, b"1")
    with pytest.raises(Transient, match="1 records are not acknowledged"):
        writer.flush(0.05)


def test_closing_tells_of_every_record_that_was_not_acknowledged(writer_on, ends) -> None:
    writer = writer_on(Broker(Producer()))
    put(writer, b"1", ends.of("1"))
    writer.close(timeout=0.05)
    assert [(name, type(error)) for name, error in ends.seen] == [("1", Transient)]
    with pytest.raises(Transient):
        put(writer, b"2")


def test_a_name_that_is_no_topic_is_invalid(writer_on) -> None:
    with pytest.raises(Invalid, match="not a topic name"):
        put(writer_on(Broker()), b"1", topic="crawl.한글")
