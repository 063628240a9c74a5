"""Servers are away for longer than any timeout, under a load of pages and posts; then everything is as if they had not.

What is lost, dead for a server's sake, or twice is a failure, in pages and in timelines. In `make test` one outage of
them happens, a little longer than Storm's message timeout; `make chaos` does all of them for three minutes each
(OUTAGE_SECONDS), and writes the table.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from riverline.errors import Transient
from riverline.pipeline.audit import Account, accounts
from riverline.services import Services
from riverline.settings import ROOT, Settings
from tests.conftest import MESSAGE_TIMEOUT
from tests.support import feed_account, stories
from tests.support.feed_load import FeedLoad
from tests.support.long_outages import ALL, READY, ROOT_ONLY, SHORT, whole
from tests.support.stack import until
from tests.support.stories import PageStories

pytestmark = [pytest.mark.chaos, pytest.mark.integration]

FULL = os.environ.get("CHAOS") == "full"
SECONDS = float(os.environ.get("OUTAGE_SECONDS") or (180 if FULL else 1.25 * MESSAGE_TIMEOUT))
PAGES, REQUESTS = 6.0, 4.0  # a second
FLOWING, STARTED = 60, 240.0  # records that Kafka has taken when it happens, and seconds in which it must have
AFTER = 60  # and from the end of it on
SETTLED = 900.0  # seconds in which all must be right, on a machine that does other things too
TABLE = ROOT / "artefacts" / "outages.md"
HEADER = (
    "| outage | records | lost | dead | twice | stale | posts | missing | twice | right after |\n" + "|---" * 10 + "|\n"
)


@pytest.fixture(scope="module")
def table() -> Path:
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(HEADER)
    return TABLE


def can_happen(name: str) -> bool:
    if any(word in name for word in ROOT_ONLY):
        return os.geteuid() == 0 and Path("/dev/loop-control").exists() and bool(shutil.which("mkfs.ext4"))
    return "clock" not in name or bool(shutil.which("cc"))


@pytest.mark.parametrize("name", list(ALL) if FULL else SHORT)
def test_an_outage_of_any_length_costs_nothing(name: str, stack: Settings, services: Services, table: Path) -> None:
    if not can_happen(name):
        pytest.skip("this machine lets nobody mount a small disk, or has no C compiler")
    assert until(lambda: whole(stack), READY), "the servers are not ready before the test"
    pages = PageStories(services.log, f"{time.time_ns():x}", PAGES)
    feed = FeedLoad(stack.api.site, REQUESTS)
    pages.start()
    feed.start()
    assert until(lambda: pages.acknowledged >= FLOWING, STARTED), "the load does not flow"
    with ALL[name](stack):
        time.sleep(SECONDS)  # the outage itself
    assert until(lambda: whole(stack), READY), "something did not come back"
    wanted = pages.acknowledged + AFTER
    assert until(lambda: pages.acknowledged >= wanted, 180), "the load stood still"
    pages.end()
    feed.end(120)
    ended = time.monotonic()
    told, at = stories.settled(pages, services, SETTLED)
    posts, posts_at = feed_account.settled(feed, services, stack.api.site)
    unbalanced = _unbalanced(services, pages)
    took = max(at, posts_at) - ended
    stale, lost = len(told.old) + len(told.undead), len(told.lost) + len(unbalanced)
    missing, twice = posts.missing + posts.extra + posts.unfound, posts.twice
    with table.open("a") as file:
        file.write(
            f"| {name} | {pages.acknowledged} | {lost} | {len(told.dead)} | {len(told.twice)} | {stale} "
            f"| {len(feed.said.posts)} | {missing} | {twice} | {took:.0f} s |\n"
        )
    assert not pages.given_up
    assert feed.said.errors == []
    assert unbalanced == []
    assert told.right, told
    assert posts.right, vars(posts)


def _unbalanced(services: Services, pages: PageStories) -> list[Account]:
    """The accounts of the load's topics that do not add up within the patience."""
    deadline, left = time.monotonic() + SETTLED, []
    while time.monotonic() < deadline:
        try:
            left = [one for one in accounts(services.log, services.index, pages.topics) if not one.balanced]
            if not left:
                return []
        except Transient:
            pass
        time.sleep(1.0)
    return left
