"""Under a load of posts, deletions and follows something is killed; then every timeline is what the answers said.

Every post answered with 201 is in every timeline it belongs to and in search, none twice; the table says how soon after
the last server was ready again. 60 s are promised where the machine has time for it; the test, which may run beside
much else, waits longer. In `make test` some of it happens; `make chaos` does all of it, and writes the table.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from riverline.assembly import Services
from riverline.errors import Transient
from riverline.search.query import Query, Sort
from riverline.settings import ROOT, Settings
from riverline.stores.post_documents import url
from tests.support.feed_faults import ALL, SHORT, repaired
from tests.support.feed_load import FeedLoad
from tests.support.stack import until

pytestmark = [pytest.mark.chaos, pytest.mark.integration]

FULL = os.environ.get("CHAOS") == "full"
RATE = 12.0  # requests a second
BEFORE, AFTER = (36, 135) if FULL else (18, 72)  # posts before it happens, and from then on
SETTLED = 240.0  # seconds after the repair in which everything must be right
TABLE = ROOT / "artefacts" / "chaos-timelines.md"
HEADER = (
    "| what happened | posts | no answer | missing | too many | twice | not in search | right after |\n"
    + "|---" * 8
    + "|\n"
)


@pytest.fixture(scope="module")
def table() -> Path:
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(HEADER)
    return TABLE


class Account:
    """What differs from what was answered."""

    def __init__(self, load: FeedLoad, services: Services, site: str) -> None:
        said, self.missing, self.extra, self.twice = load.said, 0, 0, 0
        unknown: set[int] = set()
        for user in load.users:
            read, wanted = load.timeline(user), said.timeline(user)
            self.twice += len(read) - len(set(read))
            self.missing += len(wanted - set(read))
            self.extra += len((set(read) - wanted) & said.posts.keys())
            unknown |= set(read) - said.posts.keys()
        self.extra += max(0, len(unknown) - said.unanswered)
        self.unfound = _unfound(load, services, site)

    @property
    def right(self) -> bool:
        return not (self.missing or self.extra or self.twice or self.unfound)


def _unfound(load: FeedLoad, services: Services, site: str) -> int:
    """Posts that search lacks, shows though they were deleted, or shows twice."""
    said = load.said
    wanted = {url(post, site) for post in said.posts if post not in said.deleted}
    gone = {url(post, site) for post in said.deleted}
    found: list[str] = []
    query = Query("", tag=load.tag, sort=Sort.NEWEST, limit=100, facets=False)
    while True:
        page = services.index.search(query, 0)
        found += [hit.url for hit in page.hits]
        if page.next is None:
            break
        query = replace(query, after=page.next)
    unknown = set(found) - wanted - gone
    twice = len(found) - len(set(found))
    return len(wanted - set(found)) + len(gone & set(found)) + twice + max(0, len(unknown) - said.unanswered)


@pytest.mark.parametrize("name", list(ALL) if FULL else SHORT)
def test_timelines_are_what_was_answered(name: str, stack: Settings, services: Services, table: Path) -> None:
    assert until(lambda: repaired(stack), 120), "the servers are not ready before the test"
    load = FeedLoad(stack.api.site, RATE)
    load.start()
    assert until(lambda: len(load.said.posts) >= BEFORE, 60), "the load does not flow"
    ALL[name](stack)
    wanted = len(load.said.posts) + AFTER
    assert until(lambda: repaired(stack), 180), "something did not come back"
    assert until(lambda: len(load.said.posts) >= wanted, 120), "the load stood still"
    load.end(60)
    ended = time.monotonic()
    account, at = settled(load, services, stack.api.site)
    took, said = at - ended, load.said
    differences = f"{account.missing} | {account.extra} | {account.twice} | {account.unfound}"
    with table.open("a") as file:
        file.write(f"| {name} | {len(said.posts)} | {said.unanswered} | {differences} | {took:.0f} s |\n")
    assert said.errors == []
    assert account.right, vars(account)


def settled(load: FeedLoad, services: Services, site: str) -> tuple[Account, float]:
    """The account once it is right, or as it stands at the end of the patience, and when it was begun to be read."""
    deadline = time.monotonic() + SETTLED
    while True:
        began = time.monotonic()
        try:
            account = Account(load, services, site)
            if account.right or time.monotonic() > deadline:
                return account, began
        except (Transient, AssertionError):
            if time.monotonic() > deadline:
                raise
        time.sleep(1.5)  # between two looks: an account reads every timeline through the API
