"""Every source for itself: one that is away is said to be, and the others go on."""

import threading
import time

from riverline_monitor.sampler import Sampler, Source, SourceReading

NOW = 1_760_000_000_000


def source(name, read, every=5.0):
    return Source(name, every, read)


def sampler(*sources, deadline=0.2, monotonic=time.monotonic):
    return Sampler(sources, lambda: NOW, deadline, monotonic)


def fails():
    raise OSError("connection refused")


def test_a_source_that_fails_does_not_stop_the_others():
    sample = sampler(source("a", fails), source("b", lambda: SourceReading({"lag": 3.0}))).sample()
    assert (sample.at, sample.values["lag"], sample.values["answers/a"], sample.values["answers/b"]) == (NOW, 3.0, 0, 1)
    assert "connection refused" in sample.down["source a"]


def test_a_source_that_hangs_costs_the_deadline_and_is_not_asked_twice():
    asked, free = [], threading.Event()

    def hangs():
        asked.append(1)
        free.wait(20)
        return SourceReading({"lag": 1.0})

    made = sampler(source("slow", hangs, every=0.0), source("quick", lambda: SourceReading({"cpu": 0.5}), every=0.0))
    began = time.monotonic()
    first, second = made.sample(), made.sample()
    assert time.monotonic() - began < 5
    assert (len(asked), second.values["cpu"]) == (1, 0.5)
    assert "no answer within" in first.down["source slow"]
    free.set()


def test_what_came_late_is_known_with_the_next_sample():
    free = threading.Event()
    made = sampler(source("slow", lambda: free.wait(20) and SourceReading({"lag": 1.0})))
    assert "lag" not in made.sample().values
    free.set()
    deadline = time.monotonic() + 10
    while "lag" not in (sample := made.sample()).values:
        assert time.monotonic() < deadline
    assert sample.down == {}


def test_between_two_questions_the_last_word_counts():
    clock, asked = [0.0], []
    made = sampler(
        source("a", lambda: asked.append(1) or SourceReading({"lag": len(asked)}), 15.0), monotonic=lambda: clock[0]
    )
    seen = []
    for clock[0] in (0.0, 5.0, 10.0, 15.0):
        seen.append(made.sample().values["lag"])
    assert seen == [1, 1, 1, 2]


def test_servers_that_a_source_found_away_are_passed_on():
    reading = SourceReading({"up/kafka": 0.0}, {"kafka": "2 of 3 brokers are registered"})
    assert sampler(source("servers", lambda: reading)).sample().down == {"kafka": "2 of 3 brokers are registered"}
