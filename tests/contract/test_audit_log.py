"""What the trail and the list of take-downs do: the same suite for MySQL and for their in-memory twins."""

import uuid

import pytest

from riverline.errors import NotFound
from riverline.testing.memory_audit_log import MemoryAuditLog, MemoryTakeDowns

MOST = 1 << 40
LATER = 4_000_000_000_000


@pytest.fixture(params=["memory", pytest.param("mysql", marks=pytest.mark.integration)])
def stores(request):
    """The trail, and what was taken down."""
    if request.param == "memory":
        return MemoryAuditLog(), MemoryTakeDowns()
    from riverline.adapters.mysql.audit_log import MysqlAuditLog
    from riverline.adapters.mysql.database import Database
    from riverline.adapters.mysql.take_downs import MysqlTakeDowns

    mysql = Database(request.getfixturevalue("stack"))
    request.addfinalizer(mysql.close)
    return MysqlAuditLog(mysql), MysqlTakeDowns(mysql)


@pytest.fixture
def trail(stores):
    return stores[0]


@pytest.fixture
def take_downs(stores):
    return stores[1]


def test_what_was_done_is_read_the_newest_first(trail):
    mark = uuid.uuid4().hex[:12]
    for number in range(3):
        trail.add("user 7", f"{mark}.{number}", "글 7", "because 🌊" if number else "")
    found = trail.newest(0, 2, mark)
    assert [(one.action, one.actor, one.subject, one.reason) for one in found] == [
        (f"{mark}.2", "user 7", "글 7", "because 🌊"),
        (f"{mark}.1", "user 7", "글 7", "because 🌊"),
    ]
    assert [one.action for one in trail.newest(found[-1].id, 2, mark)] == [f"{mark}.0"]
    assert trail.newest(0, 1)[0].action == f"{mark}.2"


def test_an_action_is_asked_for_by_its_beginning_alone(trail):
    mark = uuid.uuid4().hex[:8]
    trail.add("user 7", f"{mark}_x", "s")
    trail.add("user 7", f"{mark}yx", "s")
    assert [one.action for one in trail.newest(0, 9, f"{mark}_")] == [f"{mark}_x"]
    assert trail.newest(0, 9, "%") == []


def test_old_entries_are_forgotten(trail):
    mark = uuid.uuid4().hex[:8]
    trail.add("user 7", mark, "s")
    assert trail.forget(0) == 0 and len(trail.newest(0, 9, mark)) == 1
    assert trail.forget(LATER) >= 1 and trail.newest(0, 9, mark) == []


def test_what_was_taken_down_is_listed_until_it_is_let_in(take_downs):
    site = f"{uuid.uuid4().hex}.example"
    first = take_downs.add("site", site, "asked for")
    url = take_downs.add("document", f"https://{site}/가?q=1", "private")
    again = take_downs.add("site", site, "asked for twice")
    assert (again.id, again.reason) == (first.id, "asked for twice")
    held = {one.id: (one.kind, one.subject, one.reason) for one in take_downs.all()}
    assert held[url.id] == ("document", f"https://{site}/가?q=1", "private")
    assert take_downs.remove(first.id).subject == site
    assert first.id not in {one.id for one in take_downs.all()}
    with pytest.raises(NotFound):
        take_downs.remove(MOST)
