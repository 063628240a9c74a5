"""Sending records through again."""

import pytest

from riverline.content.replay import Start, ranges, replay
from riverline.errors import NotFound
from riverline.model import Origin, Page
from riverline.stores.contracts import Failure
from riverline.stores.memory_log import MemoryLog
from riverline.stores.records import page_of

TOPIC = "crawl.a.example"


@pytest.fixture
def log():
    times = iter(range(1000, 9000, 1000))
    log = MemoryLog(clock=lambda: next(times))
    for number in range(3):
        log.append(TOPIC, Page(f"http://a.example/{number}", f"http://a.example/{number}", b"body"))
    return log


def test_a_topic_is_sent_again_from_an_offset(log):
    steps = list(replay(log, ranges(log, TOPIC, Start(offset=1)), "dead-letter"))
    assert [step.url for step in steps] == ["http://a.example/1", "http://a.example/2"]
    again = [page_of(record) for record in log.records[TOPIC][3:]]
    assert [page.replay_of for page in again] == [f"{TOPIC}-0-1", f"{TOPIC}-0-2"]
    assert all(page.body == b"body" for page in again)


def test_a_topic_is_sent_again_from_a_time(log):
    assert ranges(log, TOPIC, Start(time=2500)) == {(TOPIC, 0): (2, 3)}


def test_a_dry_run_sends_nothing(log):
    steps = list(replay(log, ranges(log, TOPIC, Start()), "dead-letter", dry=True))
    assert len(steps) == 3 and not any(step.sent for step in steps)
    assert len(log.records[TOPIC]) == 3


def test_a_dead_letter_goes_back_to_the_topic_it_came_from(log):
    log.bury_raw(log.records[TOPIC][0], Failure(Origin(TOPIC, 0, 0), "parse", "no", 1, 5))
    (step,) = replay(log, ranges(log, "dead-letter", Start()), "dead-letter")
    assert (step.topic, step.sent, step.failure.stage) == (TOPIC, True, "parse")
    page = page_of(log.records[TOPIC][-1])
    assert (page.key, page.replay_of) == ("http://a.example/0", f"{TOPIC}-0-0")


def test_a_record_that_holds_no_page_is_passed_over(log):
    bad = log.records[TOPIC][0]
    bad.headers = []
    steps = list(replay(log, ranges(log, TOPIC, Start()), "dead-letter"))
    assert [step.sent for step in steps] == [False, True, True]


def test_a_topic_that_is_not_there_is_said(log):
    with pytest.raises(NotFound, match="no topic"):
        ranges(log, "crawl.b", Start())
