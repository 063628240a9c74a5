"""Under a steady load of pages something happens; then the account is drawn up: nothing lost, nothing twice.

In `make test` some of it happens, side by side and for a short while; `make chaos` does all of it, one after the other
and with 20 000 records in sum, and writes the table of bench/RESULTS.md.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from riverline.pipeline.audit import Account
from riverline.services import assemble
from riverline.settings import ROOT, Settings
from tests.support.faults import ALL, SHORT
from tests.support.load import Load
from tests.support.load_account import doubled, missing, settled
from tests.support.stack import until

pytestmark = [pytest.mark.chaos, pytest.mark.integration]

FULL = os.environ.get("CHAOS") == "full"
RECORDS = 20_000 // len(ALL) + 1 if FULL else 400
RATE = 60.0 if FULL else 40.0  # pages a second
FLOWING = 100  # records that Kafka has taken when it happens; when the last one does
TABLE = ROOT / "artefacts" / "chaos.md"
HEADER = "| what happened | records | lost | indexed twice | balanced after |\n|---|---|---|---|---|\n"


@pytest.fixture(scope="module")
def table() -> Path:
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(HEADER)
    return TABLE


@dataclass(frozen=True)
class Course:
    """What became of a load under which something happened; `seconds` from its end until its account was balanced."""

    acknowledged: int
    given_up: list[Exception]
    accounts: list[Account]
    lost: list[str]
    twice: list[str]
    seconds: float


def run(name: str, stack: Settings, rate: float, flowing: int) -> Course:
    """A load of its own, and what happens once Kafka has taken so many records of it."""
    services = assemble(stack)
    load = Load(services.log, f"{time.time_ns():x}", rate)
    load.start()
    assert until(lambda: len(load.acknowledged) >= flowing or bool(load.given_up), 60), "the load does not flow"
    ALL[name](stack)
    assert until(lambda: len(load.acknowledged) >= RECORDS or bool(load.given_up), 300), "the load stood still"
    load.end()
    ended = time.monotonic()
    found = settled(services, load)
    took = time.monotonic() - ended
    lost, twice = missing(services, load), doubled(services, load)
    services.log.close()
    return Course(len(load.acknowledged), load.given_up, found, lost, twice, took)


@pytest.fixture(scope="module")
def courses(stack: Settings) -> Iterator[Callable[[str], Course]]:
    """By what happened. In `make chaos` one after the other; else each under a load of its own beside the others, a
    little later than the one before: the flow is all of theirs, and mends from one while the next one happens."""
    if FULL:
        yield lambda name: run(name, stack, RATE, FLOWING)
        return
    with ThreadPoolExecutor(len(SHORT)) as pool:
        begun = {
            name: pool.submit(run, name, stack, RATE / len(SHORT), FLOWING * place // len(SHORT))
            for place, name in enumerate(SHORT, 1)
        }
        yield lambda name: begun[name].result()


@pytest.mark.parametrize("name", list(ALL) if FULL else SHORT)
def test_nothing_is_lost_and_nothing_indexed_twice(name: str, courses: Callable[[str], Course], table: Path) -> None:
    course = courses(name)
    with table.open("a") as file:
        lost, twice = len(course.lost), len(course.twice)
        file.write(f"| {name} | {course.acknowledged} | {lost} | {twice} | {course.seconds:.0f} s |\n")
    assert not course.given_up
    assert all(one.balanced for one in course.accounts), [one for one in course.accounts if not one.balanced]
    assert sum(one.records for one in course.accounts) >= course.acknowledged
    assert course.lost == [] and course.twice == []
