"""A task says how it is doing, whoever listens."""

import logging
import time

from riverline.errors import Transient
from riverline.pipeline.reporting import Reporter
from riverline.telemetry import Stage
from riverline.testing.memory_stages import MemoryStages


class Deaf(MemoryStages):
    error: Exception | None = None

    def publish(self, state):
        if self.error:
            raise self.error
        super().publish(state)


def test_the_state_is_published_again_and_again():
    stages, stage = MemoryStages(), Stage("tag", 1)
    reporter = Reporter(stage, stages, period=0.001)
    reporter.start()
    deadline = time.monotonic() + 10
    for wanted in (1, 2):
        stage.count("in")
        while not any(s.counts["in"] == wanted for s in stages.fresh(time.time_ns() // 1_000_000)):
            assert time.monotonic() < deadline, "nothing was published"
            time.sleep(0.001)
    reporter.stop()
    reporter.join(10)
    assert not reporter.is_alive()


def test_a_state_that_shall_not_wait_is_published_before_the_end_of_the_period():
    stages, stage = MemoryStages(), Stage("tag", 1)
    reporter = Reporter(stage, stages, period=3600)
    reporter.start()
    stage.count("in")
    reporter.soon()
    deadline = time.monotonic() + 10
    while not stages.fresh(time.time_ns() // 1_000_000):
        assert time.monotonic() < deadline, "nothing was published"
        time.sleep(0.001)
    reporter.stop()
    reporter.join(10)
    assert not reporter.is_alive()


def test_where_nobody_listens_the_log_has_one_line_when_it_begins_and_one_when_it_ends(caplog):
    stages = Deaf()
    reporter = Reporter(Stage("tag", 1), stages)
    with caplog.at_level(logging.INFO):
        for error in (None, Transient("away"), Transient("still away"), ValueError("a fault"), None, None):
            stages.error = error
            reporter.report()
    assert [record.getMessage() for record in caplog.records] == [
        "states of this task are not published: away",
        "states of this task are published again",
    ]
