"""For an hour: crawled pages through Kafka, posts, timelines and searches at half of what this machine can do.

Nothing may be lost, no queue may grow, and no process's memory. `make soak` runs it (SOAK_MINUTES, by default 60) on
servers of its own and writes artefacts/soak.md and artefacts/soak.csv.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

import pytest

from riverline.adapters.redis.celery_queues import QUEUES, CeleryQueues
from riverline.adapters.redis.connection import Node
from riverline.errors import Transient
from riverline.pipeline.audit import Account, accounts
from riverline.services import Services
from riverline.settings import ROOT, Settings
from tests.support import slope
from tests.support.load import Load
from tests.support.people import THREADS, USERS, People, client, joined
from tests.support.residents import Residents, Series
from tests.support.stack import until

MINUTES = float(os.environ.get("SOAK_MINUTES", "0"))
MEASURED = 20.0  # seconds in which capacity is measured
SHARE = 0.5  # of capacity
MOST = 400.0  # pages a second: more than any machine that this runs on can do
WARM = 1 / 2  # of the time, in which memory may still grow: what is remembered of twenty minutes has to be there
JUDGED = 60.0  # minutes from which on growth in an hour can be told: cut at 35, a flat hour showed 6%
STEEP = 2.0  # percent an hour, of
SMALL = 25 << 20  # bytes at the least: in less, some pages that an allocator has yet to give back are more than that
LONG = {"records that wait": 500.0, "tasks of Celery": 200.0}  # what a queue may hold without being called long
TABLE, REPORT = ROOT / "artefacts" / "soak.csv", ROOT / "artefacts" / "soak.md"

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.integration,
    pytest.mark.skipif(not MINUTES, reason="an hour: make soak"),
]


@dataclass
class Soaked:
    """What was measured."""

    pages_capacity: float  # a second
    requests_capacity: float
    load: Load
    people: People
    residents: Residents
    accounts: list[Account]
    lost_pages: int
    lost_posts: int


@pytest.fixture(scope="module")
def soaked(stack: Settings, services: Services) -> Soaked:
    """The whole of it; the tests below judge it."""
    TABLE.parent.mkdir(exist_ok=True)
    people = joined(stack)
    requests = _requests_capacity(stack, people)
    pages = _pages_capacity(services)
    load = Load(services.log, f"soak-{time.time_ns():x}", pages * SHARE)
    crowd = People(stack, people, requests * SHARE)
    residents = Residents(stack, TABLE, _queues(stack, services))
    for part in (load, crowd, residents):
        part.start()
    time.sleep(MINUTES * 60)  # it is the time itself that is tested
    load.end()
    crowd.end()
    settled = _settled(services, load)
    residents.end()
    urls = sorted(set(load.acknowledged))
    held = {url for at in range(0, len(urls), 500) for url in services.index.stored(urls[at : at + 500])}
    lost_posts = _lost_posts(stack, crowd.told.posts)
    found = Soaked(pages, requests, load, crowd, residents, settled, len(set(urls) - held), lost_posts)
    REPORT.write_text(report(found))
    return found


def _requests_capacity(stack: Settings, accounts: list) -> float:
    """Requests a second that some clients get answered, each asking as soon as it has its answer."""
    crowd = People(stack, accounts, None)
    crowd.start()
    time.sleep(MEASURED)
    crowd.end()
    return max(crowd.told.answered.total() / MEASURED, 1.0)


def _pages_capacity(services: Services) -> float:
    """Pages a second that the topology finishes while more than enough of them wait."""
    load = Load(services.log, f"soak-capacity-{time.time_ns():x}", MOST)
    load.start()
    assert until(lambda: _done(services, load) > 0, 120)
    before, began = _done(services, load), time.monotonic()
    time.sleep(MEASURED)
    done, took = _done(services, load) - before, time.monotonic() - began
    load.end()
    _settled(services, load)
    return max(done / took, 2.0)


def _done(services: Services, load: Load) -> int:
    return sum(services.log.committed(load.topics).values())


def _queues(stack: Settings, services: Services) -> dict:
    celery = CeleryQueues(Node(stack.celery.broker, 5.0, server=stack.celery), services.now_ms)

    def lag() -> float:
        topics = services.log.topics()
        ends, done = services.log.ends(topics), services.log.committed(topics)
        return float(sum(end - min(max(done.get(place, first), first), end) for place, (first, end) in ends.items()))

    def tasks() -> float:
        return float(sum(each.tasks for each in celery.waiting(QUEUES)))

    return {"records that wait": lag, "tasks of Celery": tasks}


def _settled(services: Services, load: Load) -> list[Account]:
    def balanced() -> bool:
        try:
            return all(account.balanced for account in accounts(services.log, services.index, load.topics))
        except Transient:
            return False

    until(balanced, 600)
    return accounts(services.log, services.index, load.topics)


def _lost_posts(stack: Settings, posts: list[int]) -> int:
    """Posts that were answered with 201 and are not there."""
    with client(stack) as api:
        return sum(api.get(f"/posts/{post}").status_code != 200 for post in posts)


def settled_part(series: Series) -> Series:
    """The samples after the warm-up, of those that lived through all of it."""
    last = max((samples[-1][0] for samples in series.values()), default=0.0)
    warm = last * WARM
    return {
        name: [(at, value) for at, value in samples if at >= warm]
        for name, samples in series.items()
        if samples[0][0] <= warm and samples[-1][0] >= last - 30
    }


def report(found: Soaked) -> str:
    """artefacts/soak.md."""
    told, records = found.people.told, sum(account.records for account in found.accounts)
    lines = [
        f"# Soak: {MINUTES:g} minutes",
        "",
        f"Capacity measured before: {found.pages_capacity:.1f} pages/s; {found.requests_capacity:.1f} requests/s by "
        f"{THREADS} clients of {USERS} people. The load was {SHARE:.0%} of each, both at once.",
        "",
        "| what | count |",
        "|---|---|",
        f"| pages acknowledged by Kafka | {len(found.load.acknowledged)} |",
        f"| records, all with a fate and committed | {records}, {all(each.balanced for each in found.accounts)} |",
        f"| pages lost | {found.lost_pages} |",
        f"| posts answered with 201 | {len(told.posts)} |",
        f"| posts lost | {found.lost_posts} |",
        *(f"| answered: {what} | {count} |" for what, count in sorted(told.answered.items())),
        *(f"| errors: {what} | {count} |" for what, count in sorted(told.errors.items())),
        "",
        "| queue | median of the second quarter | of the last | most |",
        "|---|---|---|---|",
        *(_queue_line(name, samples) for name, samples in found.residents.queues.items()),
        "",
        "Resident memory after the warm-up (the first half); the slope in percent of it, of 25 MiB at the least:",
        "",
        "| process | first, MiB | last, MiB | slope, % an hour |",
        "|---|---|---|---|",
    ]
    for name, samples in sorted(settled_part(found.residents.processes).items()):
        first, last = samples[0][1] / (1 << 20), samples[-1][1] / (1 << 20)
        lines.append(f"| {name} | {first:.1f} | {last:.1f} | {slope.per_hour(samples, SMALL):+.2f} |")
    gone = found.residents.processes.keys() - settled_part(found.residents.processes).keys()
    lines += ["", f"Processes that began after the warm-up or ended before the end: {len(gone)}.", ""]
    return "\n".join(lines)


def _queue_line(name: str, samples: list[tuple[float, float]]) -> str:
    values, quarter = [value for _, value in samples], max(len(samples) // 4, 1)
    then, now = sorted(values[quarter : 2 * quarter] or values), sorted(values[-quarter:])
    return f"| {name} | {then[len(then) // 2]:.0f} | {now[len(now) // 2]:.0f} | {max(values):.0f} |"


def test_the_account_adds_up(soaked: Soaked) -> None:
    assert not soaked.load.given_up
    assert [account for account in soaked.accounts if not account.balanced] == []
    assert sum(account.records for account in soaked.accounts) >= len(soaked.load.acknowledged) > 0


def test_no_page_and_no_post_is_lost(soaked: Soaked) -> None:
    assert soaked.people.told.posts
    assert (soaked.lost_pages, soaked.lost_posts) == (0, 0)


def test_requests_are_answered(soaked: Soaked) -> None:
    errors, answered = soaked.people.told.errors.total(), soaked.people.told.answered.total()
    assert errors <= answered / 1000, soaked.people.told.errors


def test_no_queue_grows(soaked: Soaked) -> None:
    queues = soaked.residents.queues
    assert queues and [name for name, samples in queues.items() if slope.grows(samples, LONG[name])] == []


@pytest.mark.skipif(MINUTES < JUDGED, reason=f"growth in an hour cannot be told in less than {JUDGED:g} minutes")
def test_no_process_grows(soaked: Soaked) -> None:
    processes = settled_part(soaked.residents.processes)
    slopes = {name: slope.per_hour(samples, SMALL) for name, samples in processes.items()}
    assert slopes and {name: round(value, 2) for name, value in slopes.items() if value > STEEP} == {}
