"""The supervisor's poller watches what is asked for, once."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable

import pytest
from supervisor.poller import PollPoller

from riverline_stack.supervision.supervisord import FreshPoller

Make = Callable[[None], PollPoller]


def reused(poller: PollPoller) -> int:
    """The write end of a pipe nobody reads, with the number of a connection that was closed while it was watched."""
    here, there = socket.socketpair()
    number = here.fileno()
    poller.register_readable(number)
    there.close()
    assert poller.poll(1) == ([number], [])
    here.close()
    reading, writing = os.pipe()
    if reading == number:  # the lowest that is free
        os.dup2(writing, number)
        os.close(writing)
    else:
        assert writing == number
        os.close(reading)
    return number


def seconds_of(poller: PollPoller, timeout: float) -> float:
    began = time.monotonic()
    assert poller.poll(timeout) == ([], [])
    return time.monotonic() - began


@pytest.mark.parametrize(("make", "rests"), [(PollPoller, False), (FreshPoller, True)])
def test_a_number_that_is_used_again_is_not_watched(make: Make, rests: bool) -> None:
    """Supervisor's own poller returns at once, with nothing, for ever: this is what the other is for."""
    poller = make(None)
    number = reused(poller)
    try:
        assert (seconds_of(poller, 0.3) >= 0.29) == rests
    finally:
        os.close(number)


def test_an_error_is_told_to_whoever_waits() -> None:
    poller = FreshPoller(None)
    reading, writing = os.pipe()
    os.close(reading)
    poller.register_writable(writing)
    assert poller.poll(1) == ([], [writing])
    poller.register_readable(writing)
    assert poller.poll(1) == ([writing], [])
    os.close(writing)


def test_what_is_closed_is_left_out() -> None:
    poller = FreshPoller(None)
    reading, writing = os.pipe()
    poller.register_readable(reading)
    os.close(reading)
    os.close(writing)
    assert poller.poll(1) == ([], [])


def test_both_directions_of_one_connection_are_watched() -> None:
    poller = FreshPoller(None)
    here, there = socket.socketpair()
    with here, there:
        there.send(b"x")
        poller.register_readable(here.fileno())
        poller.register_writable(here.fileno())
        assert poller.poll(1) == ([here.fileno()], [here.fileno()])
