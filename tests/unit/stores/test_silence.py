"""A server that lets one wait for nothing keeps no other waiting."""

from __future__ import annotations

from sqlalchemy.exc import OperationalError

from riverline.stores.silence import SECONDS, Silence

TRIAL = 45.0
TIMED_OUT = OperationalError(
    "SELECT 1", None, Exception(2013, "Lost connection to MySQL server during query (timed out)")
)
REFUSED = OperationalError("SELECT 1", None, Exception(2003, "Can't connect to MySQL server (Connection refused)"))


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def silence() -> tuple[Clock, Silence[str]]:
    clock = Clock()
    return clock, Silence(TRIAL, clock)


def test_a_server_that_answers_is_asked_by_all() -> None:
    _, servers = silence()
    assert [servers.may_ask("a") for _ in range(3)] == [True] * 3


def test_after_one_waited_for_nothing_one_tries_again_five_seconds_later() -> None:
    clock, servers = silence()
    assert servers.may_ask("a")
    servers.failed("a", TIMED_OUT)
    assert not servers.may_ask("a") and servers.may_ask("b")
    clock.seconds += SECONDS
    assert [servers.may_ask("a") for _ in range(3)] == [True, False, False]
    servers.failed("a", TIMED_OUT)
    clock.seconds += SECONDS
    assert servers.may_ask("a")
    servers.spoke("a")
    assert [servers.may_ask("a") for _ in range(3)] == [True] * 3


def test_a_server_that_refuses_is_no_silent_one() -> None:
    clock, servers = silence()
    servers.failed("a", REFUSED)
    assert servers.may_ask("a")
    servers.failed("a", TIMED_OUT)
    clock.seconds += SECONDS
    assert servers.may_ask("a")
    servers.failed("a", REFUSED)  # the machine is back, the server not yet
    assert [servers.may_ask("a") for _ in range(3)] == [True] * 3


def test_who_did_not_get_as_far_as_the_server_says_nothing_of_it() -> None:
    clock, servers = silence()
    servers.failed("a", TimeoutError("no connection of the pool is free"))
    assert servers.may_ask("a")
    servers.failed("a", TIMED_OUT)
    clock.seconds += SECONDS
    assert servers.may_ask("a")
    servers.failed("a", TimeoutError("no connection of the pool is free"))
    assert not servers.may_ask("a")


def test_who_tries_and_never_tells_is_followed_by_another() -> None:
    clock, servers = silence()
    servers.failed("a", TIMED_OUT)
    clock.seconds += SECONDS
    assert servers.may_ask("a") and not servers.may_ask("a")
    clock.seconds += TRIAL
    assert servers.may_ask("a")
