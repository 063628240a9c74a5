"""Asking every server at once."""

import threading
import time

from riverline.errors import Transient
from riverline.health import Examination, checks_of
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
    checks = checks_of(nowhere)
    assert list(checks) == [
        *("kafka", "elasticsearch", "mysql-primary", "mysql-replica", "redis-cluster", "redis-celery"),
        *("celery", "nimbus", "topology"),
    ]
    found = Examination(checks, deadline=15).result()
    assert "ok" not in found.values()
    assert all(found.values())
