"""What `riverline topics` and `riverline crawl --wait` read from the log."""

import threading

import pytest

from riverline.errors import Transient
from riverline.model import Origin, Page
from riverline.pipeline.contracts import Failure
from riverline.testing.memory import MemoryLog
from riverline_commands.crawl import wait_for_commits
from riverline_commands.topics import Topic, state

PAGE = Page("http://a.example/", "http://a.example/", b"a")


@pytest.fixture
def log() -> MemoryLog:
    log = MemoryLog()
    for _ in range(3):
        log.append("crawl.a.example", PAGE)
    return log


def test_lag_is_what_is_not_committed(log: MemoryLog) -> None:
    log.commit("crawl.a.example", 0, 2)
    assert state(log, ["crawl.a.example"], "dead-letter") == [
        Topic("crawl.a.example", 1, records=3, committed=2, lag=1)
    ]


def test_a_topic_that_nobody_has_read_lags_by_all_of_it(log: MemoryLog) -> None:
    assert state(log, ["crawl.a.example"], "dead-letter")[0].lag == 3


def test_dead_letters_have_no_lag_since_nobody_commits_them(log: MemoryLog) -> None:
    log.bury(PAGE, Failure(Origin("crawl.a.example", 0, 0), "parse", "no", 5, 1))
    assert state(log, ["dead-letter"], "dead-letter") == [Topic("dead-letter", 1, records=1, committed=0, lag=0)]


def test_a_topic_that_does_not_exist_is_left_out(log: MemoryLog) -> None:
    assert state(log, ["dead-letter"], "dead-letter") == []


def test_waiting_ends_when_every_record_is_committed(log: MemoryLog) -> None:
    waiting = threading.Thread(target=wait_for_commits, args=(log, ["crawl.a.example"], 30.0))
    waiting.start()
    assert waiting.is_alive()
    log.commit("crawl.a.example", 0, 3)
    waiting.join(10)
    assert not waiting.is_alive()


def test_waiting_for_a_topology_that_stands_still_ends_with_the_number_that_is_left(log: MemoryLog) -> None:
    with pytest.raises(Transient, match="3 records are not committed"):
        wait_for_commits(log, ["crawl.a.example"], patience=0.0)
