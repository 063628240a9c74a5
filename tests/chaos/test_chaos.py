"""Under a steady load of pages something happens; then the account is drawn up: nothing lost, nothing twice.

In `make test` some of it happens for a short while; `make chaos` does all of it with 20 000 records in sum, and writes
the table of bench/RESULTS.md.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

import pytest

from riverline.errors import Transient
from riverline.pipeline.audit import Account, accounts
from riverline.search.contracts import FateQuery
from riverline.search.query import Query
from riverline.services import Services
from riverline.settings import ROOT, Settings
from tests.support.faults import ALL, SHORT
from tests.support.load import Load
from tests.support.stack import until

pytestmark = [pytest.mark.chaos, pytest.mark.integration]

FULL = os.environ.get("CHAOS") == "full"
RECORDS = 20_000 // len(ALL) + 1 if FULL else 400
RATE = 60.0 if FULL else 40.0  # pages a second
FLOWING = 100  # records that Kafka has taken when it happens
SETTLED = 300.0  # seconds in which the account must be balanced
TABLE = ROOT / "artefacts" / "chaos.md"
HEADER = "| what happened | records | lost | indexed twice | balanced after |\n|---|---|---|---|---|\n"


@pytest.fixture(scope="module")
def table() -> Path:
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(HEADER)
    return TABLE


@pytest.mark.parametrize("name", list(ALL) if FULL else SHORT)
def test_nothing_is_lost_and_nothing_indexed_twice(name: str, stack: Settings, services: Services, table: Path) -> None:
    load = Load(services.log, f"{time.time_ns():x}", RATE)
    load.start()
    assert until(lambda: len(load.acknowledged) >= FLOWING or bool(load.given_up), 60), "the load does not flow"
    ALL[name](stack)
    assert until(lambda: len(load.acknowledged) >= RECORDS or bool(load.given_up), 300), "the load stood still"
    load.end()
    ended = time.monotonic()
    assert not load.given_up
    found = settled(services, load)
    took = time.monotonic() - ended
    lost, twice = missing(services, load), doubled(services, load)
    with table.open("a") as file:
        file.write(f"| {name} | {len(load.acknowledged)} | {len(lost)} | {len(twice)} | {took:.0f} s |\n")
    assert all(account.balanced for account in found), [account for account in found if not account.balanced]
    assert sum(account.records for account in found) >= len(load.acknowledged)
    assert lost == [] and twice == []


def settled(services: Services, load: Load) -> list[Account]:
    """The accounts of the load's topics once they are balanced, or as they stand at the end of the patience."""
    deadline = time.monotonic() + SETTLED
    found: list[Account] = []
    while time.monotonic() < deadline:
        try:
            found = accounts(services.log, services.index, load.topics)
        except Transient:
            found = []
        if found and all(account.balanced for account in found):
            return found
        time.sleep(0.5)
    return found


def missing(services: Services, load: Load) -> list[str]:
    """Acknowledged pages that the index does not hold."""
    urls = list(dict.fromkeys(load.acknowledged))
    held = {url for at in range(0, len(urls), 500) for url in services.index.stored(urls[at : at + 500])}
    return [url for url in urls if url not in held]


def doubled(services: Services, load: Load) -> list[str]:
    """Pages that have more documents than one, or more fates `indexed` than records."""
    wanted = Counter[str]()
    for host in load.hosts:
        wanted[host] = services.index.search(Query("", site=host), 0).total
    own = Counter(url.split("/")[2] for url in set(load.acknowledged))
    too_many = [host for host in load.hosts if wanted[host] > own[host]]
    return too_many + [origin for topic in load.topics for origin in _twice(services, topic)]


def _twice(services: Services, topic: str) -> list[str]:
    origins: Counter[str] = Counter()
    query = FateQuery(topic=topic, limit=500)
    while True:
        page = services.index.fates(query)
        origins.update(fate.origin for fate in page.items)
        if page.next is None:
            return [origin for origin, count in origins.items() if count > 1]
        query = FateQuery(topic=topic, limit=500, after=page.next)
