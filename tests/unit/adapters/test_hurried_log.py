"""Kafka for callers who do not wait long."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from riverline.adapters.kafka.hurried_log import LOOK_SECONDS, HurriedLog
from riverline.errors import Invalid, Transient
from riverline.testing.memory import MemoryLog

PATIENCE = 0.2


class Brokers(MemoryLog):
    """They say nothing while `silent`."""

    def __init__(self) -> None:
        super().__init__()
        self.silent, self.spoken = threading.Event(), threading.Event()

    def topics(self) -> list[str]:
        if self.silent.is_set():
            self.spoken.wait(60)
        return super().topics()


@pytest.fixture
def brokers() -> Iterator[Brokers]:
    made = Brokers()
    yield made
    made.spoken.set()


def test_a_question_that_hangs_is_given_up_and_the_next_ones_are_not_asked(brokers: Brokers) -> None:
    log = HurriedLog(brokers, PATIENCE)
    assert log.topics() == []
    brokers.silent.set()
    began = time.monotonic()
    with pytest.raises(Transient, match="within"):
        log.topics()
    assert time.monotonic() - began < PATIENCE + LOOK_SECONDS + 1
    with pytest.raises(Transient, match="lately"):
        log.ends(["crawl.a"])


def test_when_the_brokers_answer_again_they_are_asked_again(brokers: Brokers) -> None:
    log = HurriedLog(brokers, PATIENCE)
    brokers.silent.set()
    with pytest.raises(Transient):
        log.topics()
    brokers.silent.clear()
    brokers.spoken.set()
    end = time.monotonic() + 20
    while True:
        try:
            assert log.topics() == []
            return
        except Transient:
            assert time.monotonic() < end
            time.sleep(0.02)


def test_one_long_question_is_no_verdict_on_brokers_that_answer_others(brokers: Brokers) -> None:
    log = HurriedLog(brokers, PATIENCE)
    brokers.ends = lambda topics: brokers.spoken.wait(60) and {}  # type: ignore[method-assign, assignment, return-value]
    with pytest.raises(Transient, match="within"):
        log.ends(["crawl.a"])
    assert log.topics() == []


def test_what_the_brokers_refuse_comes_through(brokers: Brokers) -> None:
    def refused() -> list[str]:
        raise Invalid("no such thing")

    brokers.topics = refused  # type: ignore[method-assign]
    with pytest.raises(Invalid):
        HurriedLog(brokers, PATIENCE).topics()
