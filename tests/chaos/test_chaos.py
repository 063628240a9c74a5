"""Under a steady load of pages something happens; then the account is drawn up: nothing lost, nothing twice.

In `make test` some of it happens for a short while; `make chaos` does all of it with 20 000 records in sum, and writes
the table of bench/RESULTS.md.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from riverline.services import Services
from riverline.settings import ROOT, Settings
from tests.support.faults import ALL, SHORT
from tests.support.load import Load
from tests.support.load_account import doubled, missing, settled
from tests.support.stack import until

pytestmark = [pytest.mark.chaos, pytest.mark.integration]

FULL = os.environ.get("CHAOS") == "full"
RECORDS = 20_000 // len(ALL) + 1 if FULL else 400
RATE = 60.0 if FULL else 40.0  # pages a second
FLOWING = 100  # records that Kafka has taken when it happens
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
