"""Asking again what failed for a reason that passes."""

from __future__ import annotations

import time

import pytest

from riverline.errors import Invalid, Transient
from riverline.retry import retried


class Server:
    """Fails so many times with an error, then answers."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.asked, self._failures, self._error = 0, failures, error

    def __call__(self) -> int:
        self.asked += 1
        if self.asked <= self._failures:
            raise self._error
        return self.asked


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Those that were slept, of no time."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def test_what_passes_is_asked_again_until_it_answers(pauses: list[float]) -> None:
    assert retried(Server(3, Transient("away")), pause=0.1, seconds=60) == 4
    assert pauses == [0.1, 0.1, 0.1]


def test_pauses_double_up_to_the_longest(pauses: list[float]) -> None:
    retried(Server(5, Transient("away")), pause=0.5, longest_pause=3, seconds=60)
    assert pauses == [0.5, 1, 2, 3, 3]


def test_after_the_last_attempt_its_own_error_is_raised(pauses: list[float]) -> None:
    server = Server(9, Transient("away"))
    with pytest.raises(Transient, match="away"):
        retried(server, pause=0.5, attempts=3)
    assert server.asked == 3 and pauses == [0.5, 0.5]


def test_after_its_time_its_own_error_is_raised() -> None:
    with pytest.raises(Transient, match="away"):
        retried(Server(10**6, Transient("away")), pause=0.001, seconds=0.02)


def test_other_errors_are_not_retried() -> None:
    server = Server(1, Invalid("wrong"))
    with pytest.raises(Invalid):
        retried(server, pause=0.1, attempts=3)
    assert server.asked == 1


def test_a_function_may_say_what_passes(pauses: list[float]) -> None:
    assert retried(Server(1, ValueError("soon")), lambda error: "soon" in str(error), pause=0, attempts=2) == 2
    with pytest.raises(ValueError):
        retried(Server(1, ValueError("never")), lambda error: "soon" in str(error), pause=0, attempts=2)


def test_attempts_are_not_written_to_the_log(pauses: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    retried(Server(3, Transient("away")), pause=0.1, attempts=5)
    assert capsys.readouterr() == ("", "")
