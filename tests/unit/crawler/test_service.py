"""A crawler that goes on: what it takes, holds and lets go."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from crawler import service as module
from crawler.robots import EVERYTHING
from crawler.service import CHECK_SECONDS, Plan, Service
from crawler.turns import FREE
from riverline.errors import Transient
from riverline.model import Target
from riverline.settings import Crawl, Settings
from riverline.stores.memory import MemoryLog
from riverline.stores.memory_targets import MemoryTargets

A = Target("a", start_urls=("http://localhost:9/",), rate=100.0, interval=600)


class Desk:
    """A service whose turns a test takes by hand, without a network."""

    def __init__(self, home: Path, targets: MemoryTargets, **plan: bool) -> None:
        settings = Settings(home=home, crawl=Crawl())
        self.targets = targets
        self.service = Service(settings, targets, MemoryLog(), FREE, Plan("w", **plan))
        scheduler = SimpleNamespace(wake=lambda: None)
        self.service._crawler = SimpleNamespace(engine=SimpleNamespace(scheduler=scheduler))

    def turn(self, renew: bool = True) -> None:
        if renew:
            self.service._renewed_at = 0.0
        asyncio.run(self.service._turn())

    @property
    def held(self) -> list[str]:
        return sorted(self.service._books.rounds)

    def finish(self, name: str) -> None:
        """Plays the end of every address of a round."""
        books, frontier, now = self.service._books, self.service._job.frontier, time.monotonic()
        while frontier.waiting:
            now += 100.0
            visit = frontier.next(now)
            frontier.done(visit, now)
            if visit.robots_of:
                frontier.rules(visit, EVERYTHING, now)
            else:
                books.over(visit)
        assert books.rounds[name].open == 0


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, MemoryTargets())


def test_a_target_that_is_due_is_taken_and_let_go_when_its_round_is_over(desk: Desk) -> None:
    desk.targets.add(A)
    desk.turn()
    assert desk.held == ["a"]
    assert desk.targets.get("a").worker == "w"
    desk.finish("a")
    desk.turn()
    entry = desk.targets.get("a")
    assert desk.held == []
    assert (entry.worker, entry.progress["requested"], entry.progress["waiting"]) == ("", 1, 0)


def test_a_target_that_is_disabled_or_removed_is_let_go(desk: Desk) -> None:
    desk.targets.add(A)
    desk.targets.add(replace(A, name="b"))
    desk.turn()
    desk.targets.replace("a", replace(A, enabled=False))
    desk.targets.remove("b")
    desk.turn()
    assert desk.held == []


def test_a_target_that_was_changed_goes_on_as_it_is_now(desk: Desk) -> None:
    desk.targets.add(A)
    desk.turn()
    desk.targets.replace("a", replace(A, rate=7.0))
    desk.turn()
    assert desk.service._books.rounds["a"].target.rate == 7.0


def test_no_more_targets_are_held_than_the_setting_says(tmp_path: Path) -> None:
    desk = Desk(tmp_path, MemoryTargets())
    for number in range(desk.service._settings.crawl.rounds + 3):
        desk.targets.add(replace(A, name=f"t{number}"))
    desk.turn()
    assert len(desk.held) == desk.service._settings.crawl.rounds


def test_a_target_on_the_internet_without_a_contact_is_looked_at_later_and_says_why(desk: Desk) -> None:
    desk.targets.add(replace(A, start_urls=("http://a.example/",)))
    desk.turn()
    entry = desk.targets.get("a")
    assert desk.held == []
    assert "RIVERLINE_CRAWL__CONTACT" in entry.progress["problem"]
    assert CHECK_SECONDS * 900 < entry.due_at - desk.targets._now_ms() <= CHECK_SECONDS * 1000


def test_what_cannot_be_renewed_is_let_go_before_another_may_take_it(desk: Desk, monkeypatch) -> None:
    desk.targets.add(A)
    desk.turn()
    monkeypatch.setattr(desk.targets, "renew", _away)
    now = time.monotonic()
    desk.service._renewed_at = now - module.RENEW_SECONDS
    with pytest.raises(Transient):
        desk.turn(renew=False)
    assert desk.held == ["a"]
    desk.service._renewed_at = now - module.HOLD_SECONDS - 1
    with pytest.raises(Transient):
        desk.turn(renew=False)
    assert desk.held == []


def test_a_round_that_ends_while_the_targets_are_away_is_not_crawled_again(desk: Desk, monkeypatch) -> None:
    desk.targets.add(A)
    desk.turn()
    desk.finish("a")
    with monkeypatch.context() as patched:
        patched.setattr(desk.targets, "release", _away)
        with pytest.raises(Transient):
            desk.turn()
    desk.turn()
    entry = desk.targets.get("a")
    assert entry.worker == ""
    assert entry.due_at > desk.targets._now_ms()


def _away(*_: object) -> None:
    raise Transient("away")
