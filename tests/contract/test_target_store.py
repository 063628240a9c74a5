"""What the store of targets does: the same suite for MySQL and for its in-memory twin."""

import time
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import text

from riverline.adapters.mysql.database import Database
from riverline.crawl.contracts import LEASE_SECONDS, Targets
from riverline.errors import Conflict, NotFound
from riverline.model import Target
from riverline.testing.memory_targets import MemoryTargets

A = Target("a", start_urls=("http://a.example/",), keywords=("물", "water"), allowed_paths=("/x",), interval=3600)
B = Target("b", start_urls=("http://b.example/",))


@pytest.fixture(params=["memory", pytest.param("mysql", marks=pytest.mark.integration)])
def targets(request) -> Targets:
    if request.param == "memory":
        return MemoryTargets()
    from riverline.adapters.mysql.targets import MysqlTargets

    mysql = Database(request.getfixturevalue("stack"))
    request.addfinalizer(mysql.close)
    store = MysqlTargets(mysql)
    for entry in store.all():
        store.remove(entry.target.name)
    return store


def names(entries) -> list[str]:
    return [entry.target.name for entry in entries]


def test_a_target_comes_back_as_it_was_given(targets):
    targets.add(A)
    assert targets.get("a").target == A


def test_a_target_of_ten_thousand_addresses_comes_back_as_it_was_given(targets):
    large = replace(A, start_urls=tuple(f"http://a.example/{'가' * 60}/{number}" for number in range(10_000)))
    targets.add(large)
    assert targets.get("a").target == large


def test_a_name_is_there_once(targets):
    targets.add(A)
    targets.add(B)
    with pytest.raises(Conflict):
        targets.add(A)
    with pytest.raises(Conflict):
        targets.replace("b", A)


def test_names_that_differ_in_anything_are_different(targets):
    for name in ("zq🇰🇷", "zq🇯🇵", "Zq", "zq", "ｚｑ", "zq\u200b", "jose", "josé", "가", "\u1100\u1161"):
        targets.add(replace(A, name=name))
        assert targets.get(name).target.name == name
    assert len(targets.all()) == 10
    targets.replace("zq", replace(A, name="ZQ"))
    assert {entry.target.name for entry in targets.all()} >= {"Zq", "ZQ", "ｚｑ", "zq\u200b"}


def test_targets_are_listed_by_name(targets):
    targets.add(B)
    targets.add(A)
    assert names(targets.all()) == ["a", "b"]


def test_what_is_not_there_is_said(targets):
    for call in (lambda: targets.get("a"), lambda: targets.remove("a"), lambda: targets.replace("a", A)):
        with pytest.raises(NotFound):
            call()


def test_a_removed_target_is_gone(targets):
    targets.add(A)
    targets.remove("a")
    assert targets.all() == []
    assert targets.claim("w", 9) == []


def test_a_new_target_is_due_at_once_and_claimed_by_one_crawler(targets):
    targets.add(A)
    assert names(targets.claim("one", 9)) == ["a"]
    assert targets.claim("two", 9) == []
    assert targets.get("a").worker == "one"


def test_the_highest_priority_is_claimed_first_then_the_longest_due(targets):
    targets.add(A)
    targets.add(B)
    targets.add(replace(A, name="c", priority=5))
    assert names(targets.claim("w", 1)) == ["c"]
    assert names(targets.claim("w", 2)) == ["a", "b"]


def test_a_disabled_target_is_not_claimed(targets):
    targets.add(replace(A, enabled=False))
    assert targets.claim("w", 9) == []


def test_a_released_target_is_due_again_after_its_interval(targets):
    targets.add(A)
    (entry,) = targets.claim("w", 9)
    targets.release("w", [entry.id], 3600.0, {"fetched": 7})
    assert targets.claim("w", 9) == []
    after = targets.get("a")
    assert after.progress == {"fetched": 7}
    assert after.due_at - time.time() * 1000 == pytest.approx(3_600_000, abs=60_000)


def test_a_target_that_is_let_go_unfinished_is_taken_over_at_once(targets):
    targets.add(A)
    (entry,) = targets.claim("one", 9)
    targets.release("one", [entry.id], None, {})
    assert names(targets.claim("two", 9)) == ["a"]


def test_a_renewal_says_which_targets_are_still_held_and_how_they_have_changed(targets):
    targets.add(A)
    targets.add(B)
    one, other = targets.claim("w", 9)
    targets.replace("a", replace(A, rate=2.0))
    targets.replace("b", replace(B, enabled=False))
    assert targets.renew("w", {one.id: {"fetched": 1}, other.id: {}}) == {one.id: 2}
    assert targets.get("a").progress == {"fetched": 1}


def test_nobody_else_renews_or_releases_a_target(targets):
    targets.add(A)
    (entry,) = targets.claim("one", 9)
    assert targets.renew("two", {entry.id: {}}) == {}
    targets.release("two", [entry.id], 1.0, {})
    assert targets.get("a").worker == "one"


def test_a_changed_target_is_due_at_once(targets):
    targets.add(A)
    (entry,) = targets.claim("w", 9)
    targets.release("w", [entry.id], 3600.0, {})
    targets.replace("a", replace(A, name="z" + uuid.uuid4().hex[:6]))
    assert [e.id for e in targets.claim("w", 9)] == [entry.id]


def test_the_same_definition_makes_a_target_due_and_no_more(targets):
    targets.add(A)
    (entry,) = targets.claim("w", 9)
    targets.release("w", [entry.id], 3600.0, {})
    assert targets.replace("a", A).revision == entry.revision
    assert names(targets.claim("w", 9)) == ["a"]


def test_a_lease_that_is_not_renewed_is_taken_over():
    now = [1_000_000]
    targets = MemoryTargets(lambda: now[0])
    targets.add(A)
    targets.claim("dead", 9)
    now[0] += LEASE_SECONDS * 1000
    assert targets.claim("two", 9) == []
    now[0] += 1
    assert names(targets.claim("two", 9)) == ["a"]


def test_a_lease_that_was_given_while_the_clock_was_ahead_is_over_in_memory():
    now = [3_600_000.0]
    targets = MemoryTargets(now_ms=lambda: int(now[0]))
    targets.add(A)
    now[0] += 3_600_000
    assert names(targets.claim("one", 9)) == ["a"]
    now[0] -= 3_600_000
    assert names(targets.claim("two", 9)) == ["a"]


@pytest.mark.parametrize("targets", ["mysql"], indirect=True)
@pytest.mark.integration
def test_a_lease_that_was_given_while_the_clock_was_ahead_is_over_in_mysql(targets, stack):
    targets.add(A)
    targets.claim("one", 9)
    database = Database(stack)
    with database.writing() as connection:
        connection.execute(text("UPDATE crawl_target SET leased_until = leased_until + INTERVAL 1 HOUR"))
    database.close()
    assert names(targets.claim("two", 9)) == ["a"]
