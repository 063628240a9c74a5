"""A crawler that goes on: what it takes, holds and lets go."""

import asyncio
import math
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from riverline.crawl.contracts import StoredTarget
from riverline.crawl.robots import EVERYTHING
from riverline.errors import Transient
from riverline.model import Target
from riverline.settings import Crawl, Settings
from riverline.testing.memory import MemoryLog
from riverline.testing.memory_targets import MemoryTargets
from riverline_crawler import service as module
from riverline_crawler.scheduling.host_leases import FREE
from riverline_crawler.service import CHECK_SECONDS, CrawlPlan, Service

A = Target("a", start_urls=("http://localhost:9/",), rate=100.0, interval=600)


class Desk:
    """A service whose turns a test takes by hand, without a network."""

    def __init__(self, home: Path, targets: MemoryTargets, **plan: bool) -> None:
        settings = Settings(home=home, crawl=Crawl(private=("localhost",)))
        self.targets = targets
        self.service = Service(settings, targets, MemoryLog(), FREE, CrawlPlan("w", **plan))
        scheduler = SimpleNamespace(wake=lambda: None)
        self.service._crawler = SimpleNamespace(engine=SimpleNamespace(scheduler=scheduler))

    def turn(self, renew: bool = True) -> None:
        if renew:
            self.service._renewed_at = 0.0
        asyncio.run(self.service._turn())

    @property
    def held(self) -> list[str]:
        return sorted(self.service._crawl_state.rounds)

    def finish(self, name: str) -> None:
        """Plays the end of every address of a round."""
        crawl_state, frontier, now = self.service._crawl_state, self.service._job.frontier, time.monotonic()
        crawl_state.held_until = math.inf
        while frontier.waiting:
            now += 100.0
            visit = frontier.next(now)
            frontier.done(visit, now)
            if visit.robots_of:
                frontier.rules(visit, EVERYTHING, now)
            else:
                crawl_state.over(visit)
        assert crawl_state.rounds[name].open == 0


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


def test_a_private_host_that_nobody_opened_is_not_crawled_and_the_target_says_so(desk: Desk) -> None:
    desk.targets.add(replace(A, start_urls=("http://127.0.0.2:9200/",)))
    desk.turn()
    entry = desk.targets.get("a")
    assert (desk.held, entry.worker) == ([], "")
    assert "RIVERLINE_CRAWL__PRIVATE" in entry.progress["problem"]


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
    assert desk.service._crawl_state.rounds["a"].target.rate == 7.0


def test_while_nothing_is_due_targets_are_looked_for_less_often(desk: Desk, monkeypatch) -> None:
    asked: list[int] = []
    claim = desk.targets.claim
    monkeypatch.setattr(desk.targets, "claim", lambda worker, room: asked.append(room) or claim(worker, room))
    desk.turn()
    desk.targets.add(A)
    desk.turn()
    assert len(asked) == 1 and desk.held == []
    desk.service._idle_until -= module.CLAIM_SECONDS
    desk.turn()
    assert len(asked) == 2 and desk.held == ["a"]


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
    desk.service._hold(now - module.HOLD_SECONDS)
    desk.service._end_overdue()
    assert desk.held == []


def test_a_lease_counts_from_when_it_was_asked_for(desk: Desk, monkeypatch) -> None:
    desk.targets.add(A)
    desk.turn()
    renew, answered = desk.targets.renew, []

    def late(*arguments):
        held = renew(*arguments)
        time.sleep(0.2)  # on the answer's way
        answered.append(time.monotonic())
        return held

    monkeypatch.setattr(desk.targets, "renew", late)
    desk.turn()
    assert desk.service._crawl_state.held_until <= answered[0] - 0.2 + module.HOLD_SECONDS


def test_a_renewal_that_hangs_is_given_up_in_time(desk: Desk, monkeypatch) -> None:
    desk.targets.add(A)
    desk.turn()
    hangs = threading.Event()
    monkeypatch.setattr(module, "ASK_SECONDS", 0.05)
    monkeypatch.setattr(desk.targets, "renew", lambda *_: hangs.wait(30) and {})

    async def turn() -> None:
        with pytest.raises(Transient, match="did not answer"):
            await asyncio.wait_for(desk.service._turn(), 10)
        hangs.set()

    desk.service._renewed_at = 0.0
    asyncio.run(turn())


def test_work_ends_in_time_though_another_question_hangs(desk: Desk, monkeypatch) -> None:
    desk.targets.add(A)
    desk.turn()
    hangs, asked = threading.Event(), threading.Event()

    def hang(*_: object) -> list[StoredTarget]:
        asked.set()
        hangs.wait(30)
        return []

    async def crawl() -> None:
        desk.service._crawler.crawling = True
        desk.service._start()
        until = time.monotonic() + 20
        while desk.held or not asked.is_set():
            assert time.monotonic() < until, "it is still held"
            await asyncio.sleep(0.01)
        desk.service._crawler.crawling = False
        hangs.set()
        await asyncio.gather(*desk.service._tasks)

    monkeypatch.setattr(module, "TURN_SECONDS", 0.01)
    monkeypatch.setattr(desk.targets, "claim", hang)
    desk.service._crawl_state.held_until = time.monotonic() + 0.5
    asyncio.run(crawl())


def test_nothing_is_asked_of_a_site_once_another_may_have_taken_it(desk: Desk) -> None:
    desk.targets.add(A)
    desk.turn()
    frontier, now = desk.service._job.frontier, desk.service._crawl_state.held_until
    assert frontier.next(now) is None and frontier.wakeup(now) > 0
    assert frontier.next(now - 1.0)


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
