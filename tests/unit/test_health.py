"""Asking every server at once."""

import threading
import time

import pytest

from riverline.adapters import circuit_breaker
from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.errors import Transient
from riverline.health import DOUBTED, Examination, checks_of
from riverline.settings import Settings


def fine() -> None:
    """A server that is there."""


def away() -> None:
    raise Transient("nobody is at home")


def broken() -> None:
    raise OSError("no route")


def test_each_server_has_its_own_answer():
    found = Examination({"a": fine, "b": away, "c": broken}).result()
    assert found == {"a": "ok", "b": "nobody is at home", "c": "OSError: no route"}


def test_a_server_that_hangs_delays_the_answer_by_the_deadline_at_most_and_is_asked_by_one_thread_only():
    release, asked = threading.Event(), []

    def hanging() -> None:
        asked.append(1)
        release.wait(20)

    examination = Examination({"fast": fine, "slow": hanging}, deadline=0.1, kept=0)
    start = time.monotonic()
    found = [examination.result() for _ in range(3)]
    release.set()
    assert time.monotonic() - start < 5
    assert found == [{"fast": "ok", "slow": "no answer within 0.1 s"}] * 3
    assert asked == [1]


def test_all_servers_are_asked_at_once():
    together = threading.Barrier(3)
    waiting = {name: lambda: together.wait(10) and None for name in "abc"}
    assert set(Examination(waiting, deadline=10).result().values()) == {"ok"}


def test_an_answer_is_given_again_for_a_while():
    asked = []
    examination = Examination({"a": lambda: asked.append(1)}, kept=60)
    examination.result()
    examination.result()
    assert asked == [1]


def test_every_server_of_the_stack_is_asked_by_its_name_and_says_why_it_is_away():
    nowhere = Settings().shifted(-1900)  # ports where nothing listens
    checks = checks_of(nowhere, ElasticsearchConnection(nowhere.elasticsearch))
    assert list(checks) == [
        *("kafka", "elasticsearch", "mysql-primary", "mysql-replica", "redis-cluster", "redis-celery"),
        *("celery", "nimbus", "topology"),
    ]
    found = Examination(checks, deadline=15).result()
    assert "ok" not in found.values()
    assert all(found.values())


def test_a_server_that_hangs_is_waited_for_once():
    release = threading.Event()
    examination = Examination({"a": lambda: None, "slow": lambda: release.wait(60)}, deadline=1.0, kept=0)
    assert examination.result()["slow"] == "no answer within 1 s"
    began = time.monotonic()
    assert examination.result()["slow"] == "no answer within 1 s"
    assert time.monotonic() - began < 0.9
    release.set()
    end = time.monotonic() + 10
    while examination.result()["slow"] != "ok":
        assert time.monotonic() < end, "it answers again"


def test_whoever_asks_beside_another_gets_what_was_found_before():
    entered, release, hangs = threading.Event(), threading.Event(), threading.Event()

    def slow():
        if hangs.is_set():
            entered.set()
            release.wait(60)

    examination = Examination({"a": slow}, deadline=30, kept=0)
    assert examination.result() == {"a": "ok"}
    hangs.set()
    first = threading.Thread(target=examination.result)
    first.start()
    assert entered.wait(10)
    assert examination.result() == {"a": "ok"}
    release.set()
    first.join(30)


@pytest.fixture
def shared(monkeypatch):
    """What this process knows, others that are forked from it know."""
    monkeypatch.setattr(circuit_breaker, "_shared", [])
    circuit_breaker.share()


def test_a_server_that_hung_for_another_process_is_not_waited_for_long(shared):
    release = threading.Event()
    checks = {"slow": lambda: release.wait(60)}
    Examination(checks, deadline=0.1, kept=0).result()
    began = time.monotonic()
    assert Examination(checks, deadline=30, kept=0).result() == {"slow": "no answer within 30 s"}
    assert time.monotonic() - began < 20
    release.set()


def test_a_server_that_another_process_found_well_lately_is_not_waited_for_long(shared):
    hangs, release = threading.Event(), threading.Event()
    checks = {"slow": lambda: release.wait(60) and None if hangs.is_set() else None}
    Examination(checks).result()
    hangs.set()
    began = time.monotonic()
    assert Examination(checks, deadline=30).result() == {"slow": "ok"}
    assert time.monotonic() - began < 20
    release.set()


def test_a_question_that_fails_after_its_answer_was_given_tells_other_processes(shared):
    hangs, fails = threading.Event(), threading.Event()

    def slow():
        if hangs.is_set():
            fails.wait(60)
            raise Transient("away")

    examination = Examination({"slow": slow}, kept=0)
    examination.result()
    hangs.set()
    assert examination.result() == {"slow": "ok"}  # its question is on its way
    fails.set()
    end = time.monotonic() + 10
    while not circuit_breaker.Sighting("health slow").is_away:
        assert time.monotonic() < end
        time.sleep(0.01)
    release, began = threading.Event(), time.monotonic()
    other = Examination({"slow": lambda: release.wait(60) and None}, deadline=30)
    assert other.result() == {"slow": "no answer within 30 s"}
    assert time.monotonic() - began < 20
    release.set()


def test_a_server_that_is_slow_and_well_is_found_well_again():
    fails, answered = threading.Event(), threading.Event()
    fails.set()

    def slow():
        if fails.is_set():
            raise Transient("away")
        time.sleep(2 * DOUBTED)
        answered.set()

    examination = Examination({"a": slow}, deadline=10, kept=0)
    assert examination.result() == {"a": "away"}
    fails.clear()
    found = []
    for _ in range(3):
        answered.clear()
        found.append(examination.result()["a"])
        assert answered.wait(10)  # nobody asks again before it has
    assert found[-1] == "ok"


def test_who_asks_often_is_not_kept_waiting_by_a_server_that_hangs_from_now_on_and_learns_of_it():
    release, hangs = threading.Event(), threading.Event()
    examination = Examination({"a": lambda: hangs.is_set() and release.wait(60) and None}, deadline=1.0, kept=0)
    assert examination.result() == {"a": "ok"}
    hangs.set()
    took, found = [], {"a": "ok"}
    end = time.monotonic() + 30
    while found == {"a": "ok"}:
        began = time.monotonic()
        found = examination.result()
        took.append(time.monotonic() - began)
        assert time.monotonic() < end
    assert found == {"a": "no answer within 1 s"}
    assert sorted(took)[len(took) // 2] < 0.9  # each waits a quarter of a second; the machine may be slow at times
    release.set()


def test_what_was_found_long_ago_stands_for_nothing(monkeypatch):
    release, hangs = threading.Event(), threading.Event()
    examination = Examination({"a": lambda: hangs.is_set() and release.wait(60) and None}, deadline=1.0, kept=0)
    assert examination.result() == {"a": "ok"}
    hangs.set()
    monkeypatch.setattr("riverline.health.RECENT", 0.0)
    assert examination.result() == {"a": "no answer within 1 s"}
    release.set()
