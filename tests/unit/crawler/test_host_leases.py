"""Frontiers of several processes that share turns at hosts."""

from itertools import pairwise

import pytest

from riverline.crawl.robots import EVERYTHING, rules_of
from riverline.crawl.targets import hosts_of
from riverline.errors import Transient
from riverline.model import Target
from riverline_crawler.scheduling.frontier import AWAY_SECONDS, Frontier, FrontierPolicy
from riverline_crawler.scheduling.host_leases import SharedHostLeases
from riverline_crawler.scheduling.host_scheduler import MemoryHostScheduler
from riverline_crawler.stats import Report


def target(**more: object) -> Target:
    return Target(**{"name": "a", "start_urls": ("http://a.example/",), "rate": 10.0, "concurrency": 4, **more})


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Away(MemoryHostScheduler):
    """A server that does not answer while `away`."""

    away = False

    def start(self, host: str, token: str, busy: float, look: float) -> float:
        if self.away:
            raise Transient("away")
        return super().start(host, token, busy, look)


def frontiers(clock: Clock, scheduler: MemoryHostScheduler, how_many: int = 2) -> list[Frontier]:
    leases = [SharedHostLeases(scheduler, "Bot", f"crawler {number}") for number in range(how_many)]
    return [Frontier(Report(), FrontierPolicy(hosts_of), leases=each) for each in leases]


def crawled(
    clock: Clock, crawlers: list[Frontier], taken: float, robots: bytes = b""
) -> list[tuple[float, float, str]]:
    """Plays the network; every answer takes `taken` seconds. Gives start, end and address of every request."""
    in_flight: list[tuple[float, Frontier, object]] = []
    done = []
    for _ in range(10_000):
        for crawler in crawlers:
            while visit := crawler.next(clock.now):
                in_flight.append((clock.now + taken, crawler, visit))
                done.append((clock.now, clock.now + taken, visit.url))
        pauses = [pause for crawler in crawlers if (pause := crawler.wakeup(clock.now)) is not None]
        times = [at for at, _, _ in in_flight] + [clock.now + pause for pause in pauses]
        if not times:
            return done
        clock.now = max(clock.now, min(times)) + 1e-6
        for flight in [flight for flight in in_flight if flight[0] <= clock.now]:
            in_flight.remove(flight)
            _, crawler, visit = flight
            crawler.done(visit, clock.now, worked=True)
            if visit.robots_of:
                crawler.rules(visit, rules_of(200, robots, "Bot") if robots else EVERYTHING, clock.now)
    raise AssertionError("the crawl never ends")


def test_two_crawlers_together_keep_to_the_rate_of_a_host() -> None:
    clock = Clock()
    crawlers = frontiers(clock, MemoryHostScheduler(clock))
    for number, crawler in enumerate(crawlers):
        for page in range(10):
            crawler.add(f"http://a.example/{number}-{page}", target(), 0, 0.0)
    requests = crawled(clock, crawlers, taken=0.05)
    assert len([url for _, _, url in requests if "robots" not in url]) == 20
    assert all(later[0] - earlier[1] >= 0.1 - 1e-9 for earlier, later in pairwise(requests))


def test_two_crawlers_together_keep_a_crawl_delay_one_request_at_a_time() -> None:
    clock = Clock()
    crawlers = frontiers(clock, MemoryHostScheduler(clock))
    for number, crawler in enumerate(crawlers):
        for page in range(3):
            crawler.add(f"http://a.example/{number}-{page}", target(), 0, 0.0)
    requests = crawled(clock, crawlers, taken=0.5, robots=b"User-agent: *\nCrawl-delay: 2")
    pages = [request for request in requests if "robots" not in request[2]]
    assert len(pages) == 6
    assert all(later[0] - earlier[1] >= 2.0 - 1e-9 for earlier, later in pairwise(pages))


