"""How old a tuple is, whatever the hosts' clocks say."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from riverline.pipeline.queue_age import QueueAge

SECONDS = st.floats(0, 100)


@given(st.floats(-1e6, 1e6), st.lists(st.tuples(SECONDS, SECONDS), min_size=1, max_size=30))
def test_it_is_the_wait_beyond_the_shortest_one_however_the_clocks_differ(skew, tuples):
    ages, sent_at, shortest = QueueAge(memory=1e9), 0.0, 1e9
    for pause, wait in tuples:
        sent_at += pause
        shortest = min(shortest, wait)
        assert ages.of("a", sent_at, sent_at + wait + skew) == pytest.approx(wait - shortest, abs=1e-6)


def test_each_sender_has_a_clock_of_its_own():
    ages = QueueAge(memory=120)
    ages.of("a", 0, 1000)
    ages.of("b", 5000, 1000)
    assert (ages.of("a", 10, 1040), ages.of("b", 5030, 1040)) == (30, 10)


def test_a_clock_that_jumped_is_believed_after_a_while():
    ages = QueueAge(memory=120)
    for now in range(100):
        ages.of("a", now, now)
    found = [ages.of("a", now - 3600, now) for now in range(100, 400)]  # its machine was suspended for an hour
    assert found[0] == 3600 and found[-1] == 0
    assert sum(age > 0 for age in found) <= 2 * 120


def test_a_clock_that_jumped_makes_nothing_older_than_the_task_was_busy():
    ages = QueueAge(memory=120)
    ages.of("a", 0, 0)
    assert ages.of("a", -3600, 10, idle_at=8) == 2


def test_what_was_learnt_before_a_long_silence_is_forgotten():
    ages = QueueAge(memory=120)
    ages.of("a", 0, 0)
    assert ages.of("a", 1000, 1300) == 0


def test_senders_that_are_gone_take_no_room():
    ages = QueueAge(memory=120)
    for number in range(1000):
        ages.of(f"spout-{number}", 0, number * 100)
    assert len(ages._bases) <= 4
