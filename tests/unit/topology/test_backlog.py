"""However slow its pages are, a backlog is worked off at the rate of a plain loop, and no page is parsed twice."""

import pytest

from riverline.settings import Settings
from tests.support.backlog import Backlog


def backlog(monkeypatch, pages, cost, patience=0.5, **topology):
    settings = Settings()
    wanted = settings.topology.model_copy(update={"parsers": 1, **topology})
    return Backlog(pages, cost, settings.model_copy(update={"topology": wanted}), monkeypatch, patience)


def began(made):
    return made.clock.now - 1000.0


@pytest.mark.parametrize("parsers", [1, 2, 4])
@pytest.mark.parametrize("seconds", [0.1, 1.0, 5.0, 20.0])
def test_slow_pages_are_parsed_once_each_as_fast_as_the_parsers_can(monkeypatch, seconds, parsers):
    made = backlog(monkeypatch, 1500, lambda offset: seconds, parsers=parsers)
    work = 1500 * seconds / parsers
    assert made.run(1.05 * work + 5)
    assert len(made.parsed) == 1500
    assert set(made.parsed.values()) == set(made.sent.values()) == {1}


def test_without_the_window_and_the_patience_mostly_copies_are_worked_on(monkeypatch):
    made = backlog(monkeypatch, 1500, lambda offset: 1.0, patience=100.0)
    made.spout.window.least = made.spout.window.most
    assert not made.run(2 * 1500)
    assert sum(made.parsed.values()) > 2 * len(made.parsed)


@pytest.mark.parametrize("seconds", [1.0, 5.0])
def test_pages_that_become_slow_while_a_full_window_is_out_cost_no_work(monkeypatch, seconds):
    made = backlog(monkeypatch, 2500, lambda offset: 0.01 if offset < 1500 else seconds)
    assert made.run(1.05 * (15 + 1000 * seconds) + 60)
    assert set(made.parsed.values()) == {1}


def test_pages_of_every_cost_are_parsed_once(monkeypatch):
    costs = [0.05, 0.05, 9.0, 0.2, 0.05, 3.0, 0.05]
    made = backlog(monkeypatch, 1400, lambda offset: costs[offset % 7], parsers=2)
    assert made.run(1.2 * 200 * sum(costs) / 2 + 60)
    assert set(made.parsed.values()) == {1}


@pytest.mark.parametrize("minutes", [2, 5, 60])
def test_while_the_index_is_away_few_copies_are_sent_and_afterwards_all_goes_on_at_once(monkeypatch, minutes):
    made = backlog(monkeypatch, 5000, lambda offset: 0.02, parsers=2)
    assert made.run(60, lambda: len(made.fated) > 1000)
    made.away = True
    made.run(minutes * 60, lambda: False)
    held = len(made.held)
    assert sum(made.parsed.values()) - len(made.parsed) <= 6 * minutes
    assert held <= 250 + 6 * minutes
    back = began(made)
    made.comes_back()
    assert made.run(120)
    assert began(made) - back < 1.3 * (5000 - 1000) * 0.02 / 2 + 5
    assert len(made.fated) == 5000
    assert made.spout.tracker.bytes_in_flight == 0


def test_what_died_with_a_worker_is_sent_again_after_the_message_timeout(monkeypatch):
    made = backlog(monkeypatch, 600, lambda offset: 1.0, parsers=2)
    made.run(100, lambda: False)
    made.lose_queues()
    assert made.run(0.6 * 600 + 130)
    assert len(made.fated) == 600


def test_a_full_account_of_bytes_that_died_with_a_worker_stops_nothing(monkeypatch):
    made = backlog(monkeypatch, 600, lambda offset: 0.1, in_flight_bytes=8 << 20)
    made.run(10, lambda: False)
    made.spout.most_bytes = made.spout.tracker.bytes_in_flight
    made.lose_queues()
    assert made.run(300)
    assert len(made.fated) == 600


@pytest.mark.parametrize("seconds", [0.3, 1.0, 5.0])
def test_slow_pages_among_many_that_no_parser_sees_are_parsed_once_each(monkeypatch, seconds):
    made = backlog(monkeypatch, 3000, lambda offset: 0 if offset % 10 else seconds)
    assert made.run(1.05 * 300 * seconds + 15)
    assert set(made.parsed.values()) == {1} and len(made.parsed) == 300
    assert sum(made.sent.values()) < 1.25 * 3000
