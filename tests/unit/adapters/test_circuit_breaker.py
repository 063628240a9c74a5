"""A server that lets one wait for nothing keeps no other waiting."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from riverline.adapters import circuit_breaker
from riverline.adapters.circuit_breaker import Breaker, Gate
from riverline.adapters.mysql.server import SLOW, MysqlServer
from riverline.errors import Transient
from riverline.settings import Settings


def failed(text: str, *, lost: bool, statement: str = "SELECT 1") -> OperationalError:
    """What SQLAlchemy raises when the driver says so; `lost`: the connection with it."""
    return OperationalError(statement, None, Exception(2013, text), connection_invalidated=lost)


def slow(statement: str = "SELECT 1") -> OperationalError:
    return failed("Lost connection to MySQL server during query (timed out)", lost=True, statement=statement)


class Stage:
    """A gate before a server that answers while `well`, a clock, and what is done beside the caller when told to."""

    def __init__(self) -> None:
        self.well, self.now, self.beside = True, 100.0, list[Callable[[], None]]()
        self.gate = Gate(self.look, pause=1, probe=5, wait=0, monotonic=lambda: self.now, start=self.beside.append)

    def look(self) -> None:
        if not self.well:
            raise TimeoutError

    def seen(self) -> None:
        """What is done beside is done now."""
        while self.beside:
            self.beside.pop()()


def test_a_server_that_answers_is_asked_by_all() -> None:
    assert [Stage().gate.lets_through() for _ in range(3)] == [True] * 3


def test_nobody_waits_for_a_server_that_is_away_and_one_thread_looks_at_it_after_the_pause() -> None:
    stage = Stage()
    stage.gate.shut()
    assert not stage.gate.lets_through() and not stage.beside
    stage.now += 1
    assert [stage.gate.lets_through() for _ in range(3)] == [False] * 3
    assert len(stage.beside) == 1


def test_a_server_that_is_back_is_found_without_a_caller_s_time() -> None:
    stage = Stage()
    stage.well = False
    stage.gate.shut()
    for _ in range(3):
        stage.now += 1
        assert not stage.gate.lets_through()
        stage.seen()
    stage.well = True
    stage.now += 1
    assert not stage.gate.lets_through()
    stage.seen()
    assert stage.gate.lets_through()


def test_whoever_has_it_looked_at_goes_through_when_it_answers_at_once() -> None:
    stage = Stage()
    gate = Gate(stage.look, wait=10)
    gate.shut()
    gate._breaker.failed(-10)  # the pause is over
    assert gate.lets_through()


def test_a_look_that_never_ends_is_followed_by_another() -> None:
    stage = Stage()
    stage.gate.shut()
    stage.now += 1
    stage.gate.lets_through()
    stage.now += 4
    assert not stage.gate.lets_through() and len(stage.beside) == 1
    stage.now += 1
    assert not stage.gate.lets_through() and len(stage.beside) == 2


def test_processes_that_share_know_of_each_other_s_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuit_breaker, "_shared", [])
    circuit_breaker.share()
    if not (child := os.fork()):
        Breaker(1, name="a server").failed(50)
        os._exit(0)
    os.waitpid(child, 0)
    assert Breaker(1, name="a server").shut
    assert not Breaker(1, name="another").shut and not Breaker(1).shut


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    """One that nothing listens at; `away` holds what it does not do just now."""
    made: Any = MysqlServer(Settings(), "127.0.0.1:1", 3.0)
    made.away = set[str]()

    def done(statement: str) -> None:
        if ("write" if statement.startswith("INSERT") else "answer") in made.away:
            raise TimeoutError

    monkeypatch.setattr(made, "_done", done)
    return made


def test_a_slow_question_is_no_verdict_on_a_server_that_answers_others(server: Any) -> None:
    for _ in range(2 * SLOW):
        server.learn(slow("SELECT one"), writing=False)
    assert not server.answers.is_shut


def test_several_different_slow_questions_are(server: Any) -> None:
    for number in range(SLOW):
        assert not server.answers.is_shut
        server.learn(slow(f"SELECT {number}"), writing=False)
    assert server.answers.is_shut


def test_a_server_that_does_not_answer_anything_is_away(server: Any) -> None:
    server.away.add("answer")
    server.learn(slow(), writing=False)
    assert server.answers.is_shut
    with pytest.raises(Transient, match="does not answer"):
        server.connected()


def test_a_server_that_answers_and_takes_no_writes_is_away_for_writers(server: Any) -> None:
    server.away.add("write")
    server.learn(slow(), writing=False)
    assert not server.writes.is_shut
    server.learn(slow(), writing=True)
    assert server.writes.is_shut and not server.answers.is_shut


def test_a_refusal_is_an_answer(server: Any) -> None:
    server.away |= {"answer", "write"}
    server.learn(failed("Deadlock found", lost=False), writing=True)
    server.learn(failed("Can't connect to MySQL server (Connection refused)", lost=True), writing=True)
    assert not server.answers.is_shut and not server.writes.is_shut
    with pytest.raises(OperationalError, match="refused"):
        server.connected()
    assert not server.answers.is_shut
