"""What every log of pages does: the same suite for Kafka and for its in-memory twin."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from random import randbytes
from types import SimpleNamespace

import pytest

from riverline.errors import Invalid
from riverline.model import Origin, Page
from riverline.pipeline.contracts import Failure, PageLog
from riverline.pipeline.records import failure_of, page_of
from riverline.testing.memory import MemoryLog


@dataclass
class Subject:
    """A log, a topic prefix of its own, and how a test plays the topology."""

    log: PageLog
    commit: Callable[[str, int, int], None]
    raw: Callable[[str], list]  # the records of the dead letters as a client sees them
    site: str

    @property
    def topic(self) -> str:
        return f"crawl.{self.site}"

    def page(self, path: str = "/", **more) -> Page:
        url = f"http://{self.site}{path}"
        return Page(**{"url": url, "key": url, "body": path.encode(), **more})


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.integration)])
def subject(request) -> Subject:
    site = f"{uuid.uuid4().hex[:8]}.example"
    if request.param == "memory":
        log = MemoryLog()
        return Subject(log, log.commit, lambda topic: log.records[topic], site)
    return _real(request, site)


def _real(request, site: str) -> Subject:
    from riverline.adapters.kafka.log import KafkaLog
    from tests.contract.kafka_client import commit, raw_records

    settings = request.getfixturevalue("stack")
    log = KafkaLog(settings)
    request.addfinalizer(log.close)
    return Subject(log, lambda *place: commit(settings, *place), lambda topic: raw_records(settings, topic), site)


def everything(log: PageLog, topic: str) -> list[Page]:
    return [r.page for (_, n), (first, end) in log.ends([topic]).items() for r in log.read(topic, n, first, end)]


def test_a_page_is_read_as_it_was_appended(subject: Subject) -> None:
    page = subject.page(
        body=b"\x00\xff<p>", charset="euc-kr", keywords=("강", "river"), fetched_at=5, etag='"1"', depth=2
    )
    subject.log.append(subject.topic, page)
    subject.log.flush()
    assert everything(subject.log, subject.topic) == [page]


def test_an_empty_body_stays_a_page(subject: Subject) -> None:
    page = subject.page(body=b"", note="too_large")
    subject.log.append(subject.topic, page)
    subject.log.flush()
    assert everything(subject.log, subject.topic) == [page]


def test_done_is_called_once_for_every_page_before_flush_returns(subject: Subject) -> None:
    ends: list[Exception | None] = []
    for n in range(50):
        subject.log.append(subject.topic, subject.page(f"/{n}"), ends.append)
    subject.log.flush()
    assert ends == [None] * 50


def test_the_pages_of_a_partition_keep_their_order(subject: Subject) -> None:
    pages = [subject.page(f"/{n}", key=f"http://{subject.site}/") for n in range(50)]
    for page in pages:
        subject.log.append(subject.topic, page)
    subject.log.flush()
    assert everything(subject.log, subject.topic) == pages


def test_topics_of_many_sites_are_made_on_first_need(subject: Subject) -> None:
    names = [f"{subject.topic}.{n}" for n in range(20)]
    for name in names:
        subject.log.append(name, subject.page())
    subject.log.flush()
    assert set(names) <= set(subject.log.topics())
    assert subject.log.topics() == sorted(subject.log.topics())


def test_the_dead_letters_are_no_crawl_topic(subject: Subject) -> None:
    subject.log.bury(subject.page(), Failure(Origin(subject.topic, 0, 0), "parse", "no", 5, 1))
    subject.log.flush()
    assert "dead-letter" not in subject.log.topics()


def test_ends_tell_the_first_and_the_next_offset(subject: Subject) -> None:
    for n in range(3):
        subject.log.append(subject.topic, subject.page(f"/{n}", key="k"))
    subject.log.flush()
    assert sorted(subject.log.ends([subject.topic]).values())[-1] == (0, 3)


def test_a_topic_that_does_not_exist_has_no_ends_and_no_records(subject: Subject) -> None:
    assert dict(subject.log.ends([subject.topic])) == {}
    assert list(subject.log.read(subject.topic, 0, 0, 10)) == []


def test_a_part_of_a_partition_is_read_without_its_stop(subject: Subject) -> None:
    for n in range(6):
        subject.log.append(subject.topic, subject.page(f"/{n}", key="k"))
    subject.log.flush()
    ((_, partition),) = [place for place, (_, end) in subject.log.ends([subject.topic]).items() if end]
    records = list(subject.log.read(subject.topic, partition, 2, 4))
    assert [record.origin for record in records] == [Origin(subject.topic, partition, at) for at in (2, 3)]
    assert [record.page.body for record in records] == [b"/2", b"/3"]
    assert len(list(subject.log.read(subject.topic, partition, 4, 1_000))) == 2


def test_a_record_carries_the_time_it_was_written(subject: Subject) -> None:
    before = time.time() * 1000
    subject.log.append(subject.topic, subject.page())
    subject.log.flush()
    record = next(r for n in range(3) for r in subject.log.read(subject.topic, n, 0, 1))
    assert before - 1_000 <= record.timestamp <= time.time() * 1000 + 1_000


def test_a_time_is_turned_into_the_offset_of_the_first_record_from_then_on(subject: Subject) -> None:
    subject.log.append(subject.topic, subject.page(key="k"))
    subject.log.flush()
    place, (_, end) = next((p, e) for p, e in subject.log.ends([subject.topic]).items() if e[1])
    assert subject.log.offsets_at([subject.topic], 0)[place] == 0
    assert subject.log.offsets_at([subject.topic], int(time.time() * 1000) + 60_000)[place] == end


def test_committed_is_what_the_topology_has_committed(subject: Subject) -> None:
    subject.log.append(subject.topic, subject.page())
    subject.log.flush()
    assert dict(subject.log.committed([subject.topic])) == {}
    subject.commit(subject.topic, 0, 1)
    assert dict(subject.log.committed([subject.topic])) == {(subject.topic, 0): 1}


def buried(subject: Subject, failure: Failure) -> list:
    """The dead letters of that failure: a topology that runs beside this test buries records too."""
    return [raw for raw in subject.raw("dead-letter") if failure_of(raw) == failure]


def test_single_records_are_found_by_their_places_and_what_is_gone_is_left_out(subject: Subject) -> None:
    other = f"{subject.topic}.other"
    for topic in (subject.topic, other):
        for n in range(4):
            subject.log.append(topic, subject.page(f"/{n}", key="k"))
    subject.log.flush()
    (partition,) = [number for (_, number), (_, end) in subject.log.ends([subject.topic]).items() if end]
    wanted = [Origin(subject.topic, partition, 2), Origin(other, partition, 0), Origin(subject.topic, partition, 3)]
    gone = [Origin(subject.topic, partition, 99), Origin(f"{subject.topic}.absent", 0, 0)]
    found = {Origin(r.topic, r.partition, r.offset): page_of(r).body for r in subject.log.records_at([*wanted, *gone])}
    assert found == dict(zip(wanted, (b"/2", b"/0", b"/3"), strict=True))
    assert list(subject.log.records_at([])) == []


def test_a_dead_letter_is_the_page_with_the_reason(subject: Subject) -> None:
    page, failure = subject.page("/broken"), Failure(Origin(subject.topic, 0, 9), "tag", "틀렸다", 5, 1_700_000_000_000)
    subject.log.bury(page, failure)
    subject.log.flush()
    (raw,) = buried(subject, failure)
    assert page_of(raw) == page


def test_a_record_that_holds_no_page_can_be_buried_as_it_came(subject: Subject) -> None:
    failure = Failure(Origin(subject.topic, 0, 2), "spout", "no url", 1, 1)
    bad = SimpleNamespace(key=None, value=b"\xff\x00", headers=[("colour", b"\xff")])
    subject.log.bury_raw(bad, failure)
    subject.log.flush()
    (raw,) = buried(subject, failure)
    assert (raw.key, raw.value, raw.headers[0]) == (None, b"\xff\x00", ("colour", b"\xff"))


def test_a_page_that_is_too_large_is_given_up_as_invalid(subject: Subject) -> None:
    ends: list[Exception | None] = []
    subject.log.append(subject.topic, subject.page(body=randbytes(6 << 20)), ends.append)
    subject.log.flush()
    assert [type(error) for error in ends] == [Invalid]


def test_a_page_at_the_size_limit_passes(subject: Subject) -> None:
    subject.log.append(subject.topic, subject.page(body=bytes(range(256)) * (4 << 12)))
    subject.log.flush()
    assert [len(page.body) for page in everything(subject.log, subject.topic)] == [4 << 20]
