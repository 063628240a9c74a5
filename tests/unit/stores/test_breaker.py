"""A server that lets one wait for nothing keeps no other waiting."""

from __future__ import annotations

from sqlalchemy.exc import OperationalError

from riverline.stores.breaker import Breaker
from riverline.stores.mysql import SHUNNED_SECONDS, learn

TRIAL = 45.0
TIMED_OUT = OperationalError(
    "SELECT 1", None, Exception(2013, "Lost connection to MySQL server during query (timed out)")
)
REFUSED = OperationalError("SELECT 1", None, Exception(2003, "Can't connect to MySQL server (Connection refused)"))


NOW = 100.0


def breaker() -> Breaker:
    return Breaker(SHUNNED_SECONDS, TRIAL)


def test_a_server_that_answers_is_asked_by_all() -> None:
    server = breaker()
    assert [server.admits(NOW) for _ in range(3)] == [True] * 3


def test_after_one_waited_for_nothing_one_tries_again_five_seconds_later() -> None:
    server, other, now = breaker(), breaker(), NOW
    assert server.admits(now)
    learn(server, TIMED_OUT, now)
    assert not server.admits(now) and other.admits(now)
    now += SHUNNED_SECONDS
    assert [server.admits(now) for _ in range(3)] == [True, False, False]
    learn(server, TIMED_OUT, now)
    now += SHUNNED_SECONDS
    assert server.admits(now)
    server.succeeded()
    assert [server.admits(now) for _ in range(3)] == [True] * 3


def test_a_server_that_refuses_is_no_silent_one() -> None:
    server, now = breaker(), NOW
    learn(server, REFUSED, now)
    assert server.admits(now)
    learn(server, TIMED_OUT, now)
    now += SHUNNED_SECONDS
    assert server.admits(now)
    learn(server, REFUSED, now)  # the machine is back, the server not yet
    assert [server.admits(now) for _ in range(3)] == [True] * 3


def test_who_did_not_get_as_far_as_the_server_says_nothing_of_it() -> None:
    server, now = breaker(), NOW
    learn(server, TimeoutError("no connection of the pool is free"), now)
    assert server.admits(now)
    learn(server, TIMED_OUT, now)
    now += SHUNNED_SECONDS
    assert server.admits(now)
    learn(server, TimeoutError("no connection of the pool is free"), now)
    assert not server.admits(now)


def test_who_tries_and_never_tells_is_followed_by_another() -> None:
    server, now = breaker(), NOW
    learn(server, TIMED_OUT, now)
    now += SHUNNED_SECONDS
    assert server.admits(now) and not server.admits(now)
    assert not server.admits(now + TRIAL - 1)
    assert server.admits(now + TRIAL)
