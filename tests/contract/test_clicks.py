"""What the ledger of clicks does: the same suite for MySQL and for its in-memory twin."""

import time
import uuid

import pytest

from riverline.testing.memory_clicks import MemoryClicks

MINUTE = 60_000


@pytest.fixture(params=["memory", pytest.param("mysql", marks=pytest.mark.integration)])
def clicks(request):
    if request.param == "memory":
        return MemoryClicks()
    from riverline.adapters.mysql.clicks import MysqlClicks
    from riverline.adapters.mysql.database import Database

    mysql = Database(request.getfixturevalue("stack"))
    request.addfinalizer(mysql.close)
    return MysqlClicks(mysql)


@pytest.fixture
def urls() -> list[str]:
    return [f"https://{uuid.uuid4().hex}.example/{name}" for name in "ab"]


def test_a_click_counts_once_for_each_search(clicks, urls):
    one, other = uuid.uuid4().hex, uuid.uuid4().hex
    assert [clicks.add(search, urls[0], 1) for search in (one, one, other)] == [True, False, True]
    assert clicks.of(urls) == {urls[0]: 2}


def test_totals_are_walked_through_in_pages(clicks, urls):
    for url in urls:
        clicks.add(uuid.uuid4().hex, url, 1)
    found, after = {}, ""
    while page := clicks.totals(after, 1, within_seconds=60):
        found |= page
        after = list(page)[-1]
    assert found.items() >= dict.fromkeys(urls, 1).items()


def test_clicks_are_counted_by_interval(clicks, urls):
    now = time.time_ns() // 1_000_000
    clicks.add(uuid.uuid4().hex, urls[0], 3)
    assert clicks.counted(now - MINUTE, now - MINUTE + 1, MINUTE).keys() <= {(now - MINUTE) // MINUTE * MINUTE}
    end, deadline = now + MINUTE, time.monotonic() + 10
    while not sum(clicks.counted(now - MINUTE, end, MINUTE).values()):  # the replica may be a moment behind
        assert time.monotonic() < deadline, "the click is not counted"
