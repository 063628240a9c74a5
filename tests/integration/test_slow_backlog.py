"""A backlog of slow pages is worked off at the rate of a plain loop, and each page is parsed once.

With `make backlog` there are 1 500 pages of a second each (25 minutes), else few, with a shorter message timeout.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from riverline.pipeline.contracts import topic_of
from riverline.services import Services, assemble
from riverline.settings import Settings
from riverline.stages import StageState
from tests.support.load import page
from tests.support.slow_stage import submitted
from tests.support.stack import until

pytestmark = pytest.mark.integration

WHOLE = os.environ.get("DRILL") == "whole"
SECONDS = 1.0  # that a page takes
PAGES, TIMEOUT, FACTOR = (1500, 60, 1.2) if WHOLE else (45, 20, 2.0)  # what the start of a few takes weighs more
STARTED_WITHIN = 240.0


@pytest.fixture
def slow(stack: Settings) -> Iterator[tuple[Settings, float]]:
    """The stack with one parser that takes its time, and when that came in the place of its own: seconds since 1970."""
    wanted, since = {"drill_stage": "parse", "drill_seconds": SECONDS, "parsers": 1, "parsers_most": 1}, time.time()
    with submitted(stack, {"topology": {**wanted, "message_timeout": TIMEOUT}}) as settings:
        yield settings, since


def test_a_backlog_of_slow_pages_is_worked_off_as_by_a_plain_loop(slow: tuple[Settings, float]) -> None:
    settings, since = slow
    services = assemble(settings)
    assert until(lambda: set(_stages(services, since)) >= {"pages", "parse", "index"}, STARTED_WITHIN)
    before = _stages(services, since)
    host = f"slow{time.time_ns():x}.example"
    for number in range(PAGES):
        services.log.append(topic_of(host), page(host, number))
    services.log.flush(60)
    began = time.monotonic()
    assert until(lambda: _is_done(services, topic_of(host)), 3 * FACTOR * PAGES * SECONDS)
    took, done_at = time.monotonic() - began, services.now_ms()
    assert until(lambda: all(state.at > done_at for state in _stages(services, since).values()), 60)
    after = _stages(services, since)
    counts = {name: _since(before[name], after[name]) for name in before}
    print(f"{PAGES} pages of {SECONDS:g} s in {took:.0f} s: {counts}", file=sys.stderr)
    assert counts["parse"]["done"] == PAGES  # each of them once
    assert took <= FACTOR * PAGES * SECONDS


def _stages(services: Services, since: float) -> dict[str, StageState]:
    """What the tasks of the new topology say, one of each stage; those of the former one may report until they end."""
    states = services.stages.fresh(services.now_ms())
    return {state.component: state for state in states if _began(state.pid) > since}


def _began(pid: int) -> float:
    """When a process began, in seconds since 1970; 0 where there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return 0.0


def _is_done(services: Services, topic: str) -> bool:
    """Whether every record of the topic is committed."""
    ends, committed = services.log.ends([topic]), services.log.committed([topic])
    return all(committed.get(place, 0) >= end for place, (_, end) in ends.items())


def _since(before: StageState, after: StageState) -> dict[str, int]:
    return {name: count - before.counts[name] for name, count in after.counts.items() if count > before.counts[name]}
