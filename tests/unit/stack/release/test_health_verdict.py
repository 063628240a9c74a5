"""When a new topology is healthy, and when it must go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from riverline_stack.release.health_verdict import STEADY_SECONDS, Sight, Task, verdict

STEADY = tuple(Task(name, STEADY_SECONDS) for name in ("pages", "parse"))
BEFORE = Sight("ACTIVE", STEADY, 2, (), lag=40, committed=1000, dead=7)
WELL = replace(BEFORE, lag=10, committed=1100)


def test_a_topology_whose_tasks_are_steady_and_which_finishes_records_is_healthy() -> None:
    assert verdict(BEFORE, WELL).word == "healthy"


def test_where_nothing_waits_nothing_has_to_be_finished() -> None:
    assert verdict(replace(BEFORE, lag=0), replace(BEFORE, lag=0)).word == "healthy"


@pytest.mark.parametrize(
    ("sight", "why"),
    [
        (replace(WELL, status=""), "Nimbus says nothing"),
        (replace(WELL, status="KILLED"), "Nimbus says KILLED"),
        (replace(WELL, tasks=STEADY[:1]), "1 of 2 tasks run"),
        (replace(WELL, tasks=(STEADY[0], Task("parse", 3))), "parse: not up"),
        (replace(WELL, errors=("\njava.lang.RuntimeException: no\n at x",)), "RuntimeException: no"),
        (replace(WELL, lag=50, committed=1000), "50 records wait and none was finished"),
    ],
)
def test_it_is_waited_for_what_is_missing(sight: Sight, why: str) -> None:
    said = verdict(BEFORE, sight)
    assert said.word == "waiting" and why in said.why


def test_a_topology_that_buries_most_records_has_failed_at_once() -> None:
    said = verdict(BEFORE, replace(WELL, tasks=(), dead=7 + 90))
    assert said.word == "failed" and "90 of 100" in said.why


@pytest.mark.parametrize("dead", [19, 50])
def test_some_dead_letters_are_no_failure(dead: int) -> None:
    assert verdict(BEFORE, replace(WELL, dead=7 + dead)).word == "healthy"