def test_two_crawlers_of_a_target_with_a_concurrency_of_one_never_ask_at_the_same_time() -> None:
    clock = Clock()
    crawlers = frontiers(clock, MemoryHostScheduler(clock))
    for number, crawler in enumerate(crawlers):
        for page in range(5):
            crawler.add(f"http://a.example/{number}-{page}", target(concurrency=1), 0, 0.0)
    requests = crawled(clock, crawlers, taken=1.5)
    assert all(later[0] - earlier[1] >= 0.1 - 1e-9 for earlier, later in pairwise(requests))


@pytest.mark.parametrize(("concurrency", "taken"), [(1, 0.03), (1, 0.7), (4, 0.03), (4, 0.7), (4, 3.0)])
def test_crawlers_take_turns_at_a_host_and_none_waits_for_the_end_of_another(concurrency: int, taken: float) -> None:
    clock = Clock()
    crawlers = frontiers(clock, MemoryHostScheduler(clock), 3)
    for number, crawler in enumerate(crawlers):
        for page in range(30):
            crawler.add(f"http://a.example/{number}-{page}", target(concurrency=concurrency), 0, 0.0)
    pages = [url[-4:].strip("/") for _, _, url in crawled(clock, crawlers, taken) if "robots" not in url]
    first = [page.partition("-")[0] for page in pages[:45]]
    assert all(first.count(number) >= 10 for number in "012"), first


@pytest.mark.parametrize("taken", [0.03, 0.3, 1.5, 4.0])
def test_requests_of_two_crawlers_reach_a_slow_host_an_interval_apart(taken: float) -> None:
    clock = Clock()
    crawlers = frontiers(clock, MemoryHostScheduler(clock))
    for number, crawler in enumerate(crawlers):
        for page in range(10):
            crawler.add(f"http://a.example/{number}-{page}", target(), 0, 0.0)
    requests = crawled(clock, crawlers, taken)
    assert all(later[0] - earlier[0] >= 0.1 for earlier, later in pairwise(requests))


def test_while_turns_cannot_be_asked_for_nothing_is_requested_and_then_all_is() -> None:
    clock = Clock()
    scheduler = Away(clock)
    (crawler,) = frontiers(clock, scheduler, 1)
    scheduler.away = True
    crawler.add("http://a.example/x", target(), 0, 0.0)
    assert crawler.next(0.0) is None
    assert crawler.report.paused == 1
    assert crawler.wakeup(0.0) == AWAY_SECONDS
    scheduler.away = False
    assert [url for _, _, url in crawled(clock, [crawler], 0.01)][-1] == "http://a.example/x"


def test_a_robots_txt_that_another_has_read_is_not_asked_for_again() -> None:
    clock = Clock()
    scheduler = MemoryHostScheduler(clock)
    scheduler.keep_robots(
        "http://a.example", 200, b"User-agent: *\nDisallow: /private\nSitemap: http://a.example/map.xml"
    )
    (crawler,) = frontiers(clock, scheduler, 1)
    for path in ("private", "x"):
        crawler.add(f"http://a.example/{path}", target(), 0, 0.0)
    assert [url for _, _, url in crawled(clock, [crawler], 0.01)] == ["http://a.example/x", "http://a.example/map.xml"]
    assert crawler.report.of("a").refused == {"robots": 1}


def test_only_what_was_read_is_kept_for_others() -> None:
    scheduler = MemoryHostScheduler()
    leases = SharedHostLeases(scheduler, "Bot")
    leases.keep("http://a.example", 503, b"")
    assert scheduler.robots("http://a.example") is None
    leases.keep("http://a.example", 404, b"")
    assert scheduler.robots("http://a.example") == (404, b"")


def test_an_api_is_asked_as_long_as_its_quota_lasts_and_without_a_robots_txt() -> None:
    clock = Clock()
    leases = SharedHostLeases(MemoryHostScheduler(clock), "Bot", quota=250, day=lambda: "today")
    crawler = Frontier(Report(), FrontierPolicy(hosts_of, price=lambda visit: 100), leases=leases)
    for number in range(4):
        crawler.add(f"http://a.example/{number}", target(), 0, 0.0)
    assert [url for _, _, url in crawled(clock, [crawler], 0.01)] == ["http://a.example/0", "http://a.example/1"]
    assert crawler.report.of("a").refused == {"quota": 2}
