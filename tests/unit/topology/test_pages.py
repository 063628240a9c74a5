"""What the spout sends, and what it makes of the answers."""

from io import BytesIO
from types import SimpleNamespace

import pytest

from riverline.model import Fate, Page
from riverline.pipeline.envelope import Envelope
from riverline.settings import Settings
from riverline.testing.memory_log import MemoryLog
from spouts.pages import PageSpout
from tests.support.storm import Log

TOPIC = "crawl.a.example"


class Clock:
    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def spout(monkeypatch):
    log = MemoryLog()
    for number in range(40):
        log.append(TOPIC, Page(f"http://a.example/{number}", f"http://a.example/{number}", b"<p>a page"))
    records = iter(log.records[TOPIC])
    poller = SimpleNamespace(start=lambda: None, take=lambda: next(((1, one) for one in records), None))
    monkeypatch.setattr("spouts.pages.Poller", lambda *given: poller)
    monkeypatch.setattr("spouts.pages.report", lambda *given: None)
    made = PageSpout(input_stream=BytesIO(), output_stream=BytesIO())
    made.logger, made.clocked, made.sent = Log(), Clock(), []
    monkeypatch.setattr("spouts.pages.time", made.clocked)
    made.emit = lambda values, tup_id, stream="default": made.sent.append((tup_id, stream, values[0]))
    made.initialize(Settings().for_storm(), {"taskid": "1", "task->component": {"1": "pages"}})
    made.tracker.follow((TOPIC, 0), 0)
    return made


def poll(spout):
    """What goes out now."""
    spout.sent.clear()
    spout.next_tuple()
    return list(spout.sent)


def test_it_begins_with_two_records_a_parser_and_sends_more_when_they_are_finished(spout):
    first = poll(spout)
    assert len(first) == 4 and poll(spout) == []
    for id, _, _ in first:
        spout.ack(id)
    assert len(poll(spout)) == 4
    assert spout.telemetry.state(0).gauges["window"] == 4


def test_a_copy_tells_when_it_was_sent_and_whether_it_was_sent_before(spout):
    (id, _, packed), *_ = poll(spout)
    first = Envelope.unpacked(packed)
    assert (first.origin, first.sent_at, first.redelivered) == (f"{TOPIC}-0-0", 1000.0, False)
    spout.clocked.now += 61
    spout.fail(id)
    (_, _, packed), *_ = poll(spout)
    again = Envelope.unpacked(packed)
    assert (again.origin, again.sent_at, again.redelivered) == (first.origin, 1061.0, True)
    assert again.clock == first.clock


@pytest.mark.parametrize("age", [31, 61, 120])
def test_what_was_stuck_is_never_given_up_however_often(spout, age):
    (id, *_), *_ = poll(spout)
    for _ in range(50):
        spout.clocked.now += age
        spout.fail(id)
        ((_, stream, packed), *_) = [one for one in poll(spout) if one[0] == id]
        assert (stream, Envelope.unpacked(packed).attempt) == ("default", 1)
    assert spout.telemetry.state(0).counts["overdue"] == 50


def test_what_fails_at_once_is_given_up_after_so_many_attempts(spout):
    (id, *_), *_ = poll(spout)
    for attempt in range(2, 7):
        spout.fail(id)
        spout.clocked.now += 31
        ((_, stream, packed), *_) = [one for one in poll(spout) if one[0] == id]
        assert stream == ("default" if attempt <= 5 else "fate")
    fate = Fate.unpacked(packed)
    assert (fate.origin, fate.name, fate.attempts) == (f"{TOPIC}-0-0", "dead:attempts", 5)
    assert spout.telemetry.state(0).counts["failed"] == 5


def test_it_waits_for_records_when_nothing_is_on_its_way_and_tells_when_one_comes(spout, monkeypatch):
    told, come = [], []
    spout.poller.wait = lambda seconds: told.append(f"waits {seconds:g} s at most")
    spout.reporter = SimpleNamespace(soon=lambda: told.append("tells"))
    monkeypatch.setattr(spout.poller, "take", lambda: come.pop() if come else None)
    log = MemoryLog()
    log.append(TOPIC, Page("http://a.example/", "http://a.example/", b"<p>a page"))
    assert poll(spout) == []
    come.append((1, log.records[TOPIC][0]))
    assert len(poll(spout)) == 1
    assert poll(spout) == []  # its answer may come: nothing is waited for
    assert told == ["waits 0.5 s at most", "tells"]
