"""Answers that need not be of this second."""

import pytest

from riverline.errors import Transient
from riverline_api.http.stale_cache import MOST, StaleWhileRevalidate


class Desk:
    """A clock, what is left to be run, and numbers in the place of answers."""

    def __init__(self):
        self.now, self.later, self.made = 0.0, [], 0
        self.known = StaleWhileRevalidate(30, 300, lambda: self.now, self.later.append)

    def ask(self, key="a"):
        return self.known.get(key, self.make)

    def make(self):
        self.made += 1
        return self.made

    def run(self):
        while self.later:
            self.later.pop()()


@pytest.fixture
def desk():
    return Desk()


def test_an_answer_is_made_once(desk):
    assert [desk.ask(), desk.ask(), desk.ask("b"), desk.ask()] == [1, 1, 2, 1]
    assert not desk.later


def test_an_older_answer_is_given_and_made_anew_meanwhile_once(desk):
    desk.ask()
    desk.now = 30
    assert [desk.ask(), desk.ask()] == [1, 1]
    assert len(desk.later) == 1
    desk.run()
    assert desk.ask() == 2
    assert not desk.later


def test_an_answer_that_is_too_old_is_waited_for(desk):
    desk.ask()
    desk.now = 300
    assert desk.ask() == 2


def test_where_it_cannot_be_made_anew_the_older_one_stays_and_the_next_tries_again(desk):
    desk.ask()
    desk.now = 30
    desk.known.get("a", lambda: (_ for _ in ()).throw(Transient("away")))
    desk.run()
    assert desk.ask() == 1
    desk.run()
    assert desk.ask() == 2


def test_without_an_answer_the_error_is_told(desk):
    with pytest.raises(Transient):
        desk.known.get("a", lambda: (_ for _ in ()).throw(Transient("away")))


def test_of_too_many_answers_the_oldest_is_left_out_alone(desk):
    for key in range(MOST + 1):
        desk.ask(key)
    assert [desk.ask(1), desk.ask(MOST), desk.ask(0)] == [2, MOST + 1, MOST + 2]
