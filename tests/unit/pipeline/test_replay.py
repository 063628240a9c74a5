"""Sending records through again."""

import pytest

from riverline.errors import NotFound
from riverline.model import Page
from riverline.pipeline.records import page_of
from riverline.pipeline.replay import Start, ranges, replay
from riverline.testing.memory_log import MemoryLog

TOPIC = "crawl.a.example"


@pytest.fixture
def log():
    times = iter(range(1000, 9000, 1000))
    log = MemoryLog(clock=lambda: next(times))
    for number in range(3):
        log.append(TOPIC, Page(f"http://a.example/{number}", f"http://a.example/{number}", b"body"))
    return log


def test_a_topic_is_sent_again_from_an_offset(log):
    steps = list(replay(log, ranges(log, TOPIC, Start(offset=1))))
    assert [step.url for step in steps] == ["http://a.example/1", "http://a.example/2"]
    again = [page_of(record) for record in log.records[TOPIC][3:]]
    assert [page.replay_of for page in again] == [f"{TOPIC}-0-1", f"{TOPIC}-0-2"]
    assert all(page.body == b"body" for page in again)


def test_a_topic_is_sent_again_from_a_time(log):
    assert ranges(log, TOPIC, Start(time=2500)) == {(TOPIC, 0): (2, 3)}


def test_a_dry_run_sends_nothing(log):
    steps = list(replay(log, ranges(log, TOPIC, Start()), dry=True))
    assert len(steps) == 3 and not any(step.sent for step in steps)
    assert len(log.records[TOPIC]) == 3


def test_a_record_that_holds_no_page_is_passed_over(log):
    bad = log.records[TOPIC][0]
    bad.headers = []
    steps = list(replay(log, ranges(log, TOPIC, Start())))
    assert [step.sent for step in steps] == [False, True, True]


def test_a_topic_that_is_not_there_is_said(log):
    with pytest.raises(NotFound, match="no topic"):
        ranges(log, "crawl.b", Start())
