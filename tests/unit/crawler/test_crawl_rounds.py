"""Rounds: what a crawl asks for, again and after a crash."""

from dataclasses import replace
from pathlib import Path

import pytest

from riverline.crawl.contracts import StoredTarget
from riverline.crawl.robots import EVERYTHING
from riverline.crawl.targets import hosts_of
from riverline.model import Page, Target
from riverline_crawler.scheduling.crawl_rounds import Rounds
from riverline_crawler.scheduling.fetch_item import FetchItem
from riverline_crawler.scheduling.frontier import Frontier, FrontierPolicy
from riverline_crawler.stats import CrawlStats, Report

HOUR = 3_600_000
A = Target("a", start_urls=("http://a.example/",), rate=1000.0, concurrency=4)
ENTRY = StoredTarget(7, A, 1, 0)


class Desk:
    """A process that crawls; another one on the same folder is the next one after a crash."""

    def __init__(self, folder: Path, now_ms: int = 0) -> None:
        self.now_ms, self.now = now_ms, 0.0
        self.crawl_state = Rounds(folder, lambda: self.now_ms)
        self.frontier = self.crawl_state.frontier = Frontier(Report(), FrontierPolicy(hosts_of), self.crawl_state)

    def begin(self, entry: StoredTarget = ENTRY) -> None:
        self.crawl_state.begin(entry, self.now)

    def visits(self, most: int = 1_000) -> list[FetchItem]:
        """Takes what there is to visit, at most so many pages; robots.txt allows all."""
        taken: list[FetchItem] = []
        while len(taken) < most and self.frontier.waiting:
            self.now += 1.0
            visit = self.frontier.next(self.now)
            if visit is None:
                break
            self.frontier.done(visit, self.now)
            if visit.robots_of:
                self.frontier.rules(visit, EVERYTHING, self.now)
            else:
                taken.append(visit)
        return taken

    def store(self, visit: FetchItem, *links: str, digest: str = "d") -> None:
        for link in links:
            self.frontier.add(link, A, visit.depth + 1, self.now)
        self.crawl_state.stored(visit, Page(visit.url, visit.key, b"", etag='"1"'), digest)

    @property
    def open(self) -> int:
        return self.crawl_state.rounds["a"].open


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.begin()
    return made


def paths(visits: list[FetchItem]) -> list[str]:
    return sorted(visit.url.removeprefix("http://a.example") for visit in visits)


def test_a_round_is_over_when_every_address_has_ended(desk: Desk) -> None:
    (start,) = desk.visits()
    desk.store(start, "http://a.example/1", "http://a.example/2")
    one, two = desk.visits()
    desk.crawl_state.over(one)
    assert desk.open == 1
    desk.crawl_state.unchanged(two)
    assert desk.open == 0


def test_a_crawl_that_was_killed_goes_on_with_what_had_not_ended(desk: Desk, tmp_path: Path) -> None:
    (start,) = desk.visits()
    desk.store(start, *(f"http://a.example/{n}" for n in range(4)))
    desk.store(desk.visits(1)[0])
    desk.visits(1)  # in flight when the process is killed
    after = Desk(tmp_path)
    after.begin()
    assert len(after.visits()) == 3
    assert after.open == 3


def test_the_next_round_asks_for_start_addresses_and_what_is_due_with_its_validators(
    desk: Desk, tmp_path: Path
) -> None:
    (start,) = desk.visits()
    desk.store(start, "http://a.example/1")
    (one,) = desk.visits()
    desk.store(one)
    desk.crawl_state.let_go("a", ended=True)
    later = Desk(tmp_path, HOUR)
    later.begin()
    (again,) = later.visits()
    assert (again.url, again.etag, again.digest) == ("http://a.example/", '"1"', "d")
    assert later.crawl_state.is_unchanged(again, "d")
    later.crawl_state.unchanged(again)
    later.crawl_state.let_go("a", ended=True)
    much_later = Desk(tmp_path, 30 * HOUR)
    much_later.begin()
    assert paths(much_later.visits()) == ["/", "/1"]


def test_what_a_round_knew_is_not_added_anew(desk: Desk, tmp_path: Path) -> None:
    (start,) = desk.visits()
    desk.store(start, "http://a.example/1")
    desk.store(desk.visits()[0])
    desk.crawl_state.let_go("a", ended=True)
    later = Desk(tmp_path, HOUR)
    later.begin()
    assert not later.frontier.add("http://a.example/1", A, 1, 0.0)


def test_what_ends_after_its_target_was_let_go_is_nobody_s(desk: Desk) -> None:
    (start,) = desk.visits()
    desk.crawl_state.let_go("a", ended=False)
    assert not desk.crawl_state.is_open(start)
    desk.crawl_state.begin(replace(ENTRY, target=replace(A), revision=2), desk.now)
    assert not desk.crawl_state.is_open(start)
    desk.crawl_state.over(start)
    assert desk.open == 1


def test_a_target_that_leaves_takes_what_waits_with_it_and_leaves_others_alone(desk: Desk) -> None:
    other = replace(A, name="b", rate=0.5)
    desk.crawl_state.begin(StoredTarget(8, replace(other, start_urls=("http://a.example/b",)), 1, 0), desk.now)
    desk.crawl_state.let_go("b", ended=False)
    assert paths(desk.visits()) == ["/"]


def test_a_page_that_is_missing_twice_in_a_row_is_gone(desk: Desk, tmp_path: Path) -> None:
    (start,) = desk.visits()
    desk.store(start)
    desk.crawl_state.let_go("a", ended=True)
    for round_number, gone in ((1, False), (2, True)):
        later = Desk(tmp_path, round_number * HOUR)
        later.begin()
        (start,) = later.visits()
        assert later.crawl_state.missing(start) is gone
        if gone:
            later.crawl_state.gone(start)
        assert later.open == 0
        later.crawl_state.let_go("a", ended=True)


def test_the_pages_asked_for_before_a_crash_count(tmp_path: Path) -> None:
    few = replace(ENTRY, target=replace(A, max_pages=3))
    first = Desk(tmp_path)
    first.begin(few)
    (start,) = first.visits()
    for n in range(5):
        first.frontier.add(f"http://a.example/{n}", few.target, 1, 0.0)
    first.crawl_state.over(start)
    after = Desk(tmp_path)
    after.begin(few)
    assert len(after.visits()) == 2
    assert after.open == 2


def test_a_round_that_ends_stands_behind_those_before_it(desk: Desk) -> None:
    before = [{"at": n, "fetched": 1, "unchanged": 0, "errors": 0, "seconds": 1.0} for n in range(12)]
    desk.begin(replace(ENTRY, progress={"rounds": before}))
    counts = CrawlStats(fetched=3)
    counts.gave_up("timeout", "http://a.example/slow")
    ended = desk.crawl_state.rounds["a"].ended(counts, 99)
    assert [one["at"] for one in ended["rounds"]] == [*range(3, 12), 99]
    assert ended["rounds"][-1]["fetched"] == 3 and ended["rounds"][-1]["errors"] == 1
    assert ended["reasons"] == {"timeout": "http://a.example/slow (1)"}
