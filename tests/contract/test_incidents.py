"""What the store of incidents does: the same suite for MySQL and for its in-memory twin."""

import time
import uuid
from dataclasses import replace

import pytest

from riverline.errors import NotFound
from riverline.monitoring.contracts import Incident, ScaleAction
from riverline.testing.memory_incidents import MemoryIncidents


@pytest.fixture(params=["memory", pytest.param("mysql", marks=pytest.mark.integration)])
def store(request):
    if request.param == "memory":
        return MemoryIncidents()
    from riverline.adapters.mysql.database import Database
    from riverline.adapters.mysql.incidents import MysqlIncidents

    mysql = Database(request.getfixturevalue("stack"))
    request.addfinalizer(mysql.close)
    return MysqlIncidents(mysql)


@pytest.fixture
def rule():
    """A rule of this test's own."""
    return uuid.uuid4().hex


def now():
    return time.time_ns() // 1_000_000


def made(rule, since=None, **more):
    return Incident(rule, "parse", "warning", since or now(), 0.5, "It is slow.\n느립니다.", **more)


def of(rule, incidents):
    return [one for one in incidents if one.rule == rule]


def test_an_incident_is_kept_as_it_is(store, rule):
    incident = made(rule, told=now())
    store.save(incident)
    assert of(rule, store.open()) == [incident]


def test_what_has_become_of_it_takes_its_place(store, rule):
    incident = made(rule)
    store.save(incident)
    over = replace(incident, until=incident.since + 1000, told=incident.since, over_told=True, value=0.7)
    store.save(over)
    assert of(rule, store.open()) == []
    assert of(rule, [one for _, one in store.page(1000)]) == [over]


def test_an_end_that_was_not_told_is_still_to_be_told(store, rule):
    ended = made(rule, until=now())
    store.save(ended)
    assert of(rule, store.open()) == [ended]
    assert of(rule, [one for _, one in store.page(1000, going_on=True)]) == []


def test_pages_go_from_the_newest_backwards(store, rule):
    base = now()
    for number in range(5):
        store.save(made(rule, since=base + number))
    first = store.page(2)
    assert [one.since - base for _, one in first] == [4, 3]
    assert [one.since - base for _, one in store.page(2, before=first[-1][0])] == [2, 1]


def test_silences_last_until_their_end(store, rule):
    at = now()
    silence = store.silence(rule, "parse", at + 60_000, "a drill")
    assert of(rule, store.silences(at)) == [silence]
    assert of(rule, store.silences(at + 60_000)) == []
    store.unsilence(silence.id)
    assert of(rule, store.silences(at)) == []
    with pytest.raises(NotFound):
        store.unsilence(silence.id)


def test_actions_of_a_time_are_told_in_their_order(store, rule):
    at = now()
    for number in range(3):
        store.note(ScaleAction(at + number * 1000, rule[:60], number, number + 1, "many wait", "done"))
    found = [one for one in store.actions(at, at + 1500) if one.what == rule[:60]]
    assert [(one.before, one.after, one.reason, one.outcome) for one in found] == [
        (0, 1, "many wait", "done"),
        (1, 2, "many wait", "done"),
    ]
